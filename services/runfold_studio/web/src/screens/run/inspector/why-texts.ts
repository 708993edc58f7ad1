import { defineTexts } from "@/i18n/language";

export const whyTexts = defineTexts(
  {
    ranAfterAll: "It ran.",
    notTaken: (source: string, took: string, port: string) =>
      `${source} went on at ${took}; the edge to here leaves at ${port}.`,
    sourceSkipped: (source: string) => `${source} did not run, and nothing else led here.`,
    sourceCancelled: (source: string) => `${source} was given up.`,
    sourceFailed: (source: string, code: string) => `${source} failed (${code}).`,
    sourceOpen: (source: string) => `${source} has not ended yet.`,
    sourceAbsent: (source: string) => `The run has not come to ${source}.`,
    taken: (source: string, port: string) => `${source} went on to here, at ${port}.`,
    around: (around: string) => `${around}, which it is a part of, has not begun such an item.`,
    givenUp: (by: string) => `${by} went on without it.`,
    stopped: "What it is a part of was stopped.",
    runEnded: (status: string) => `The run ended first: ${status}.`,
    undoes: (node: string) => `It undoes ${node}, which did not have to be undone.`,
    at: (seq: string) => `event ${seq}`,
  },
  {
    ranAfterAll: "它运行了。",
    notTaken: (source: string, took: string, port: string) =>
      `${source} 从 ${took} 继续；通往这里的连线从 ${port} 出发。`,
    sourceSkipped: (source: string) => `${source} 没有运行，也没有其他路径通往这里。`,
    sourceCancelled: (source: string) => `${source} 被放弃。`,
    sourceFailed: (source: string, code: string) => `${source} 失败（${code}）。`,
    sourceOpen: (source: string) => `${source} 还没有结束。`,
    sourceAbsent: (source: string) => `运行还没有到达 ${source}。`,
    taken: (source: string, port: string) => `${source} 从 ${port} 通往这里。`,
    around: (around: string) => `它所属的 ${around} 没有开始这样的项。`,
    givenUp: (by: string) => `${by} 没有等它就继续了。`,
    stopped: "它所属的部分被停止。",
    runEnded: (status: string) => `运行先结束了：${status}。`,
    undoes: (node: string) => `它用于撤销 ${node}，而后者无需撤销。`,
    at: (seq: string) => `事件 ${seq}`,
  },
);
