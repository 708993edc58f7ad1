import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { n as defineTexts, s as useTexts } from "./language-Xe_YX1Uf.js";
import { r as call, t as ApiProblem } from "./client-wO5ukrQM.js";
import { s as visible } from "./index-DgqGT2MN.js";
import { i as propertiesOf, n as ValueField, o as startOf, r as problemsByPlace, t as ObjectFields } from "./value-field-DK01RK0K.js";
import { o as dateTime, t as ago } from "./numbers-DREmUqdS.js";
// src/api/new-id.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
/** Ids that nobody else makes; unlike `crypto.randomUUID` on pages without TLS as well. */
function newId() {
	return [...crypto.getRandomValues(/* @__PURE__ */ new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
// src/screens/inbox/reviews.ts
/** What waits for a person: what kind of question it is, and how one of them is found by its token. */
/** An agent asks for a person's consent at this node of a call. */
var CONSENT = /\]\/review$/;
function kindOf(review) {
	if (review.type === "human_review" && CONSENT.test(review.node)) return "tool";
	return review.type;
}
/** The run that a token is of: all before its last dot. */
function runOf(token) {
	return token.slice(0, Math.max(0, token.lastIndexOf(".")));
}
/** What a question has that asks for nothing in particular. */
var NOTHING = {
	message: "",
	content: null,
	form: {},
	actions: [],
	options: [],
	allow_text: false,
	missing: [],
	assignee: "",
	due: null,
	state: "",
	events: []
};
/** What waits under a token in a run, as a list has it; null when it waits no more. */
function waitingIn(run, token) {
	const node = run.nodes.find((one) => one.waiting?.token === token);
	const waiting = node?.waiting;
	if (!node || !waiting) return null;
	const { answer_schema: schema, waiting_for, ...rest } = waiting;
	const review = {
		...NOTHING,
		...rest,
		schema: schema ?? {}
	};
	const machine = waiting_for === "state_machine";
	const offered = machine ? review.events : review.actions;
	return {
		...review,
		actions: offered.length > 0 || machine ? offered : ["approved", "rejected"],
		review_id: token,
		run_id: run.run_id,
		node: node.address,
		type: node.type,
		waiting_since: node.started_at ?? null
	};
}
/** What waits under a token, or null when nothing does any more. */
async function findReview(token, signal) {
	try {
		const path = { run_id: runOf(token) };
		return waitingIn((await call("get", "/api/runs/{run_id}", {
			path,
			signal
		})).data, token);
	} catch (problem) {
		if (problem instanceof ApiProblem && problem.status === 404) return null;
		throw problem;
	}
}
/** What became of an answer: the word that counted, or `accepted` while it is not carried out. */
async function answer(token, said) {
	return (await call("post", "/api/reviews/{review_id}/answer", {
		path: { review_id: token },
		body: said
	})).data.status;
}
// src/screens/inbox/texts.ts
var inboxTexts = defineTexts({
	title: "Inbox",
	list: "What waits, longest waiting first",
	none: "Nobody is asked for anything",
	noneHelp: "Reviews, questions, forms and tool calls that wait for a person stand here.",
	choose: "Choose something on the left.",
	kind: "Kind",
	all: "all",
	human_review: "review",
	question: "question",
	input: "form",
	tool: "tool call",
	state_machine: "state machine",
	workflow: "Workflow",
	assignee: "For",
	filters: "Filters",
	anybody: "anybody",
	due: (when) => `due ${when}`,
	overdue: (when) => `was due ${when}`,
	waiting: (when) => `asked ${when}`,
	run: "Open the run",
	back: "Back to the list",
	more: "Show more",
	approved: "Approve",
	rejected: "Reject",
	feedback: "Comment",
	words: "Your answer",
	answer: "Answer",
	options: "Choose one",
	missing: "Still missing:",
	state: "State",
	send: "Send an event",
	payload: "What comes with the event",
	values: "Values",
	content: "To be looked at",
	counted: (what) => `It counts: ${what}`,
	accepted: "Taken; it has not been carried out yet.",
	first: "Someone answered first.",
	gone: "This waits no more: it was answered, it timed out, or its run ended.",
	unknown: "There is no such question, or its run is gone."
}, {
	title: "待办",
	list: "等待中的事项，等得最久的在前",
	none: "没有需要处理的事项",
	noneHelp: "等待人工处理的审核、提问、表单和工具调用会出现在这里。",
	choose: "请在左侧选择一项。",
	kind: "类型",
	all: "全部",
	human_review: "审核",
	question: "提问",
	input: "表单",
	tool: "工具调用",
	state_machine: "状态机",
	workflow: "工作流",
	assignee: "处理人",
	filters: "筛选",
	anybody: "任何人",
	due: (when) => `${when}到期`,
	overdue: (when) => `已于${when}到期`,
	waiting: (when) => `${when}提出`,
	run: "打开运行",
	back: "返回列表",
	more: "显示更多",
	approved: "批准",
	rejected: "拒绝",
	feedback: "备注",
	words: "你的回答",
	answer: "回答",
	options: "请选择",
	missing: "还缺少：",
	state: "状态",
	send: "发送事件",
	payload: "随事件发送的内容",
	values: "内容",
	content: "待查看的内容",
	counted: (what) => `已生效：${what}`,
	accepted: "已收到，尚未执行。",
	first: "已有人先回答了。",
	gone: "此项不再等待：已被回答、已超时，或运行已结束。",
	unknown: "没有这个问题，或它的运行已不存在。"
});
// src/screens/inbox/answer-form.tsx
/** The answer to a question: an option, words, a form from its schema, or an event for a state machine. */
var import_jsx_runtime = require_jsx_runtime();
function AnswerForm(given) {
	switch (kindOf(given.review)) {
		case "question": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(QuestionForm, { ...given });
		case "state_machine": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(MachineForm, { ...given });
		default: return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValuesForm, { ...given });
	}
}
function useProblems(refused) {
	return refused instanceof ApiProblem ? problemsByPlace(refused.document) : /* @__PURE__ */ new Map();
}
/** The button that was pressed to send a form, by its value. */
function pressed(event) {
	return event.nativeEvent.submitter?.value ?? "";
}
/** A review, a tool call or an input: fields of its schema, and what is decided about it. */
function ValuesForm({ review, disabled, refused, give }) {
	const t = useTexts(inboxTexts);
	const problems = useProblems(refused);
	const asks = review.type === "input" || Object.keys(review.schema).length > 0;
	const [values, setValues] = (0, import_react.useState)(() => startOf(review.schema));
	const [feedback, setFeedback] = (0, import_react.useState)("");
	const isReview = review.type === "human_review";
	const decide = (action) => {
		const filled = asks && action !== "rejected" ? { values: values ?? {} } : {};
		give({
			action,
			...feedback && { feedback },
			...filled
		});
	};
	const fields = propertiesOf(review.schema).length > 0;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("form", {
		onSubmit: (event) => {
			event.preventDefault();
			decide(pressed(event) || (review.actions[0] ?? ""));
		},
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("fieldset", {
			className: "bare stack",
			disabled,
			children: [
				asks && fields && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ObjectFields, {
					schema: review.schema,
					value: values,
					change: setValues,
					place: "",
					problems,
					depth: 0
				}),
				asks && !fields && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueField, {
					name: t.values,
					schema: { type: "object" },
					value: values,
					change: setValues,
					place: "",
					problems
				}),
				isReview && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Words, {
					title: t.feedback,
					value: feedback,
					change: setFeedback
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
					className: "row",
					children: review.actions.map((action, index) => action === "rejected" ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "danger",
						onClick: () => decide(action),
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Action, { action })
					}, action) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "submit",
						value: action,
						className: index === 0 ? "primary" : "",
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Action, { action })
					}, action))
				})
			]
		})
	});
}
function Action({ action }) {
	const t = useTexts(inboxTexts);
	if (action === "approved" || action === "rejected") return t[action];
	return action === "answered" ? t.answer : visible(action);
}
function QuestionForm({ review, disabled, give }) {
	const t = useTexts(inboxTexts);
	const [text, setText] = (0, import_react.useState)("");
	const inWords = review.allow_text || review.options.length === 0;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("form", {
		onSubmit: (event) => {
			event.preventDefault();
			give({ feedback: text });
		},
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("fieldset", {
			className: "bare stack",
			disabled,
			children: [
				review.missing.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", { children: [
					t.missing,
					" ",
					review.missing.map(visible).join(", ")
				] }),
				review.options.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("fieldset", {
					className: "bare options",
					"aria-label": t.options,
					children: review.options.map((option) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: () => void give({ action: option.id }),
						children: visible(option.text || option.id)
					}, option.id))
				}),
				inWords && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Words, {
					title: t.words,
					value: text,
					change: setText,
					required: true
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "submit",
					className: "primary",
					children: t.answer
				})] })
			]
		})
	});
}
function MachineForm({ review, disabled, refused, give }) {
	const t = useTexts(inboxTexts);
	const problems = useProblems(refused);
	const [payload, setPayload] = (0, import_react.useState)(void 0);
	const [key, setKey] = (0, import_react.useState)(newId);
	const send = async (action) => {
		const values = payload === void 0 ? {} : { values: payload };
		if (await give({
			action,
			key: `${key} ${action}`,
			...values
		})) setKey(newId());
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("form", {
		onSubmit: (event) => {
			event.preventDefault();
			send(pressed(event));
		},
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("fieldset", {
			className: "bare stack",
			disabled,
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", { children: [
					t.state,
					": ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: visible(review.state) })
				] }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueField, {
					name: t.payload,
					schema: { type: "object" },
					value: payload,
					change: setPayload,
					place: "",
					problems
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("fieldset", {
					className: "bare row",
					"aria-label": t.send,
					children: review.events.map((event) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "submit",
						value: event,
						children: visible(event)
					}, event))
				})
			]
		})
	});
}
function Words({ title, value, change, required = false }) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [title, /* @__PURE__ */ (0, import_jsx_runtime.jsx)("textarea", {
		rows: 2,
		required,
		value,
		onChange: (event) => change(event.target.value)
	})] });
}
// src/screens/inbox/due.tsx
/** When an answer comes too late. */
var SOON = 3600;
function Due({ due, now = Date.now() / 1e3 }) {
	const t = useTexts(inboxTexts);
	const left = due - now;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
		className: `status tone-${left < 0 ? "bad" : left < SOON ? "warn" : "quiet"}`,
		title: dateTime(due),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				"aria-hidden": "true",
				children: "◷"
			}),
			" ",
			left < 0 ? t.overdue(ago(due)) : t.due(ago(due))
		]
	});
}
export { findReview as a, newId as c, answer as i, AnswerForm as n, kindOf as o, inboxTexts as r, runOf as s, Due as t };
