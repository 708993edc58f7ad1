const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/browser-Db3gSaeH.js","assets/rolldown-runtime-SbdDWaPq.js"])))=>i.map(i=>d[i]);
import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { t as useInfiniteQuery } from "./useInfiniteQuery-C3fRwntk.js";
import { c as forGood, n as defineTexts, s as useTexts } from "./language-Xe_YX1Uf.js";
import { i as exchange, r as call, t as ApiProblem } from "./client-wO5ukrQM.js";
import { a as Loading, l as Link, o as Problem, p as useQuery, r as follow, s as visible, t as __vitePreload, v as useQueryClient } from "./index-DgqGT2MN.js";
import { a as schemaOf, i as propertiesOf, o as startOf, t as ObjectFields } from "./value-field-DK01RK0K.js";
import { n as bytes, o as dateTime } from "./numbers-DREmUqdS.js";
import { a as findReview, c as newId, i as answer, n as AnswerForm, o as kindOf, r as inboxTexts, t as Due } from "./due-Gq-u8eQO.js";
import { n as Markdown, o as isFile, r as FileLink, s as upload, t as ShownValue } from "./shown-value-B5SjmbdD.js";
import { t as Status } from "./status-C2sby_He.js";
// src/screens/chat/chatflows.ts
/** Which workflows take what a user says, and what else they ask for. */
/** Definitions that are read at a time, and at most; workflows beyond are offered unread. */
var AT_ONCE = 6;
var MOST$1 = 300;
var PAGE$1 = 100;
/** Whether a definition reads what a user says, or what was said before. */
function takesQuery({ inputs, ...definition }) {
	return "query" in schemaOf(inputs) || /\bsys\.(query|history|files)\b/.test(JSON.stringify(definition));
}
/** The inputs of a workflow but for `query`, as a JSON Schema of one object. */
function inputsOf(definition) {
	const fields = Object.entries(schemaOf(definition.inputs)).filter(([name]) => name !== "query");
	const required = fields.filter(([, field]) => schemaOf(field).required === true && !("default" in schemaOf(field))).map(([name]) => name);
	return {
		type: "object",
		properties: Object.fromEntries(fields.map(([name, field]) => {
			const { required: _, ...schema } = schemaOf(field);
			return [name, schema];
		})),
		required
	};
}
/** Those of the published workflows that take what a user says, by id. */
async function chatflows(signal) {
	const published = [];
	let cursor = "";
	while (cursor !== null) {
		const page = (await call("get", "/api/workflows", {
			query: {
				limit: PAGE$1,
				cursor
			},
			signal
		})).data;
		published.push(...page.items.filter((one) => one.version !== null));
		cursor = page.next_cursor || null;
	}
	const found = [];
	for (let at = 0; at < Math.min(published.length, MOST$1); at += AT_ONCE) {
		const some = published.slice(at, Math.min(at + AT_ONCE, MOST$1));
		found.push(...await Promise.all(some.map((one) => chatflowOf(one.id, "", signal))));
	}
	const unread = published.slice(MOST$1).map(({ id, name }) => ({
		id,
		name: name || id
	}));
	return [...found.filter((one) => one !== null), ...unread];
}
/**
* A published workflow as one to talk to, or null when it does not take what a user says.
*
* @param version Empty: the newest.
*/
async function chatflowOf(id, version, signal) {
	const found = (await call("get", "/api/workflows/{workflow_id}", {
		path: { workflow_id: id },
		query: { version },
		signal
	})).data;
	if (typeof found === "string" || found.definition === null) return null;
	if (!takesQuery(found.definition)) return null;
	return {
		id,
		name: found.name || id,
		inputs: inputsOf(found.definition),
		asksQuery: "query" in schemaOf(found.definition.inputs)
	};
}
// src/screens/chat/conversations.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
/** Calls about conversations, and the runs that are turns of them. */
/** Characters of what is said first that name a conversation. */
var NAME$1 = 60;
/** Begin a run with what a user says in a conversation; the run's id comes back. */
async function say(said, idempotencyKey) {
	const { version, workflow, conversation, user, files, ...rest } = said;
	return (await call("post", "/api/workflows/{workflow_id}/run", {
		path: { workflow_id: workflow },
		body: {
			...rest,
			...version && { version },
			files: [...files],
			conversation_id: conversation,
			user_id: user
		},
		idempotencyKey
	})).data.run_id;
}
/** Begin a conversation that is called as what is said first; its id comes back. */
async function begin(said) {
	const body = {
		user_id: said.user,
		conversation_id: newId(),
		name: nameOf(said.query),
		metadata: { workflow_id: said.workflow }
	};
	return (await call("post", "/api/conversations", { body })).data.conversation_id;
}
/** The beginning of what was said, on one line and not within a character. */
function nameOf(query) {
	const letters = [...query.trim().replace(/\s+/g, " ")];
	return letters.length > NAME$1 ? `${letters.slice(0, 59).join("")}…` : letters.join("");
}
async function rename(conversation, name) {
	await call("put", "/api/conversations/{conversation_id}", {
		path: { conversation_id: conversation.conversation_id },
		query: { user_id: conversation.user_id },
		body: { name }
	});
}
async function remove(conversation) {
	await call("delete", "/api/conversations/{conversation_id}", {
		path: { conversation_id: conversation.conversation_id },
		query: { user_id: conversation.user_id }
	});
}
async function clear(conversation) {
	await call("post", "/api/conversations/{conversation_id}/clear", {
		path: { conversation_id: conversation.conversation_id },
		query: { user_id: conversation.user_id }
	});
}
/** The workflow that a conversation was begun with, where that was noted. */
function workflowOf({ metadata }) {
	return typeof metadata.workflow_id === "string" ? metadata.workflow_id : "";
}
// src/screens/chat/texts.ts
var chatTexts = defineTexts({
	title: "Chat",
	workflow: "Workflow",
	looking: "Looking for workflows to talk to…",
	none: "No workflow to talk to",
	noneHelp: "Publish one that reads {{sys.query}} or has an input `query`.",
	user: "User",
	nobody: "the one with no name",
	conversations: "Conversations",
	begin: "New conversation",
	noConversations: "Nothing was said yet",
	unnamed: "without a name",
	rename: "Rename",
	renameTitle: "Rename the conversation",
	name: "Name",
	remove: "Delete",
	removeTitle: (name) => `Delete the conversation ${name}?`,
	removeHelp: "Its messages and variables are removed for good. Its runs stay.",
	older: "Older messages",
	you: "You",
	answer: "Answer",
	system: "System",
	markdown: "Markdown",
	reasoning: "What it thought",
	sources: "Sources",
	noSources: "It names no sources.",
	run: "Its run",
	noAnswer: "The run ended without an answer.",
	say: "Say something",
	send: "Send",
	stop: "Stop",
	files: "Add files",
	removeFile: (name) => `Remove ${name}`,
	inputs: "Inputs",
	variables: "Variables",
	noVariables: "This conversation has no variables.",
	list: "All conversations",
	embed: "Page to embed",
	clear: "Clear",
	clearTitle: (name) => `Remove all that was said in ${name}?`,
	clearHelp: "Its messages are removed for good. The conversation, its variables and its runs stay.",
	messages: "Messages",
	nothingSaid: "Say something to begin.",
	suggested: "Suggested questions",
	truncated: "This answer was cut; its run has all of it.",
	unanswered: "No answer is here.",
	whatCame: "What came of it?",
	waitsFor: (node) => `It waits at ${node}.`,
	waitsUntil: (when) => `It waits until ${when}.`,
	again: "Try again",
	reuse: "Write it again",
	uploading: "Uploading…",
	keys: "Enter sends, Shift+Enter begins a line",
	version: "Version",
	newest: (version) => `the newest (${version})`,
	notTaken: "This workflow does not read what is said to it."
}, {
	title: "聊天",
	workflow: "工作流",
	looking: "正在查找可以对话的工作流…",
	none: "没有可以对话的工作流",
	noneHelp: "请发布一个读取 {{sys.query}} 或带有输入 `query` 的工作流。",
	user: "用户",
	nobody: "未命名用户",
	conversations: "会话",
	begin: "新会话",
	noConversations: "还没有对话",
	unnamed: "未命名",
	rename: "重命名",
	renameTitle: "重命名会话",
	name: "名称",
	remove: "删除",
	removeTitle: (name) => `删除会话 ${name}？`,
	removeHelp: "其消息和变量会被永久移除，运行记录保留。",
	older: "更早的消息",
	you: "你",
	answer: "回答",
	system: "系统",
	markdown: "Markdown",
	reasoning: "思考过程",
	sources: "来源",
	noSources: "没有注明来源。",
	run: "对应的运行",
	noAnswer: "运行结束，没有给出回答。",
	say: "说点什么",
	send: "发送",
	stop: "停止",
	files: "添加文件",
	removeFile: (name) => `移除 ${name}`,
	inputs: "输入",
	variables: "变量",
	noVariables: "此会话没有变量。",
	list: "全部会话",
	embed: "可嵌入的页面",
	clear: "清空",
	clearTitle: (name) => `移除 ${name} 中的全部消息？`,
	clearHelp: "消息会被永久移除；会话、变量和运行记录保留。",
	messages: "消息",
	nothingSaid: "说点什么，开始对话。",
	suggested: "建议的问题",
	truncated: "此回答已截断，全文见对应的运行。",
	unanswered: "这里没有回答。",
	whatCame: "结果如何？",
	waitsFor: (node) => `正在 ${node} 处等待。`,
	waitsUntil: (when) => `等待至 ${when}。`,
	again: "重试",
	reuse: "再写一次",
	uploading: "正在上传…",
	keys: "Enter 发送，Shift+Enter 换行",
	version: "版本",
	newest: (version) => `最新（${version}）`,
	notTaken: "此工作流不读取对它说的话。"
});
// src/screens/chat/composer.tsx
/** Where a user writes: words, files, and the inputs that a workflow asks for beside them. */
var NO_PROBLEMS = /* @__PURE__ */ new Map();
var LINES = 8;
/** The code of a key that an input method has taken: WebKit ends the choice before it tells of the key. */
var TAKEN = 229;
var NOTHING = {
	query: "",
	files: []
};
function Composer({ inputs, draft, change, field, send }) {
	const t = useTexts(chatTexts);
	const form = (0, import_react.useRef)(null);
	const [values, setValues] = (0, import_react.useState)(() => startOf(inputs));
	const fields = propertiesOf(inputs);
	const [shown, setShown] = (0, import_react.useState)(() => fields.some((field) => field.required));
	const [busy, setBusy] = (0, import_react.useState)("");
	const [problem, setProblem] = (0, import_react.useState)(null);
	const give = async (event) => {
		event.preventDefault();
		if (busy || draft.query.trim() === "") return;
		setBusy("sending");
		const given = values ?? {};
		const taken = await send({
			...draft,
			inputs: given
		});
		setShown(!taken && fields.length > 0);
		if (taken) change((now) => now === draft ? NOTHING : now);
		setBusy("");
	};
	const attach = async (chosen) => {
		setProblem(null);
		setBusy("uploading");
		try {
			const stored = await Promise.all([...chosen].map(upload));
			change((now) => {
				const known = new Set(now.files.map((one) => one.$file));
				const added = stored.filter((one) => !known.has(one.$file));
				return {
					...now,
					files: [...now.files, ...added]
				};
			});
		} catch (refusal) {
			setProblem(refusal);
		} finally {
			setBusy("");
		}
	};
	/** Enter sends, but not while an input method is choosing characters. */
	const pressed = (event) => {
		const choosing = event.nativeEvent.isComposing || event.keyCode === TAKEN;
		if (event.key !== "Enter" || event.shiftKey || choosing) return;
		event.preventDefault();
		form.current?.requestSubmit();
	};
	const pasted = (event) => {
		if (event.clipboardData.files.length === 0) return;
		event.preventDefault();
		attach(event.clipboardData.files);
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
		ref: form,
		className: "composer",
		onSubmit: (event) => void give(event),
		onInvalidCapture: () => setShown(true),
		onDragOver: (event) => event.preventDefault(),
		onDrop: (event) => {
			event.preventDefault();
			if (!busy) attach(event.dataTransfer.files);
		},
		children: [
			fields.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", {
				open: shown,
				onToggle: (event) => setShown(event.currentTarget.open),
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", { children: t.inputs }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ObjectFields, {
					schema: inputs,
					value: values,
					change: setValues,
					place: "",
					problems: NO_PROBLEMS,
					depth: 0
				})]
			}),
			problem !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: problem }),
			draft.files.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
				className: "row chips",
				children: draft.files.map((file) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", { children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "cut",
						children: visible(file.name || file.$file)
					}),
					" ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "muted",
						children: bytes(file.size)
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "plain",
						"aria-label": t.removeFile(file.name),
						onClick: () => change({
							...draft,
							files: draft.files.filter((one) => one !== file)
						}),
						children: "×"
					})
				] }, file.$file))
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("textarea", {
				ref: field,
				"aria-label": t.say,
				placeholder: t.say,
				rows: Math.min(LINES, draft.query.split("\n", LINES).length + 1),
				value: draft.query,
				onChange: (event) => change({
					...draft,
					query: event.target.value
				}),
				onKeyDown: pressed,
				onPaste: pasted
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row spread",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", {
					className: "button add-files",
					children: [busy === "uploading" ? t.uploading : `+ ${t.files}`, /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						type: "file",
						className: "hidden-text",
						multiple: true,
						disabled: busy !== "",
						onChange: (event) => {
							attach([...event.target.files ?? []]);
							event.target.value = "";
						}
					})]
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
					className: "row",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "muted small hide-narrow",
						children: t.keys
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "submit",
						className: "primary",
						disabled: busy !== "" || draft.query.trim() === "",
						children: t.send
					})]
				})]
			})
		]
	});
}
// src/screens/chat/exchanges.ts
/**
* Each answer stands behind what it answers, whatever was said in between.
*
* @param messages In the log's order; the first ones may be on a page that was not read yet.
*/
function exchangesOf(messages, pending) {
	const found = [];
	const places = /* @__PURE__ */ new Map();
	const runs = /* @__PURE__ */ new Set();
	for (const message of messages) {
		const place = message.role === "user" ? void 0 : places.get(message.reply_to);
		const before = place === void 0 ? void 0 : found[place];
		if (place !== void 0 && before) {
			found[place] = {
				...before,
				answers: [...before.answers, message]
			};
			continue;
		}
		places.set(message.message_id, found.length);
		found.push(alone(message));
		if (message.role === "user") runs.add(message.run_id);
	}
	for (const one of pending) if (!runs.has(one.run)) found.push({
		key: one.run,
		asked: one,
		run: one.run,
		answers: []
	});
	return found;
}
function alone(message) {
	const { message_id, run_id, role } = message;
	if (role !== "user") return {
		key: message_id,
		asked: null,
		run: "",
		answers: [message]
	};
	return {
		key: run_id || message_id,
		asked: message,
		run: run_id,
		answers: []
	};
}
function isPending(asked) {
	return "query" in asked;
}
// src/screens/chat/asked.tsx
/** What a run asks a person, answered where it is asked. */
function Asked({ wait }) {
	const t = useTexts(inboxTexts);
	const [busy, setBusy] = (0, import_react.useState)(false);
	const [refused, setRefused] = (0, import_react.useState)(null);
	const { data, error, refetch } = useQuery({
		queryKey: [
			"reviews",
			"one",
			wait.token,
			wait.seq
		],
		staleTime: Number.POSITIVE_INFINITY,
		queryFn: ({ signal }) => findReview(wait.token, signal)
	});
	if (error) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, {
		error,
		again: () => void refetch()
	});
	if (data === void 0) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {});
	if (data === null) return null;
	const machine = kindOf(data) === "state_machine";
	const give = async (said) => {
		setBusy(true);
		setRefused(null);
		try {
			await answer(wait.token, said);
			if (machine) setBusy(false);
			return true;
		} catch (problem) {
			setRefused(problem);
			setBusy(false);
			return false;
		}
	};
	const late = refused instanceof ApiProblem && refused.status === 409 && !machine;
	const nothing = data.content === null || data.content === void 0 || data.content === "";
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "card stack small-gap asked",
		"aria-label": t[kindOf(data)],
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", {
					className: "spoken",
					children: visible(data.message) || visible(data.node)
				}), data.due !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Due, { due: data.due })]
			}),
			!nothing && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ShownValue, {
				value: data.content,
				name: data.node
			}),
			late && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				role: "alert",
				children: t.first
			}),
			refused !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: refused }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(AnswerForm, {
				review: data,
				disabled: busy || late,
				refused,
				give
			}, machine ? data.state : "")
		]
	});
}
// src/screens/chat/turn.ts
var NO_TURN = {
	text: "",
	reasoning: "",
	sources: [],
	waits: [],
	working: [],
	status: "",
	over: false,
	problem: null,
	cut: null,
	pieces: []
};
/** The turn after some frames of its run's stream. */
function heard(turn, frames) {
	let next = turn;
	for (const { event, data } of frames) {
		const rule = Object.hasOwn(RULES, event) ? RULES[event] : void 0;
		if (rule) next = {
			...next,
			cut: null,
			...rule(next, JSON.parse(data))
		};
	}
	return next;
}
var ended = (turn, data) => ({
	waits: turn.waits.filter((one) => one.node !== addressOf(data)),
	working: turn.working.filter((one) => one !== addressOf(data))
});
var changed = (turn, data) => ({ waits: turn.waits.map((one) => one.node === addressOf(data) ? {
	...one,
	seq: Number(data.seq)
} : one) });
var succeeded = (turn, data) => ({ text: turn.text || answerIn(data.outputs) });
var RULES = {
	run_started: (_, data) => ({ status: data.concurrency_key ? "queued" : "running" }),
	run_admitted: () => ({ status: "running" }),
	run_paused: () => ({ status: "paused" }),
	run_resumed: () => ({ status: "running" }),
	run_compensating: () => ({ status: "compensating" }),
	run_succeeded: succeeded,
	run_partial_succeeded: succeeded,
	run_failed: failed,
	run_compensation_failed: failed,
	error: (_, data) => ({ cut: problemIn(data) }),
	end: (_, data) => ({
		status: text(data.status),
		over: true,
		waits: [],
		working: []
	}),
	answer_chunk: said,
	retriever_resource: (turn, data) => ({ sources: [...turn.sources.filter((one) => one.node !== addressOf(data)), ...sourcesOf(data)] }),
	node_run_started: (turn, data) => ({ working: [...turn.working.filter((one) => one !== addressOf(data)), addressOf(data)] }),
	node_run_waiting: (turn, data) => waiting(turn, data),
	state_machine_started: (turn, data) => waiting(turn, {
		...data,
		waiting_for: "human"
	}, true),
	state_changed: changed,
	state_event_ignored: changed,
	input_received: (turn, data) => ({ waits: turn.waits.filter((one) => one.token !== data.token || one.machine) }),
	node_run_succeeded: ended,
	node_run_failed: ended,
	node_run_retry: ended,
	node_run_exception: ended,
	node_run_skipped: ended,
	node_run_cancelled: ended
};
function waiting(turn, data, machine = false) {
	const node = addressOf(data);
	const wait = {
		node,
		for: data.waiting_for,
		token: data.waiting_for === "human" ? text(data.token) : "",
		due: typeof data.due === "number" ? data.due : null,
		machine,
		seq: Number(data.seq)
	};
	return {
		waits: [...turn.waits.filter((one) => one.node !== node), wait],
		working: turn.working.filter((one) => one !== node)
	};
}
function said(turn, data) {
	const kind = data.kind === "reasoning" ? "reasoning" : "text";
	const of = addressOf(data);
	const at = turn.pieces.findIndex((piece) => piece.of === of && piece.kind === kind);
	const piece = {
		of,
		kind,
		text: (data.replace === true ? "" : turn.pieces[at]?.text ?? "") + text(data.text)
	};
	const pieces = at < 0 ? [...turn.pieces, piece] : turn.pieces.with(at, piece);
	const whole = pieces.filter((one) => one.kind === kind).map((one) => one.text);
	return {
		pieces,
		[kind]: whole.join("")
	};
}
function failed(_, data) {
	return { problem: problemIn(data.error ?? {}) };
}
function problemIn(error) {
	return {
		code: text(error.code),
		message: text(error.message)
	};
}
var NAMES = [
	"answer",
	"output",
	"text",
	"result"
];
/** What a run without a node that answers has to say: the output that becomes its message. */
function answerIn(outputs) {
	const found = new Map(Object.entries(outputs ?? {}));
	const answer = found.get("answer") ?? "";
	if (typeof answer !== "string") return JSON.stringify(answer);
	const named = NAMES.map((name) => found.get(name)).find((value) => typeof value === "string");
	const texts = [...found.values()].filter((value) => typeof value === "string");
	return text(named ?? (texts.length === 1 ? texts[0] : ""));
}
/** The sources that an event names, as they are shown. */
function sourcesOf(data) {
	return (Array.isArray(data.resources) ? data.resources : []).map((one, index) => ({
		title: text(one.title) || text(one.document_name) || text(one.document) || text(one.base),
		content: text(one.excerpt) || text(one.content),
		url: /^https?:/i.test(text(one.url)) ? text(one.url) : "",
		number: typeof one.number === "number" ? one.number : index + 1,
		node: addressOf(data)
	}));
}
function addressOf(data) {
	return data.scope ? `${text(data.scope)}/${text(data.node_id)}` : text(data.node_id);
}
function text(value) {
	return typeof value === "string" ? value : "";
}
// src/screens/chat/message.tsx
/** One message of a conversation. */
function Bubble({ from, at, children }) {
	const t = useTexts(chatTexts);
	const who = from === "user" ? t.you : from === "assistant" ? t.answer : t.system;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
		className: `bubble ${from}`,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "row muted small",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: who }),
				" ",
				at !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("time", { children: dateTime(at) })
			]
		}), children]
	});
}
/** Characters of what was said that are shown; the rest is in a download. */
var LONG = 2e4;
/** What was said: as it is, or as Markdown where that was chosen. */
function Spoken({ text, markdown }) {
	const drawn = (0, import_react.useDeferredValue)(text);
	if (text.length > LONG) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ShownValue, {
		value: text,
		name: "message"
	});
	return markdown ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Markdown, { text: drawn }) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: "spoken",
		children: visible(text)
	});
}
function RunLink({ run }) {
	const t = useTexts(chatTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
		to: "/r/$runId",
		params: { runId: run },
		children: t.run
	});
}
function ShownMessage({ message, markdown, turn, linked }) {
	const t = useTexts(chatTexts);
	const answers = message.role === "assistant" && message.run_id !== "";
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Bubble, {
		from: message.role,
		at: message.created_at,
		children: [
			turn && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Reasoning, { text: turn.reasoning }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Spoken, {
				text: message.content,
				markdown: markdown && message.role !== "user"
			}),
			message.files.filter(isFile).map((file) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
				className: "row",
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(FileLink, { file })
			}, file.$file)),
			message.metadata.truncated === true && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "muted",
				children: t.truncated
			}),
			answers && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row small",
				children: [turn ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Sources, { sources: turn.sources }) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SourcesOfRun, { run: message.run_id }), linked && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RunLink, { run: message.run_id })]
			})
		]
	});
}
function Reasoning({ text }) {
	const t = useTexts(chatTexts);
	if (text === "") return null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", {
		className: "reasoning",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", { children: t.reasoning }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
			className: "spoken muted",
			children: visible(text)
		})]
	});
}
function Sources({ sources }) {
	const t = useTexts(chatTexts);
	if (sources.length === 0) return null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", {
		className: "sources",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("summary", { children: [
			t.sources,
			" (",
			sources.length,
			")"
		] }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SourceList, { sources })]
	});
}
function SourceList({ sources }) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ol", { children: sources.map((source, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
		value: source.number,
		children: [source.url ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("a", {
			href: source.url,
			title: source.url,
			target: "_blank",
			rel: "noreferrer",
			children: visible(source.title)
		}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: visible(source.title) }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
			className: "spoken muted",
			children: visible(source.content.slice(0, MOST))
		})]
	}, index)) });
}
/** Characters of a source that are shown. */
var MOST = 2e3;
/** The sources of an answer that was given before this page was opened: asked for when they are opened. */
function SourcesOfRun({ run }) {
	const t = useTexts(chatTexts);
	const [open, setOpen] = (0, import_react.useState)(false);
	const { data, error } = useQuery({
		queryKey: [
			"runs",
			run,
			"sources"
		],
		enabled: open,
		staleTime: Number.POSITIVE_INFINITY,
		queryFn: async ({ signal }) => {
			const path = `/api/runs/${encodeURIComponent(run)}/events`;
			return (await (await exchange("get", path, {
				query: { types: "retriever_resource" },
				signal,
				accept: "application/x-ndjson"
			})).text()).split("\n").filter((line) => line !== "").flatMap((line) => sourcesOf(JSON.parse(line)));
		}
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", {
		className: "sources",
		onToggle: (event) => setOpen(event.currentTarget.open),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", { children: t.sources }),
			error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error }),
			open && !data && !error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {}),
			data?.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "muted",
				children: t.noSources
			}),
			data && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SourceList, { sources: data })
		]
	});
}
// src/screens/chat/live-answer.tsx
/** The answer that is being written, or what the run came to where that is none. */
function LiveAnswer({ turn, markdown, linked, retried }) {
	const t = useTexts(chatTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Bubble, {
		from: "assistant",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Reasoning, { text: turn.reasoning }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Spoken, {
				text: turn.text,
				markdown
			}),
			turn.waits.map((wait) => wait.token ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Asked, { wait }, wait.token) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "muted",
				children: wait.due === null ? t.waitsFor(visible(wait.node)) : t.waitsUntil(dateTime(wait.due))
			}, wait.node)),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Standing, {
				turn,
				retried
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row small",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Sources, { sources: turn.sources }), linked && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RunLink, { run: turn.run })]
			})
		]
	});
}
/** What the run is doing, or how it ended, and what can be done about it. */
function Standing({ turn, retried }) {
	const t = useTexts(chatTexts);
	const [problem, setProblem] = (0, import_react.useState)(null);
	const [busy, setBusy] = (0, import_react.useState)(false);
	const path = { run_id: turn.run };
	const told = turn.problem ?? turn.cut;
	const act = async (does) => {
		setBusy(true);
		setProblem(null);
		try {
			await does();
		} catch (refused) {
			setProblem(refused);
		} finally {
			setBusy(false);
		}
	};
	const stop = () => call("post", "/api/runs/{run_id}/cancel", {
		path,
		body: {}
	});
	const again = async () => retried((await call("post", "/api/runs/{run_id}/retry", {
		path,
		body: {}
	})).data.run_id);
	const underWay = !turn.over && turn.refused === null;
	const unsuccessful = turn.over && !["succeeded", "partial_succeeded"].includes(turn.status);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		turn.refused && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: turn.refused }),
		told && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "problem",
			role: "alert",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: told.code }),
				" ",
				visible(told.message)
			]
		}),
		problem !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: problem }),
		turn.over && !unsuccessful && turn.text === "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
			className: "muted",
			children: t.noAnswer
		}),
		(underWay || unsuccessful) && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "row",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					role: "status",
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Status, { status: standing(turn) })
				}),
				underWay && turn.working.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "muted mono small cut",
					children: turn.working.map(visible).join(", ")
				}),
				underWay && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
					type: "button",
					disabled: busy,
					onClick: () => void act(stop),
					children: ["■ ", t.stop]
				}),
				unsuccessful && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
					type: "button",
					disabled: busy,
					onClick: () => void act(again),
					children: ["↻ ", t.again]
				})
			]
		})
	] });
}
function standing(turn) {
	if (turn.over) return turn.status;
	return turn.status === "running" && turn.waits.length > 0 ? "waiting" : turn.status || "queued";
}
// src/screens/chat/use-turn.ts
/** Follows what the run of a turn says. */
/**
* What a run has said, kept when it is followed no longer.
*
* @param run The run; empty: none.
* @param followed Whether to go on listening.
* @param ended Called when the run has ended.
*/
function useTurn(run, followed, ended) {
	const [turn, setTurn] = (0, import_react.useState)(null);
	const told = (0, import_react.useRef)(ended);
	(0, import_react.useEffect)(() => {
		told.current = ended;
	});
	(0, import_react.useEffect)(() => {
		if (run === "" || !followed) return;
		let live = {
			...NO_TURN,
			run,
			refused: null
		};
		let frame = 0;
		const show = () => {
			frame = 0;
			setTurn(live);
		};
		setTurn(live);
		const onState = (state, problem) => {
			if (state === "refused" && problem) live = {
				...live,
				refused: problem
			};
			if (state !== "refused" && state !== "ended") return;
			setTurn(live);
			told.current();
		};
		const leave = follow({
			path: `/api/runs/${encodeURIComponent(run)}/stream`,
			onFrames: (frames) => {
				live = {
					...live,
					...heard(live, frames)
				};
				frame ||= requestAnimationFrame(show);
			},
			onState
		});
		return () => {
			leave();
			cancelAnimationFrame(frame);
		};
	}, [run, followed]);
	return turn?.run === run ? turn : null;
}
// src/screens/chat/exchange.tsx
/** What was said and what came of it: its answers, or the run that is answering. */
function ShownExchange({ exchange, markdown, linked, recent, ended, reuse }) {
	const t = useTexts(chatTexts);
	const { asked, answers } = exchange;
	const [opened, setOpened] = (0, import_react.useState)(false);
	const [retried, setRetried] = (0, import_react.useState)("");
	const run = retried || exchange.run;
	const turn = useTurn(run, answers.length === 0 && (recent || opened || retried !== ""), ended);
	const query = asked === null ? "" : isPending(asked) ? asked.query : asked.content;
	const files = (asked?.files ?? []).filter(isFile);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		asked && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Bubble, {
			from: "user",
			...!isPending(asked) && { at: asked.created_at },
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Spoken, {
					text: query,
					markdown: false
				}),
				files.map((file) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
					className: "row",
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(FileLink, { file })
				}, file.$file)),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
					className: "row",
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "plain",
						onClick: () => reuse({
							query,
							files
						}),
						children: t.reuse
					})
				})
			]
		}),
		answers.map((message) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ShownMessage, {
			message,
			markdown,
			turn: turn?.run === message.run_id ? turn : void 0,
			linked
		}, message.message_id)),
		answers.length === 0 && turn && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(LiveAnswer, {
			turn,
			markdown,
			linked,
			retried: setRetried
		}),
		answers.length === 0 && !turn && run !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
			className: "muted row",
			children: [t.unanswered, /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => setOpened(true),
				children: t.whatCame
			})]
		})
	] });
}
// src/screens/chat/greeting.ts
/** How a chatflow greets: what an import keeps of it in the workflow's text, and nowhere else. */
var NONE = {
	opening: "",
	suggested: []
};
/** Spares the reading of a text that has neither. */
var NAMED = /opening_statement|suggested_questions/;
/** The greeting that a workflow's document keeps of where it came from. */
function greetingIn(document) {
	const { opening_statement: opening, suggested_questions: suggested } = schemaOf(schemaOf(schemaOf(document).origin).features);
	const questions = Array.isArray(suggested) ? suggested : [];
	return {
		opening: typeof opening === "string" ? opening.trim() : "",
		suggested: [...new Set(questions.filter((one) => typeof one === "string" && one !== ""))]
	};
}
/** @param version Empty: the newest published one. */
async function greetingOf(workflow, version, signal) {
	const path = `/api/workflows/${encodeURIComponent(workflow)}`;
	const source = await (await exchange("get", path, {
		query: {
			version,
			form: "source"
		},
		accept: "*/*",
		signal
	})).text();
	if (!NAMED.test(source)) return NONE;
	const { parse } = await __vitePreload(async () => {
		const { parse } = await import("./browser-Db3gSaeH.js").then((n) => n.t);
		return { parse };
	}, __vite__mapDeps([0,1]));
	return greetingIn(parse(source));
}
// src/screens/chat/opening.tsx
/** How a chatflow greets who has said nothing yet, and what it suggests to ask. */
function Opening({ workflow, version, markdown, choose }) {
	const t = useTexts(chatTexts);
	const { data, error } = useQuery({
		queryKey: [
			"workflows",
			"greeting",
			workflow,
			version
		],
		queryFn: ({ signal }) => greetingOf(workflow, version, signal)
	});
	if (error) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error });
	if (!data) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {});
	const { opening, suggested } = data;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "opening stack",
		children: [opening === "" ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
			className: "muted",
			children: t.nothingSaid
		}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Spoken, {
			text: opening,
			markdown
		}), suggested.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
			className: "suggested",
			"aria-label": t.suggested,
			children: suggested.map((question) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => choose(question),
				children: visible(question)
			}) }, question))
		})]
	});
}
// src/screens/chat/scroll.tsx
/** A box that stays at its end while somebody looks at the end, and where they are while they read further up. */
/** Pixels from the end that count as the end. */
var NEAR = 40;
function Scroll({ first, asked, children }) {
	const box = (0, import_react.useRef)(null);
	const inside = (0, import_react.useRef)(null);
	const atEnd = (0, import_react.useRef)(true);
	const height = (0, import_react.useRef)(0);
	(0, import_react.useEffect)(() => {
		if (!box.current || !inside.current) return;
		const outer = box.current;
		const look = new ResizeObserver(() => {
			height.current = outer.scrollHeight;
			if (atEnd.current) outer.scrollTop = outer.scrollHeight;
		});
		look.observe(inside.current);
		look.observe(outer);
		return () => look.disconnect();
	}, []);
	(0, import_react.useLayoutEffect)(() => {
		if (box.current && !atEnd.current && height.current > 0) box.current.scrollTop += box.current.scrollHeight - height.current;
	}, [first]);
	(0, import_react.useLayoutEffect)(() => {
		atEnd.current = true;
		if (box.current) box.current.scrollTop = box.current.scrollHeight;
	}, [asked]);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		ref: box,
		className: "thread-scroll",
		onScroll: ({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
			atEnd.current = scrollTop + clientHeight > scrollHeight - NEAR;
		},
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
			ref: inside,
			children
		})
	});
}
// src/screens/chat/thread.tsx
/** A conversation: what was said, what is being said, and where one says more. */
var PAGE = 50;
/** Exchanges, from the newest on, whose runs are followed: a browser has few connections. */
var FOLLOWED = 2;
function Thread(given) {
	const { chatflow, user, conversation, markdown, linked } = given;
	const t = useTexts(chatTexts);
	const queries = useQueryClient();
	const [draft, setDraft] = (0, import_react.useState)(NOTHING);
	const field = (0, import_react.useRef)(null);
	const write = (next) => {
		setDraft(next);
		field.current?.focus();
	};
	const list = useMessages(conversation, user);
	const messages = (0, import_react.useMemo)(() => list.data?.pages.toReversed().flatMap((page) => page.items) ?? [], [list.data]);
	const { pending, refused, send } = useSending(given, messages);
	const here = pending.filter((one) => one.conversation === conversation);
	const exchanges = exchangesOf(messages, conversation === "" ? [] : here);
	const ended = () => void queries.invalidateQueries({ queryKey: ["conversations", user] });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "thread",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Scroll, {
				first: messages[0]?.message_id ?? "",
				asked: `${conversation} ${here.length}`,
				children: [
					list.hasNextPage && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						disabled: list.isFetchingNextPage,
						onClick: () => void list.fetchNextPage(),
						children: t.older
					}),
					list.isLoading && here.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {}),
					list.error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, {
						error: list.error,
						again: () => void list.refetch()
					}),
					!list.isLoading && !list.error && exchanges.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Opening, {
						workflow: chatflow.id,
						version: given.version,
						markdown,
						choose: (query) => write({
							...draft,
							query
						})
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ol", {
						className: "messages",
						"aria-label": t.messages,
						children: exchanges.map((exchange, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ShownExchange, {
							exchange,
							markdown,
							linked,
							recent: index >= exchanges.length - FOLLOWED,
							ended,
							reuse: write
						}, exchange.key))
					})
				]
			}),
			refused !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: refused }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Composer, {
				inputs: chatflow.inputs,
				draft,
				change: setDraft,
				field,
				send
			}, chatflow.id)
		]
	});
}
/** Sending, and what was sent and is in no list of messages yet. */
function useSending(given, messages) {
	const { chatflow, version, user, conversation, begun } = given;
	const queries = useQueryClient();
	const [pending, setPending] = (0, import_react.useState)([]);
	const [refused, setRefused] = (0, import_react.useState)(null);
	(0, import_react.useEffect)(() => {
		const listed = new Set(messages.map((one) => one.run_id));
		setPending((before) => before.some((one) => listed.has(one.run)) ? before.filter((one) => !listed.has(one.run)) : before);
	}, [messages]);
	/** A conversation that was begun for something that could not be sent. */
	const fresh = (0, import_react.useRef)("");
	/** What was sent last, and by which key: sent again because its answer was lost, it counts once. */
	const sent = (0, import_react.useRef)({
		body: "",
		key: ""
	});
	const send = async ({ query, files, inputs }) => {
		setRefused(null);
		const workflow = chatflow.id;
		try {
			const into = conversation || fresh.current || await begin({
				workflow,
				user,
				query
			});
			if (!conversation) fresh.current = into;
			const values = chatflow.asksQuery ? {
				...inputs,
				query
			} : inputs;
			const said = {
				workflow,
				version,
				user,
				conversation: into,
				query,
				inputs: values,
				files: [...files]
			};
			const body = JSON.stringify(said);
			if (sent.current.body !== body) sent.current = {
				body,
				key: newId()
			};
			const run = await say(said, sent.current.key);
			sent.current = {
				body: "",
				key: ""
			};
			fresh.current = "";
			setPending((before) => [...before, {
				conversation: into,
				run,
				query,
				files
			}]);
			if (into !== conversation) {
				begun(into);
				queries.invalidateQueries({ queryKey: [
					"conversations",
					user,
					"list"
				] });
			}
			return true;
		} catch (problem) {
			setRefused(problem);
			return false;
		}
	};
	return {
		pending,
		refused,
		send
	};
}
function useMessages(conversation, user) {
	return useInfiniteQuery({
		queryKey: [
			"conversations",
			user,
			conversation,
			"messages"
		],
		enabled: conversation !== "",
		initialPageParam: "",
		queryFn: async ({ pageParam, signal }) => {
			return (await call("get", "/api/conversations/{conversation_id}/messages", {
				path: { conversation_id: conversation },
				query: {
					user_id: user,
					limit: PAGE,
					before: pageParam
				},
				signal
			})).data;
		},
		getNextPageParam: (page) => page.has_more ? page.first_id : void 0
	});
}
// src/screens/chat/use-markdown.tsx
/** Whether answers are shown as Markdown: as it was chosen last in this browser. */
var NAME = "runfold.markdown";
/** The choice, and the box to change it by. */
function useMarkdown() {
	const t = useTexts(chatTexts);
	const [chosen, setChosen] = (0, import_react.useState)(() => forGood.get(NAME) !== "no");
	const choose = (next) => {
		forGood.set(NAME, next ? "yes" : "no");
		setChosen(next);
	};
	return [chosen, /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", {
		className: "small",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				type: "checkbox",
				checked: chosen,
				onChange: (event) => choose(event.target.checked)
			}),
			" ",
			t.markdown
		]
	}, "markdown")];
}
export { remove as a, chatflowOf as c, clear as i, chatflows as l, Thread as n, rename as o, chatTexts as r, workflowOf as s, useMarkdown as t };
