import { defineTexts } from "@/i18n/language";

export const familyTexts = defineTexts(
  {
    alone: "No run goes on from this one, and it goes on from none.",
    fork: "fork",
    retry: "retry",
    at: (seq: string) => `at ${seq}`,
    from: (node: string) => `from ${node}`,
    thisOne: "this one",
    compare: "Compare",
    more: "Show more",
  },
  {
    alone: "没有运行由它继续，它也不由别的运行继续。",
    fork: "分叉",
    retry: "重试",
    at: (seq: string) => `于 ${seq}`,
    from: (node: string) => `自 ${node}`,
    thisOne: "本次",
    compare: "比较",
    more: "显示更多",
  },
);
