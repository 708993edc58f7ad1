import { defineTexts } from "@/i18n/language";

export const logTexts = defineTexts(
  {
    logTitle: "Look at a log",
    logHelp:
      "Drop a log here that `runfold events` or “Save the log” wrote. It is read in this page alone and sent nowhere.",
    logChoose: "Choose a file",
    logAnother: "Another file",
    logLine: (line: string, why: string) => `Line ${line} is not an event: ${why}`,
    logFields: "it has no type, seq and time",
    logEmpty: "The file has no events.",
  },
  {
    logTitle: "查看日志",
    logHelp:
      "把 `runfold events` 或“保存日志”写出的日志拖到这里。它只在本页读取，不会发送到任何地方。",
    logChoose: "选择文件",
    logAnother: "另一个文件",
    logLine: (line: string, why: string) => `第 ${line} 行不是事件：${why}`,
    logFields: "缺少 type、seq 和 time",
    logEmpty: "文件中没有事件。",
  },
);
