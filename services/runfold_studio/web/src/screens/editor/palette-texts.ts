import { defineTexts } from "@/i18n/language";

/** Names of categories; one that is not here is shown as it is. */
export const paletteTexts = defineTexts(
  {
    flow: "Flow",
    models: "Models",
    people: "People",
    data: "Data",
    text: "Text",
    code: "Code",
    web: "Web",
    other: "Other",
  },
  {
    flow: "流程",
    models: "模型",
    people: "人员",
    data: "数据",
    text: "文本",
    code: "代码",
    web: "网络",
    other: "其他",
  },
);
