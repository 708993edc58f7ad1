import { defineTexts } from "@/i18n/language";

export const fieldTexts = defineTexts(
  {
    unset: "not set",
    add: "Add",
    remove: (place: string) => `Remove ${place}`,
    required: "required",
    notJson: "This is neither JSON nor YAML: ",
    notNumber: "A number is asked for",
    json: "JSON or YAML",
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
    notJson: "不是有效的 JSON 或 YAML：",
    notNumber: "需要一个数字",
    json: "JSON 或 YAML",
    yes: "是",
    no: "否",
    choose: "选择文件",
    uploading: "正在上传…",
  },
);
