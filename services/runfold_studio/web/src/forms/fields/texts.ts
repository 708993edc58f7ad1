import { defineTexts } from "@/i18n/language";

export const fieldTexts = defineTexts(
  {
    unset: "not set",
    add: "Add",
    remove: (place: string) => `Remove ${place}`,
    required: "required",
    notJson: "This is no JSON: ",
    notNumber: "A number is asked for",
    json: "JSON",
    yes: "yes",
    no: "no",
    choose: "Choose a file",
    uploading: "Uploading…",
  },
  {
    unset: "未设置",
    add: "添加",
    remove: (place: string) => `移除 ${place}`,
    required: "必填",
    notJson: "不是有效的 JSON：",
    notNumber: "需要一个数字",
    json: "JSON",
    yes: "是",
    no: "否",
    choose: "选择文件",
    uploading: "正在上传…",
  },
);
