import { defineTexts } from "@/i18n/language";

export const canvasTexts = defineTexts(
  {
    canvas: "Workflow as boxes and lines",
    unknownKind: "unknown kind",
    attempt: (number: number) => `attempt ${number}`,
    items: (done: number, total: number) => (total ? `${done} of ${total}` : `${done}`),
    failedItems: (failed: number) => `${failed} failed`,
    addAfter: (port: string) => `Add a node after ${port}`,
    problem: "has a problem",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    fit: "Fit all",
    overview: "Overview",
  },
  {
    canvas: "以方框和连线表示的工作流",
    unknownKind: "未知类型",
    attempt: (number: number) => `第 ${number} 次尝试`,
    items: (done: number, total: number) => (total ? `${done} / ${total}` : `${done}`),
    failedItems: (failed: number) => `${failed} 项失败`,
    addAfter: (port: string) => `在 ${port} 之后添加节点`,
    problem: "有问题",
    zoomIn: "放大",
    zoomOut: "缩小",
    fit: "全部显示",
    overview: "概览",
  },
);
