import { defineTexts } from "@/i18n/language";

export const importTexts = defineTexts(
  {
    importFile: "Import a file",
    drop: "Drop the file to import it",
    title: "Import",
    reading: "Reading…",
    refused: (name: string) => `${name} could not be read:`,
    passedOver: (count: number) =>
      count === 1
        ? "1 file of the zip is no workflow"
        : `${count} files of the zip are no workflows`,
    complete: "Every node has its counterpart here.",
    approximated: "Some nodes are not quite the same here.",
    incomplete: "Some nodes could not be taken over; they stand there as placeholders.",
    from: (format: string) => `from ${format}`,
    nodes: (count: number) => (count === 1 ? "1 node" : `${count} nodes`),
    mapped: "the same",
    unsupported: "placeholder",
    nearly: "not quite the same",
    needs: "What has to be given here",
    exists: (id: string) =>
      `There is a workflow ${id} already. Storing this replaces its draft; its versions stay.`,
    store: "Store as a draft and open it",
    storeAll: "Store as drafts",
    replace: "Replace the draft",
    close: "Close",
    allNodes: "All nodes",
  },
  {
    importFile: "导入文件",
    drop: "松开以导入文件",
    title: "导入",
    reading: "读取中…",
    refused: (name: string) => `${name} 无法读取：`,
    passedOver: (count: number) => `压缩包中有 ${count} 个文件不是工作流`,
    complete: "每个节点在这里都有对应。",
    approximated: "有些节点在这里不完全相同。",
    incomplete: "有些节点无法转换，以占位节点代替。",
    from: (format: string) => `来自 ${format}`,
    nodes: (count: number) => `${count} 个节点`,
    mapped: "相同",
    unsupported: "占位",
    nearly: "不完全相同",
    needs: "需要在这里提供的内容",
    exists: (id: string) => `已有工作流 ${id}。保存会替换它的草稿，已发布的版本不变。`,
    store: "存为草稿并打开",
    storeAll: "存为草稿",
    replace: "替换草稿",
    close: "关闭",
    allNodes: "全部节点",
  },
);
