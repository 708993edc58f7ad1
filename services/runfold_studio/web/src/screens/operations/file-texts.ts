import { defineTexts } from "@/i18n/language";

export const fileTexts = defineTexts(
  {
    upload: "Upload files",
    uploadHelp:
      "A file's bytes are stored once. What stands for it goes into inputs, answers and events.",
    files: "Files, the one that was stored or used last first",
    none: "No file is there. Those that are uploaded, and those that runs write, stand here.",
    file: "File",
    type: "Type",
    stored: "Stored",
    runs: "Runs",
    find: "Find runs",
    value: "What stands for it",
  },
  {
    upload: "上传文件",
    uploadHelp: "文件内容只存一份。代表它的值可用于输入、回答和事件。",
    files: "文件，最近存储或使用的在前",
    none: "还没有文件。上传的文件和运行写出的文件会出现在这里。",
    file: "文件",
    type: "类型",
    stored: "存储时间",
    runs: "运行",
    find: "查找运行",
    value: "代表它的值",
  },
);
