import { defineTexts } from "@/i18n/language";

export const apiTexts = defineTexts(
  { unreachable: "The gateway does not answer. Is it running, and is the network there?" },
  { unreachable: "网关没有响应。请确认它正在运行、网络可用。" },
);
