import { defineTexts } from "@/i18n/language";

export const shownTexts = defineTexts(
  { asMarkdown: "Show as Markdown", whole: "Download all of it" },
  { asMarkdown: "按 Markdown 显示", whole: "下载全文" },
);
