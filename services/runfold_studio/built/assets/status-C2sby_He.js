import { n as defineTexts, s as useTexts } from "./language-Xe_YX1Uf.js";
import "./index-DgqGT2MN.js";
import { t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
// src/ui/status-texts.ts
var statusTexts = defineTexts({
	pending: "pending",
	queued: "queued",
	ready: "ready",
	running: "running",
	streaming: "streaming",
	retrying: "retrying",
	waiting: "waiting",
	paused: "paused",
	cancelling: "cancelling",
	compensating: "compensating",
	succeeded: "succeeded",
	partial_succeeded: "partly succeeded",
	compensated: "compensated",
	failed: "failed",
	exception: "failed, handled",
	compensation_failed: "compensation failed",
	cancelled: "cancelled",
	skipped: "skipped",
	same: "same",
	other_status: "other status",
	other_output: "other output",
	only_left: "only left",
	only_right: "only right"
}, {
	pending: "未开始",
	queued: "排队中",
	ready: "就绪",
	running: "运行中",
	streaming: "输出中",
	retrying: "重试中",
	waiting: "等待中",
	paused: "已暂停",
	cancelling: "取消中",
	compensating: "补偿中",
	succeeded: "成功",
	partial_succeeded: "部分成功",
	compensated: "已补偿",
	failed: "失败",
	exception: "失败（已处理）",
	compensation_failed: "补偿失败",
	cancelled: "已取消",
	skipped: "已跳过",
	same: "相同",
	other_status: "状态不同",
	other_output: "输出不同",
	only_left: "仅左侧",
	only_right: "仅右侧"
});
// src/ui/status.tsx
/** The status of a run or a node, or how two runs differ there: an icon, a word and a colour, never a colour alone. */
var import_jsx_runtime = require_jsx_runtime();
var LOOKS = {
	pending: {
		tone: "quiet",
		icon: "○"
	},
	queued: {
		tone: "quiet",
		icon: "○"
	},
	ready: {
		tone: "quiet",
		icon: "○"
	},
	running: {
		tone: "live",
		icon: "▶"
	},
	streaming: {
		tone: "live",
		icon: "▶"
	},
	retrying: {
		tone: "warn",
		icon: "↻"
	},
	waiting: {
		tone: "warn",
		icon: "…"
	},
	paused: {
		tone: "warn",
		icon: "‖"
	},
	cancelling: {
		tone: "warn",
		icon: "■"
	},
	compensating: {
		tone: "warn",
		icon: "↩"
	},
	succeeded: {
		tone: "good",
		icon: "✓"
	},
	partial_succeeded: {
		tone: "warn",
		icon: "✓"
	},
	compensated: {
		tone: "warn",
		icon: "↩"
	},
	failed: {
		tone: "bad",
		icon: "✕"
	},
	exception: {
		tone: "bad",
		icon: "!"
	},
	compensation_failed: {
		tone: "bad",
		icon: "✕"
	},
	cancelled: {
		tone: "quiet",
		icon: "■"
	},
	skipped: {
		tone: "quiet",
		icon: "⤼"
	},
	same: {
		tone: "quiet",
		icon: "="
	},
	other_status: {
		tone: "warn",
		icon: "≠"
	},
	other_output: {
		tone: "warn",
		icon: "≠"
	},
	only_left: {
		tone: "bad",
		icon: "−"
	},
	only_right: {
		tone: "good",
		icon: "+"
	}
};
var UNKNOWN = {
	tone: "quiet",
	icon: "?"
};
function toneOf(status) {
	return (LOOKS[status] ?? UNKNOWN).tone;
}
function Status({ status }) {
	const t = useTexts(statusTexts);
	const look = LOOKS[status] ?? UNKNOWN;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
		className: `status tone-${look.tone}`,
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				"aria-hidden": "true",
				children: look.icon
			}),
			" ",
			t[status] ?? status
		]
	});
}
export { toneOf as n, statusTexts as r, Status as t };
