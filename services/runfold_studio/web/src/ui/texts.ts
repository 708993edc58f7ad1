import { defineTexts } from "@/i18n/language";

export const uiTexts = defineTexts(
  {
    more: "Show more",
    keep: "Leave it",
    close: "Close",
    done: (count: string) => `${count} done`,
    refused: (count: string) => `${count} refused`,
    selected: (count: string) => `${count} selected`,
    selectAll: "Select all that are shown",
    select: (name: string) => `Select ${name}`,
  },
  {
    more: "显示更多",
    keep: "不处理",
    close: "关闭",
    done: (count: string) => `${count} 个已完成`,
    refused: (count: string) => `${count} 个被拒绝`,
    selected: (count: string) => `已选 ${count} 个`,
    selectAll: "选择显示的全部",
    select: (name: string) => `选择 ${name}`,
  },
);
