import { defineTexts } from "@/i18n/language";

export const valueTexts = defineTexts(
  {
    empty: "empty",
    more: (count: string) => `Show more (${count} left)`,
    whole: "Download all of it",
    tree: "Tree",
    table: "Table",
    json: "JSON",
    show: "Show as",
    picture: (name: string) => `The picture ${name}`,
    showPicture: "Show the picture",
    rowsLeft: (count: string) => `${count} more rows`,
  },
  {
    empty: "空",
    more: (count: string) => `显示更多（剩余 ${count}）`,
    whole: "下载全部",
    tree: "树",
    table: "表格",
    json: "JSON",
    show: "显示为",
    picture: (name: string) => `图片 ${name}`,
    showPicture: "显示图片",
    rowsLeft: (count: string) => `还有 ${count} 行`,
  },
);
