const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/cancel-Dsza2bqB.js","assets/rolldown-runtime-SbdDWaPq.js","assets/jsx-runtime-CgfO9KJ9.js","assets/client-wO5ukrQM.js","assets/language-Xe_YX1Uf.js","assets/index-DgqGT2MN.js","assets/useRouter-BYKvPzlY.js","assets/matchContext-ddUZaM3t.js","assets/with-selector-CGDzH67W.js","assets/index-bunBGAdX.css","assets/workspace-fWFoV-tM.js","assets/dialog-B9FryoFD.js","assets/under-way-DWIoRBtI.js","assets/case-B1Eeu-6T.js","assets/shown-value-B5SjmbdD.js","assets/numbers-DREmUqdS.js","assets/compare-DJLBS7vY.js","assets/status-C2sby_He.js","assets/fork-DGOL1jKn.js","assets/value-field-DK01RK0K.js","assets/value-field-C9pbq1j7.css","assets/version-BIS7UqUO.js","assets/retry-C82kPkXZ.js","assets/agent-steps-BWwFyhJS.js","assets/addresses-CxXYaze4.js","assets/rounds-BezN1JPI.js","assets/value-DnIm9ZW2.js","assets/value-D2EUZ1nT.css","assets/node-events-DN7WW3ig.js","assets/why-not-puOA8Qw4.js","assets/why-BxxZT9FO.js","assets/event-log-BX2leynk.js","assets/visible-rows-IePMY6ir.js","assets/time-texts-B3Kbn7tH.js","assets/family-BW4d5EyN.js","assets/useInfiniteQuery-C3fRwntk.js","assets/run-canvas-BcZVQL9D.js","assets/canvas-BD_Xwwj9.js","assets/sizes-DTeVdb2Y.js","assets/canvas-B0M02-26.css","assets/use-drawing-CXZlst0H.js","assets/graph-BJzTqG0k.js"])))=>i.map(i=>d[i]);
import { n as __exportAll, r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { n as defineTexts, s as useTexts } from "./language-Xe_YX1Uf.js";
import { i as exchange, r as call, t as ApiProblem } from "./client-wO5ukrQM.js";
import { a as Loading, l as Link, o as Problem, p as useQuery, r as follow, s as visible, t as __vitePreload } from "./index-DgqGT2MN.js";
import { a as count, i as cost, o as dateTime, r as clock, s as duration } from "./numbers-DREmUqdS.js";
import { i as save, n as Markdown } from "./shown-value-B5SjmbdD.js";
import { t as Status } from "./status-C2sby_He.js";
import { t as boxOf } from "./graph-BJzTqG0k.js";
import { n as eventsOf } from "./lines-CAdY71Oe.js";
import { n as ValueTree, t as Value } from "./value-DnIm9ZW2.js";
import { t as useVisibleRows } from "./visible-rows-IePMY6ir.js";
import { t as later } from "./later-ChubzJjt.js";
import { n as useWorkspace$1, t as WorkspaceContext } from "./workspace-fWFoV-tM.js";
import { a as nodeIdOf, i as indexOf, n as childScope, o as scopeOf, r as compositeOf, s as stepOf, t as addressOf } from "./addresses-CxXYaze4.js";
import { C as fresh, S as counts, _ as Plan, a as roundTimed, b as Draft, c as bodyName, d as openScope, f as scopeEnded, g as agentStepEnded, h as agentOf, i as roundEnded, l as closeScope, m as agentBegan, n as calledBy, o as roundsOf, p as without$1, r as roundBegan, s as NO_JOINS, t as NO_SCOPES, u as closeScopesOf, v as bodyOf, x as canAdvance, y as statesOf } from "./rounds-BezN1JPI.js";
import { t as timeTexts } from "./time-texts-B3Kbn7tH.js";
// src/screens/run/texts.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var runTexts = defineTexts({
	run: "Run",
	loading: "Reading the log…",
	live: "live",
	reconnecting: "connection lost, coming back…",
	file: "from a file",
	version: (version) => /^\d/.test(version) ? `v${version}` : version,
	tokens: (count) => `${count} tokens`,
	elapsed: "Time since it began",
	cost: "Cost",
	priority: "Priority",
	forkOf: "fork of",
	retryOf: "retry of",
	until: (time) => `until ${time}`,
	showNode: "Show the node",
	pauseReason: "Paused:",
	parked: "The scheduler paused it: something in it cannot be handled.",
	pause: "Pause",
	resume: "Resume",
	cancel: "Cancel…",
	retry: "Retry…",
	fork: "Fork…",
	compare: "Compare…",
	edit: "Open in editor",
	saveLog: "Save the log",
	testCase: "Test case…",
	caseTitle: "A test case of this run",
	caseHelp: "Inputs, what models and services replied, what people answered, and what came out. Put it under `tests` in the workflow's text; `runfold test` runs it without asking anybody.",
	caseName: "Name of the case",
	caseGo: "Make it",
	caseLeftOut: "Not in it:",
	copy: "Copy",
	download: "Download",
	canvas: "Canvas",
	timeline: "Timeline",
	events: "Events",
	text: "Text",
	family: "Family",
	parts: "Parts of the run",
	close: "Close",
	back: "Leave it",
	cancelTitle: "Cancel this run?",
	cancelHelp: "It ends now and cannot go on. What other systems were asked to do already, stays done.",
	cancelUnderWay: (count) => `Given up while under way: ${count}`,
	cancelWaiting: (count) => `Questions and waits that close: ${count}`,
	cancelUndoes: (count) => `Completed nodes that are undone, newest first: ${count}`,
	reason: "Reason, for the log",
	cancelGo: "Cancel the run",
	retryTitle: "Run it again",
	retryHelp: "A new run takes over what succeeded, and runs from this node on. This run stays as it is.",
	retryFrom: "From",
	retryFailed: "the nodes that failed",
	versionChoice: "Version",
	pinned: (version) => `the same (${version})`,
	newest: "the newest published",
	draft: "the draft",
	retryGo: "Run again",
	forkTitle: "Fork here",
	forkKept: (count, seq) => `Kept: ${count} events, up to sequence ${seq}.`,
	forkAnew: "Was under way then, and runs anew:",
	forkHelp: "A new run goes on from this event. Changed inputs count for what comes after it; results that are kept stay as they are.",
	forkGo: "Fork",
	inputs: "Inputs",
	compareTitle: "Compare with another run",
	compareRecent: "Runs of the same workflow",
	compareId: "or its id",
	compareGo: "Compare",
	none: "There is none.",
	items: "Items",
	itemOf: (place, total) => `${place} / ${total}`,
	before: "Item before",
	next: "Next item",
	follow: "Newest",
	failedItem: "Next one that failed",
	itemsOf: (name) => `Items of ${name}`,
	slider: "Event",
	first: "To the first event",
	last: "To the newest event",
	stepBack: "One event back",
	stepForward: "One event on",
	play: "Play",
	stop: "Stop",
	speed: "Speed",
	place: (count, total) => `${count} / ${total}`,
	seq: (seq) => `seq ${seq}`,
	forkHere: "Fork here",
	toLive: "Live",
	past: "The run as it was",
	logTitle: "Look at a log",
	logHelp: "Drop a log here that `runfold events` or “Save the log” wrote. It is read in this page alone and sent nowhere.",
	logChoose: "Choose a file",
	logAnother: "Another file",
	logLine: (line, why) => `Line ${line} is not an event: ${why}`,
	logFields: "it has no type, seq and time",
	logEmpty: "The file has no events."
}, {
	run: "运行",
	loading: "正在读取日志…",
	live: "实时",
	reconnecting: "连接中断，正在恢复…",
	file: "来自文件",
	version: (version) => /^\d/.test(version) ? `v${version}` : version,
	tokens: (count) => `${count} 个 token`,
	elapsed: "开始以来的时间",
	cost: "费用",
	priority: "优先级",
	forkOf: "分叉自",
	retryOf: "重试自",
	until: (time) => `至 ${time}`,
	showNode: "查看节点",
	pauseReason: "已暂停：",
	parked: "调度器暂停了它：其中有无法处理的内容。",
	pause: "暂停",
	resume: "继续",
	cancel: "取消…",
	retry: "重试…",
	fork: "分叉…",
	compare: "比较…",
	edit: "在编辑器中打开",
	saveLog: "保存日志",
	testCase: "测试用例…",
	caseTitle: "由此运行生成测试用例",
	caseHelp: "包含输入、模型和服务的回复、人的回答以及结果。把它放到工作流文本的 `tests` 下，`runfold test` 运行它时不会再询问任何一方。",
	caseName: "用例名称",
	caseGo: "生成",
	caseLeftOut: "未包含：",
	copy: "复制",
	download: "下载",
	canvas: "画布",
	timeline: "时间线",
	events: "事件",
	text: "文本",
	family: "家族",
	parts: "运行的各部分",
	close: "关闭",
	back: "放弃",
	cancelTitle: "取消这次运行？",
	cancelHelp: "它会立即结束，且无法继续。已经请求其他系统做的事不会撤回。",
	cancelUnderWay: (count) => `进行中而被放弃：${count}`,
	cancelWaiting: (count) => `将关闭的提问和等待：${count}`,
	cancelUndoes: (count) => `将被撤销的已完成节点（从新到旧）：${count}`,
	reason: "原因（写入日志）",
	cancelGo: "取消运行",
	retryTitle: "再运行一次",
	retryHelp: "新的运行沿用已成功的部分，从这个节点开始执行。本次运行保持不变。",
	retryFrom: "从",
	retryFailed: "失败的节点",
	versionChoice: "版本",
	pinned: (version) => `不变（${version}）`,
	newest: "最新发布的版本",
	draft: "草稿",
	retryGo: "再次运行",
	forkTitle: "在此分叉",
	forkKept: (count, seq) => `保留：${count} 个事件，到序号 ${seq} 为止。`,
	forkAnew: "当时正在进行、将重新执行：",
	forkHelp: "新的运行从这个事件继续。修改后的输入只影响之后的部分，保留的结果不变。",
	forkGo: "分叉",
	inputs: "输入",
	compareTitle: "与另一次运行比较",
	compareRecent: "同一工作流的运行",
	compareId: "或填写标识",
	compareGo: "比较",
	none: "没有。",
	items: "项",
	itemOf: (place, total) => `${place} / ${total}`,
	before: "上一项",
	next: "下一项",
	follow: "最新",
	failedItem: "下一个失败的项",
	itemsOf: (name) => `${name} 的各项`,
	slider: "事件",
	first: "到第一个事件",
	last: "到最新事件",
	stepBack: "后退一个事件",
	stepForward: "前进一个事件",
	play: "播放",
	stop: "停止",
	speed: "速度",
	place: (count, total) => `${count} / ${total}`,
	seq: (seq) => `序号 ${seq}`,
	forkHere: "在此分叉",
	toLive: "实时",
	past: "当时的运行",
	logTitle: "查看日志",
	logHelp: "把 `runfold events` 或“保存日志”写出的日志拖到这里。它只在本页读取，不会发送到任何地方。",
	logChoose: "选择文件",
	logAnother: "另一个文件",
	logLine: (line, why) => `第 ${line} 行不是事件：${why}`,
	logFields: "缺少 type、seq 和 time",
	logEmpty: "文件中没有事件。"
});
// src/run/fold/variables.ts
var PREFIX = "conversation.";
/** What an operation cannot be done with. */
var Misfit = class extends Error {};
/** Apply assignments, all or none. The new values by name, or why they cannot be. */
function assign(draft, assignments) {
	const held = /* @__PURE__ */ new Map();
	const values = {};
	try {
		for (const one of assignments) {
			const owner = one.owner ?? "";
			const name = one.variable.startsWith(PREFIX) ? one.variable.slice(13) : one.variable;
			const before = held.get(owner) ?? heldBy(draft, owner);
			const value = applied(one, before[name] ?? null);
			values[name] = value;
			held.set(owner, {
				...before,
				[name]: value
			});
		}
	} catch (error) {
		if (!(error instanceof Misfit)) throw error;
		return {
			values: {},
			error: failureOf(error.message)
		};
	}
	for (const [owner, after] of held) write(draft, owner, after);
	return {
		values,
		error: null
	};
}
/** The engine names the cause in full; a log says here only that there was one. */
function failureOf(message) {
	return {
		code: "variable.type",
		message,
		kind: "input"
	};
}
function heldBy(draft, owner) {
	if (owner === "conversation") return draft.head.conversation;
	if (!owner) return draft.head.values;
	return draft.nodes.get(owner)?.composite?.variables ?? {};
}
function write(draft, owner, values) {
	const changes = owner === "conversation" ? { conversation: values } : owner ? null : { values };
	if (changes) {
		draft.change(changes);
		return;
	}
	const node = draft.nodes.get(owner);
	if (node?.composite) draft.put({
		...node,
		composite: {
			...node.composite,
			variables: values
		}
	});
}
function applied(one, present) {
	const value = one.value ?? null;
	switch (one.operation ?? "set") {
		case "set": return value;
		case "clear": return cleared(present);
		case "append": return [...listOf(one, present), value];
		case "extend": return [...listOf(one, present), ...listOf(one, value)];
		case "remove_first": return listOf(one, present).slice(1);
		case "remove_last": return listOf(one, present).slice(0, -1);
		default: return calculated(one, present, value);
	}
}
function cleared(present) {
	if (typeof present === "string") return "";
	if (Array.isArray(present)) return [];
	if (typeof present === "boolean") return false;
	if (typeof present === "number") return 0;
	return present === null ? null : {};
}
function listOf(one, value) {
	if (value === null) return [];
	if (Array.isArray(value)) return value;
	throw misfit(one, "needs a list");
}
function calculated(one, present, value) {
	if (one.operation === "+=") {
		if (typeof value === "string" && (typeof present === "string" || present === null)) return (present ?? "") + value;
		if (Array.isArray(value)) return [...listOf(one, present), ...value];
	}
	const [left, right] = [numberOf(one, present ?? 0), numberOf(one, value)];
	switch (one.operation) {
		case "+=": return left + right;
		case "-=": return left - right;
		case "*=": return left * right;
		default:
			if (one.operation !== "/=" || right === 0) throw misfit(one, "cannot be computed");
			return left / right;
	}
}
function numberOf(one, value) {
	if (typeof value === "number") return value;
	throw misfit(one, "needs a number");
}
function misfit(one, what) {
	return new Misfit(`variable '${one.variable}': ${one.operation} ${what}`);
}
// src/run/fold/machines.ts
/** State machines: events are queued, handlers begin and end, states change. */
/** Most events that may wait, and newest keys that are remembered. */
var MOST_QUEUED = 1e3;
function machineOf(event) {
	return {
		...NO_SCOPES,
		kind: "machine",
		state: event.state,
		visit: 0,
		entered: false,
		target: "",
		due: event.due ?? null,
		handler: "",
		handlers: [],
		received: 0,
		handled: 0,
		keys: [],
		message: event.message ?? "",
		assignee: event.assignee ?? "",
		token: event.token ?? "",
		variables: event.variables ?? {}
	};
}
function isIdle(machine) {
	return machine.underWay.size === 0 && machine.settled.size === 0;
}
function isEntered(planned, machine) {
	return machine.entered || !planned.bodies.has(machine.state);
}
function mayTake(planned, machine) {
	return machine.handled < machine.received && isIdle(machine) && isEntered(planned, machine) && !machine.target;
}
/** Whether a machine under way waits for the next event. */
function isResting(planned, node) {
	const machine = node.composite;
	if (node.status !== "active" || machine?.kind !== "machine") return false;
	if (statesOf(planned.config)[machine.state]?.final === true) return false;
	const hasWork = machine.target !== "" || machine.handled < machine.received;
	return isEntered(planned, machine) && isIdle(machine) && !hasWork;
}
/** The machine that an event is about; null when it cannot change it any more. */
function current(draft, event) {
	const address = addressOf(event.scope ?? "", event.node_id);
	const [node, planned] = [draft.nodes.get(address), draft.plan.node(address)];
	if (node?.composite?.kind !== "machine" || !planned || node.status !== "active") return null;
	if ((event.attempt ?? 1) !== node.attempt || !canAdvance(draft, address)) return null;
	return {
		node,
		planned,
		machine: node.composite
	};
}
function keep(draft, { node }, machine) {
	if (!machine) return;
	draft.put({
		...node,
		composite: machine
	});
	draft.counted();
}
function queued(machine, key = "") {
	const keys = key ? [...machine.keys.slice(-1023), key] : machine.keys;
	return {
		...machine,
		received: machine.received + 1,
		keys
	};
}
/** Somebody sent an event. */
function machineReceived(draft, event) {
	const found = current(draft, event);
	if (!found) return;
	const key = event.key || event.id;
	if (!(found.machine.received - found.machine.handled >= MOST_QUEUED) && !found.machine.keys.includes(key)) keep(draft, found, queued(found.machine, key));
}
/** The time of a state is up: like an event from outside. */
function machineTimed(draft, event) {
	const found = current(draft, event);
	if (!found || found.machine.due === null || event.index !== found.machine.visit) return;
	keep(draft, found, {
		...queued(found.machine),
		due: null
	});
}
function eventIgnored(draft, event) {
	const found = current(draft, event);
	if (!found || !mayTake(found.planned, found.machine)) return;
	if (event.index === found.machine.handled) keep(draft, found, {
		...found.machine,
		handled: found.machine.handled + 1
	});
}
function handlerEnded(draft, event) {
	const found = current(draft, event);
	if (!found?.machine.settled.has(event.index)) return;
	const settled = without$1(found.machine.settled, event.index);
	keep(draft, found, {
		...found.machine,
		settled,
		ended: found.machine.ended + 1
	});
}
function handlerBegan(draft, event) {
	const found = current(draft, event);
	if (!found) return;
	const { node, planned, machine } = found;
	const body = planned.bodies.get(event.handler);
	if (!body || event.index !== machine.begun || !isIdle(machine)) return;
	const target = event.target ?? "";
	if (target ? !mayTake(planned, machine) : machine.entered || machine.target !== "") return;
	keep(draft, found, {
		...machine,
		target: target || machine.target,
		handled: machine.handled + Number(target !== ""),
		begun: machine.begun + 1,
		underWay: /* @__PURE__ */ new Set([...machine.underWay, event.index]),
		handler: event.handler,
		handlers: [...machine.handlers, event.handler],
		entered: true
	});
	if (!changeVariables(draft, node.address, event.assignments ?? [])) return;
	openScope(draft, body, childScope(node.address, event.index, event.handler));
}
function stateChanged(draft, event) {
	const found = current(draft, event);
	if (!found) return;
	const { planned, machine } = found;
	const fits = isIdle(machine) && event.index === machine.visit + 1 && event.from === machine.state && event.to in statesOf(planned.config);
	const follows = machine.target !== "";
	if (!fits || !(follows || mayTake(planned, machine))) return;
	keep(draft, found, {
		...machine,
		handled: machine.handled + Number(!follows),
		state: event.to,
		visit: event.index,
		entered: false,
		target: "",
		due: event.due ?? null
	});
	changeVariables(draft, found.node.address, event.assignments ?? []);
}
/** Apply what an event changes. False: it cannot be, and the machine fails. */
function changeVariables(draft, address, changes) {
	if (changes.length === 0) return true;
	const { error } = assign(draft, changes);
	const node = draft.nodes.get(address);
	if (error && node) draft.put({
		...node,
		status: "failing",
		error,
		finishedAt: draft.time
	});
	return !error;
}
// src/run/state.ts
var ENDED = /* @__PURE__ */ new Set([
	"succeeded",
	"exception",
	"skipped",
	"cancelled"
]);
var UNENDED = /* @__PURE__ */ new Set([
	"queued",
	"running",
	"paused",
	"compensating"
]);
function hasEnded(status) {
	return !UNENDED.has(status);
}
// src/run/shown.ts
var import_jsx_runtime = require_jsx_runtime();
var WORDS = {
	ready: "pending",
	skipping: "pending",
	joining: "waiting",
	active: "running",
	answered: "running",
	extracted: "running",
	failing: "failed",
	backing_off: "retrying",
	cancelling: "cancelled"
};
/** The status of a node as the API says it. */
function shownStatus(plan, state, node) {
	if (ENDED.has(node.status)) return node.status;
	if ((hasEnded(state.head.status) || !counts(state, node.address)) && node.status !== "failing") return "cancelled";
	const planned = plan.node(node.address);
	if (planned && isResting(planned, node)) return "waiting";
	return WORDS[node.status] ?? node.status;
}
/** What a node waits for; null when it does not. */
function waitOf(node) {
	const machine = node.composite;
	if (node.status === "active" && machine?.kind === "machine") return {
		for: "state_machine",
		since: node.startedAt,
		due: machine.due,
		token: machine.token,
		message: machine.message,
		assignee: machine.assignee,
		subject: "",
		state: machine.state
	};
	const waiting = node.waiting;
	if (node.status !== "waiting" || !waiting) return null;
	return {
		for: waiting.waiting_for,
		since: node.startedAt,
		due: waiting.due ?? null,
		token: waiting.token ?? "",
		message: waiting.message ?? "",
		assignee: waiting.assignee ?? "",
		subject: waiting.subject ?? "",
		state: ""
	};
}
// src/run/filter.ts
/** Which events of a log are shown, and what each says in one line. */
var GROUPS = [
	"all",
	"ofRun",
	"ofNodes",
	"failures",
	"waits",
	"rounds"
];
var FAILURES = /_failed$|_retry$|_exception$|_cancelled$|^run_compensat/;
var WAITS = /_waiting$|^input_|^answer_|^timer_|^tool_approval_|^state_/;
var ROUNDS = /^loop_|^parallel_|^sub_workflow_|^agent_|^tool_|^state_/;
var FITS = {
	all: () => true,
	ofRun: (type) => type.startsWith("run_"),
	ofNodes: (type) => !type.startsWith("run_"),
	failures: (type) => FAILURES.test(type),
	waits: (type) => WAITS.test(type),
	rounds: (type) => ROUNDS.test(type)
};
/** The address of the node that an event is about; empty for one of the run. */
function aboutOf(event) {
	const { node_id: id, scope } = event;
	return id ? addressOf(scope ?? "", id) : "";
}
/** Numbers of the events that fit, from 0. */
function fitting(history, count, filter) {
	const { node } = filter;
	const text = filter.text.trim().toLowerCase();
	const fits = FITS[filter.group];
	const found = [];
	for (let place = 0; place < count; place += 1) {
		const type = history.index.type(place);
		if (!fits(type)) continue;
		const about = text || node ? history.aboutAt(place) : "";
		if (node && about !== node && !about.startsWith(`${node}[`)) continue;
		if (text && !type.includes(text) && !about.toLowerCase().includes(text)) continue;
		found.push(place);
	}
	return found;
}
/** What an event says beside its type and node, short. */
function gistOf(event) {
	const values = event;
	const parts = [];
	if (Number(values.attempt ?? 1) > 1) parts.push(`#${values.attempt}`);
	for (const name of NAMED) {
		const value = values[name];
		if (value !== void 0 && value !== "" && value !== null) parts.push(`${name}: ${short(value)}`);
	}
	const error = values.error;
	if (error) parts.push(`${error.code}: ${error.message}`);
	const { outputs } = values;
	if (outputs !== void 0 && outputs !== null) parts.push(short(outputs));
	return parts.join(" · ").slice(0, 300);
}
var NAMED = [
	"port",
	"index",
	"branch",
	"round",
	"tool",
	"timer",
	"delay",
	"waiting_for",
	"action",
	"state",
	"from",
	"to",
	"event",
	"handler",
	"workflow",
	"reason",
	"executor"
];
function short(value) {
	if (typeof value === "string") return value.slice(0, 120);
	return JSON.stringify(value).slice(0, 200);
}
// src/screens/run/use-eased.ts
/** A value that changes often, shown less often: lists of a busy run need not be drawn with every frame. */
/**
* @param milliseconds Between two values that are shown; 0: each is, at once.
* @returns The newest value, or the one before it until its time comes.
*/
function useEased(value, milliseconds) {
	const [shown, setShown] = (0, import_react.useState)(value);
	const last = (0, import_react.useRef)(0);
	(0, import_react.useEffect)(() => {
		const show = () => {
			last.current = performance.now();
			setShown(value);
		};
		const left = last.current + milliseconds - performance.now();
		if (left <= 0) {
			show();
			return;
		}
		const timer = setTimeout(show, left);
		return () => clearTimeout(timer);
	}, [value, milliseconds]);
	return milliseconds === 0 ? value : shown;
}
// src/screens/run/use-events.ts
/** Has events at hand that are to be shown, once somebody has come to rest at them. */
/** Milliseconds: who pulls a slider along passes over many events and looks at none. */
var REST$2 = 60;
/** @param places Numbers of events, from 0; the same array while they are the same. */
function useEvents({ fetch }, places) {
	(0, import_react.useEffect)(() => {
		if (places.length === 0) return;
		const timer = setTimeout(() => fetch(places), REST$2);
		return () => clearTimeout(timer);
	}, [fetch, places]);
}
// src/screens/run/inspector/texts.ts
var inspectorTexts = defineTexts({
	node: "Node",
	run: "This run",
	deselect: "Show the run",
	summary: "Summary",
	given: "Inputs",
	output: "Output",
	steps: "Steps",
	events: "Events",
	why: "Why not?",
	parts: "Parts of the node",
	retryFrom: "Run again from here…",
	attempt: "Attempt",
	status: "Status",
	queued: "Queued",
	ran: "Ran",
	executor: "Executor",
	tokens: "Tokens",
	cost: "Cost",
	began: "Began",
	ended: "Ended",
	port: "Went on at",
	backup: "with the backup",
	after: (delay) => `after ${delay} of back-off`,
	retriedFor: "Tried again because of",
	served_cache: "from the cache",
	served_fallback: "by the fallback",
	served_idempotency: "as before",
	waits_human: "Waits for a person",
	waits_timer: "Waits for a time",
	waits_event: "Waits for an event",
	waits_state_machine: "State machine",
	since: (time) => `since ${time}`,
	until: (time) => `until ${time}`,
	assignee: "Assigned to",
	subject: "Subject",
	state: "State",
	answer: "Answer it",
	answered: "Answered",
	text: "Text",
	rendered: "What the attempt was given, references resolved",
	values: "What it refers to",
	unresolved: "Could not be resolved",
	noInputs: "The node was not ready for an attempt.",
	fileOnly: "A log from a file does not have what nodes were given.",
	noOutput: "There is no output.",
	error: "Error",
	hint: "What to do",
	details: "Details",
	retryable: "another attempt may succeed",
	round: (number) => `Round ${number}`,
	thought: "Thought",
	said: "Said",
	calls: "Calls",
	toModel: "told to the model",
	noSteps: "The agent has not asked its model yet.",
	ranAfterAll: "It ran.",
	notTaken: (source, took, port) => `${source} went on at ${took}; the edge to here leaves at ${port}.`,
	sourceSkipped: (source) => `${source} did not run, and nothing else led here.`,
	sourceCancelled: (source) => `${source} was given up.`,
	sourceFailed: (source, code) => `${source} failed (${code}).`,
	sourceOpen: (source) => `${source} has not ended yet.`,
	sourceAbsent: (source) => `The run has not come to ${source}.`,
	taken: (source, port) => `${source} went on to here, at ${port}.`,
	around: (around) => `${around}, which it is a part of, has not begun such an item.`,
	givenUp: (by) => `${by} went on without it.`,
	stopped: "What it is a part of was stopped.",
	runEnded: (status) => `The run ended first: ${status}.`,
	undoes: (node) => `It undoes ${node}, which did not have to be undone.`,
	at: (seq) => `event ${seq}`,
	inputs: "Inputs",
	noInputsAtAll: "It was given no inputs.",
	outputs: "Outputs",
	variables: "Variables",
	conversation: "Conversation",
	environment: "Environment",
	asked: "Asked",
	compensation: "Undone, newest first",
	undoneBy: (by) => `by ${by}`,
	source: "Begun by"
}, {
	node: "节点",
	run: "本次运行",
	deselect: "查看运行",
	summary: "概要",
	given: "输入",
	output: "输出",
	steps: "步骤",
	events: "事件",
	why: "为什么没有运行？",
	parts: "节点的各部分",
	retryFrom: "从这里再次运行…",
	attempt: "尝试",
	status: "状态",
	queued: "排队",
	ran: "运行",
	executor: "执行器",
	tokens: "Token",
	cost: "费用",
	began: "开始",
	ended: "结束",
	port: "出口",
	backup: "使用备用",
	after: (delay) => `退避 ${delay} 之后`,
	retriedFor: "重试的原因",
	served_cache: "来自缓存",
	served_fallback: "由后备提供",
	served_idempotency: "与之前相同",
	waits_human: "等待人",
	waits_timer: "等待时间",
	waits_event: "等待事件",
	waits_state_machine: "状态机",
	since: (time) => `自 ${time}`,
	until: (time) => `至 ${time}`,
	assignee: "负责人",
	subject: "主题",
	state: "状态",
	answer: "去答复",
	answered: "答复",
	text: "文本",
	rendered: "此次尝试得到的输入（引用已解析）",
	values: "引用的值",
	unresolved: "无法解析",
	noInputs: "节点没有就绪的尝试。",
	fileOnly: "来自文件的日志不包含节点的输入。",
	noOutput: "没有输出。",
	error: "错误",
	hint: "处理方法",
	details: "详情",
	retryable: "再次尝试可能成功",
	round: (number) => `第 ${number} 轮`,
	thought: "思考",
	said: "回答",
	calls: "调用",
	toModel: "告知模型",
	noSteps: "智能体还没有询问模型。",
	ranAfterAll: "它运行了。",
	notTaken: (source, took, port) => `${source} 从 ${took} 继续；通往这里的连线从 ${port} 出发。`,
	sourceSkipped: (source) => `${source} 没有运行，也没有其他路径通往这里。`,
	sourceCancelled: (source) => `${source} 被放弃。`,
	sourceFailed: (source, code) => `${source} 失败（${code}）。`,
	sourceOpen: (source) => `${source} 还没有结束。`,
	sourceAbsent: (source) => `运行还没有到达 ${source}。`,
	taken: (source, port) => `${source} 从 ${port} 通往这里。`,
	around: (around) => `它所属的 ${around} 没有开始这样的项。`,
	givenUp: (by) => `${by} 没有等它就继续了。`,
	stopped: "它所属的部分被停止。",
	runEnded: (status) => `运行先结束了：${status}。`,
	undoes: (node) => `它用于撤销 ${node}，而后者无需撤销。`,
	at: (seq) => `事件 ${seq}`,
	inputs: "输入",
	noInputsAtAll: "没有输入。",
	outputs: "输出",
	variables: "变量",
	conversation: "会话",
	environment: "环境",
	asked: "提问",
	compensation: "撤销（从新到旧）",
	undoneBy: (by) => `由 ${by}`,
	source: "由此开始"
});
// src/run/table.ts
/**
* A map that can be kept as it is at some moment for the price of a short list, while it goes on.
*
* Entries stand in pieces, and pieces in groups, that are shared by all who keep one, and copied
* when one of them writes.
*/
var BITS = 6;
var REST$1 = 63;
/** Places of keys, shared by a table and all that were kept of it. A key keeps its place for good. */
var Keys = class {
	places = /* @__PURE__ */ new Map();
	names = [];
	of(key) {
		let place = this.places.get(key);
		if (place === void 0) {
			place = this.names.length;
			this.places.set(key, place);
			this.names.push(key);
		}
		return place;
	}
};
var Table = class Table {
	#keys = new Keys();
	#groups = [];
	#owner = {};
	get(key) {
		const place = this.#keys.places.get(key);
		if (place === void 0) return void 0;
		return (this.#groups[place >> 12]?.items[place >> BITS & REST$1])?.items[place & REST$1];
	}
	set(key, value) {
		const place = this.#keys.of(key);
		const group = this.#own(this.#groups, place >> 12);
		const piece = this.#own(group.items, place >> BITS & REST$1);
		piece.items[place & REST$1] = value;
	}
	/** What stands at a place, as our own to write to. */
	#own(all, at) {
		const found = all[at];
		if (found?.owner === this.#owner) return found;
		const made = {
			owner: this.#owner,
			items: found?.items.slice() ?? []
		};
		while (all.length < at) all.push(void 0);
		all[at] = made;
		return made;
	}
	/** This table as it is now; both may be written to, and neither sees it of the other. */
	kept() {
		const copy = new Table();
		copy.#keys = this.#keys;
		copy.#groups = this.#groups.slice();
		this.#owner = {};
		return copy;
	}
	/** The place of a key, which may have no value. */
	placeOf(key) {
		return this.#keys.of(key);
	}
	keyAt(place) {
		return this.#keys.names[place] ?? "";
	}
	/** Entries in the order in which their keys were first written, a piece at a time. */
	*pieces() {
		for (const [high, group] of this.#groups.entries()) for (const [low, piece] of (group?.items ?? []).entries()) if (piece) yield {
			first: (high << BITS | low) << BITS,
			items: piece.items,
			isFrozen: piece.owner !== this.#owner
		};
	}
	/** Entries in the order in which their keys were first written. */
	*entries() {
		for (const { first, items } of this.pieces()) for (let at = 0; at < items.length; at += 1) {
			const value = items[at];
			if (value !== void 0) yield [this.keyAt(first + at), value];
		}
	}
};
// src/run/fold/edges.ts
/** What the end of a node does to the graph around it: joins, skips, and the ends of scopes. */
/** Decide the edges of a node that ended: those of its ports are taken, all others skipped. */
function afterEnd(draft, graph, scope, nodeId, ports) {
	draft.closed(addressOf(scope, nodeId));
	const held = draft.scopes.get(scope);
	if (!held) return;
	const joins = new Map(held.joins);
	for (const [port, targets] of graph.nodes.get(nodeId)?.targets ?? []) for (const target of targets) {
		const planned = graph.nodes.get(target);
		if (planned) decideEdge(draft, joins, addressOf(scope, target), planned, ports.includes(port));
	}
	const ended = held.ended + 1;
	const isOver = ended === graph.forward && scope !== "";
	draft.scopes.set(scope, {
		...held,
		joins: joins.size > 0 ? joins : NO_JOINS,
		ended,
		open: !isOver,
		finishedAt: isOver ? draft.time : null
	});
	if (isOver) scopeEnded(draft, scope);
}
function decideEdge(draft, joins, address, planned, taken) {
	const there = draft.nodes.get(address);
	if (planned.join && there && there.status !== "joining") return;
	const before = joins.get(planned.id) ?? {
		undecided: planned.incoming,
		taken: 0
	};
	const join = {
		undecided: before.undecided - 1,
		taken: before.taken + Number(taken)
	};
	let status = statusOf(planned, join);
	if (status === null) {
		joins.set(planned.id, join);
		if (!planned.join || !planned.timed || there) return;
		status = "joining";
	} else joins.delete(planned.id);
	draft.put(fresh(address, status, firstAttempt(draft, planned, scopeOf(address))));
	draft.opened(address);
}
/** A node that reads along was handed out with each attempt of its source, under its number. */
function firstAttempt(draft, planned, scope) {
	const source = planned.along ? draft.nodes.get(addressOf(scope, planned.along)) : void 0;
	if (!source) return 1;
	return source.status === "succeeded" ? source.attempt : source.attempt + 1;
}
/** The status of a node that its edges decide; null while they do not. */
function statusOf(planned, join) {
	const rule = planned.join;
	if (rule && join.taken >= rule.need) return "ready";
	if (join.undecided > 0) return null;
	return join.taken > 0 || rule?.ignoreErrors ? "ready" : "skipping";
}
/** The nodes under way in a scope that only lead to a join that has gone on. */
function losersOf(draft, graph, scope, joinId) {
	const found = [];
	for (const planned of graph.nodes.values()) {
		const node = draft.nodes.get(addressOf(scope, planned.id));
		if (!node || ENDED.has(node.status)) continue;
		let guard = planned.guard;
		while (guard && guard !== joinId) guard = graph.nodes.get(guard)?.guard ?? "";
		if (guard) found.push(node);
	}
	return found;
}
/** Mark nodes as to be cancelled: their results change nothing from now on. */
function cancelNodes(draft, nodes) {
	for (const node of nodes) {
		draft.put({
			...node,
			status: "cancelling"
		});
		closeScopesOf(draft, node.address, node.composite);
	}
}
// src/run/fold/transitions.ts
var RESULTS = [
	"ready",
	"running",
	"answered",
	"extracted",
	"active"
];
/** Event → the statuses that it may find. */
var FINDS = {
	node_run_started: ["ready", "answered"],
	node_run_succeeded: RESULTS,
	node_run_failed: RESULTS,
	node_run_retry: ["failing"],
	node_run_exception: ["failing"],
	node_run_skipped: ["ready", "skipping"],
	node_run_cancelled: ["cancelling"],
	variables_assigned: ["ready"],
	node_run_waiting: ["ready", "extracted"],
	input_received: ["waiting"],
	answer_extracted: ["answered", "running"],
	timer_fired: [
		"running",
		"active",
		"joining",
		"waiting",
		"backing_off"
	],
	loop_started: ["ready"],
	loop_succeeded: ["active"],
	loop_failed: ["active"],
	agent_succeeded: ["active"],
	agent_failed: ["active"],
	sub_workflow_started: ["ready"],
	state_machine_started: ["ready"],
	agent_started: ["ready"]
};
/** The events that mean something of their own while an answer is being extracted. */
var STEPS = /* @__PURE__ */ new Set([
	"node_run_started",
	"answer_extracted",
	"node_run_waiting"
]);
/** Whether a model reads what was answered. */
function extracts(node) {
	return node.waiting?.extracts === true && node.answer?.action === "answered";
}
function nextNode(planned, node, event) {
	if (!FINDS[event.type]?.includes(node.status)) return null;
	const isStep = STEPS.has(event.type);
	if (isStep && node.status !== "ready" && !extracts(node)) return null;
	if (event.type === "node_run_retry") return event.attempt === node.attempt + 1 ? retried(node, event) : null;
	if (isStep && extracts(node)) return extractionStep(node, event);
	if ((event.attempt ?? 1) !== node.attempt) return null;
	return followed(planned, node, event);
}
function followed(planned, node, event) {
	const { time } = event;
	switch (event.type) {
		case "node_run_started": return {
			...fresh(node.address, "running", node.attempt),
			error: node.error,
			startedAt: time,
			backup: node.backup
		};
		case "node_run_succeeded": return {
			...ended$1(node, "succeeded", time, event.outputs ?? {}, event.port ?? "out", event.usage),
			ports: event.ports ?? [],
			servedBy: event.served_by ?? ""
		};
		case "variables_assigned": return ended$1(node, "succeeded", time, {}, "out");
		case "loop_succeeded":
		case "agent_succeeded": return ended$1(node, "succeeded", time, event.outputs ?? {}, "out");
		case "node_run_failed":
		case "loop_failed":
		case "agent_failed": return failing(node, event.error, time);
		case "node_run_exception": return ended$1(node, "exception", time, event.outputs ?? {}, event.port ?? "out");
		case "node_run_skipped": return {
			...fresh(node.address, "skipped"),
			finishedAt: time
		};
		case "node_run_cancelled": return {
			...node,
			status: "cancelled",
			port: "",
			finishedAt: time,
			cancelledBy: event.by ?? ""
		};
		case "loop_started": return active(node, roundsOf(planned, event), time);
		case "sub_workflow_started": return active(node, calledBy(event), time);
		case "state_machine_started": return active(node, machineOf(event), time);
		case "agent_started": return active(node, agentOf(event), time);
		case "node_run_waiting": return {
			...node,
			status: "waiting",
			waiting: event,
			startedAt: time
		};
		case "input_received":
			if (event.token !== node.waiting?.token) return null;
			return {
				...node,
				status: "answered",
				answer: event
			};
		case "timer_fired": return timed(node, event);
		default: return null;
	}
}
function active(node, composite, time) {
	return {
		...node,
		status: "active",
		composite,
		startedAt: time
	};
}
function ended$1(node, status, time, outputs, port, usage = null) {
	return {
		...fresh(node.address, status, node.attempt),
		outputs,
		port,
		error: status === "exception" ? node.error : null,
		usage,
		startedAt: node.startedAt ?? time,
		finishedAt: time,
		composite: node.composite
	};
}
function failing(node, error, time) {
	return {
		...node,
		status: "failing",
		error,
		usage: null,
		startedAt: node.startedAt ?? time,
		finishedAt: time
	};
}
/** Timer and status that it finds → the status that it leads to. */
var TIMERS = {
	"retry backing_off": "ready",
	"timeout running": "failing",
	"timeout active": "failing",
	"timeout joining": "ready",
	"wait waiting": "answered",
	"human waiting": "answered"
};
function timed(node, event) {
	const status = TIMERS[`${event.timer} ${node.status}`];
	if (!status) return null;
	if (status === "failing") return failing(node, {
		code: "node.timeout",
		message: `node '${event.node_id}' did not finish within its timeout`,
		kind: "timeout",
		retryable: true
	}, event.time);
	return {
		...node,
		status: status === "ready" && extracts(node) ? "answered" : status,
		due: null
	};
}
function retried(node, event) {
	const backsOff = (event.delay ?? 0) > 0;
	const again = {
		...fresh(node.address, backsOff ? "backing_off" : "ready", event.attempt),
		error: event.error,
		due: event.due ?? null,
		backup: event.backup ?? false
	};
	if (!extracts(node) || node.error === null || node.error.kind === "human") return again;
	const { outputs, waiting, answer } = node;
	return {
		...again,
		status: backsOff ? "backing_off" : "answered",
		outputs,
		waiting,
		answer
	};
}
function extractionStep(node, event) {
	const attempt = event.attempt ?? 1;
	switch (event.type) {
		case "node_run_started":
			if (attempt !== node.attempt || node.status !== "answered") return null;
			return {
				...node,
				status: "running",
				startedAt: event.time
			};
		case "answer_extracted":
			if (attempt !== node.attempt) return null;
			return {
				...node,
				status: "extracted",
				outputs: event.outputs ?? {},
				usage: event.usage ?? null
			};
		case "node_run_waiting":
			if (attempt !== node.attempt + 1) return null;
			return {
				...fresh(node.address, "waiting", attempt),
				outputs: node.outputs,
				waiting: event,
				startedAt: event.time
			};
		default: return null;
	}
}
// src/run/fold/usage.ts
var NOTHING = {
	prompt_tokens: 0,
	completion_tokens: 0,
	total_tokens: 0,
	reasoning_tokens: 0,
	cost: 0,
	currency: "USD"
};
function used(total, more) {
	const isFirst = total.total_tokens === 0 && total.cost === 0 && total.currency === "USD";
	return {
		prompt_tokens: total.prompt_tokens + (more.prompt_tokens ?? 0),
		completion_tokens: total.completion_tokens + (more.completion_tokens ?? 0),
		total_tokens: total.total_tokens + (more.total_tokens ?? 0),
		reasoning_tokens: total.reasoning_tokens + (more.reasoning_tokens ?? 0),
		cost: total.cost + (more.cost ?? 0),
		currency: isFirst ? more.currency ?? "USD" : total.currency
	};
}
// src/run/fold/saga.ts
/** Compensation: a run that cannot reach its end undoes what it has completed, newest first. */
/** Statuses of a task whose attempt an executor may have begun. */
var UNDER_WAY = /* @__PURE__ */ new Set(["ready", "running"]);
/** Kinds that the scheduler decides without an executor. */
var INLINE = /* @__PURE__ */ new Set([
	"agent",
	"aggregate",
	"answer",
	"assign",
	"batch",
	"break",
	"compensate",
	"condition",
	"continue",
	"end",
	"human_review",
	"input",
	"iteration",
	"join",
	"loop",
	"parallel",
	"placeholder",
	"question",
	"selector",
	"start",
	"state_machine",
	"sub_workflow",
	"values",
	"wait",
	"webhook_reply"
]);
var NOT_BEGUN = "node.not_begun";
/** Whether a composite around an address has succeeded and is undone as a whole. */
function isCovered(draft, address) {
	let scope = scopeOf(address);
	while (scope) {
		const around = compositeOf(scope);
		if (draft.nodes.get(around)?.status === "succeeded" && draft.plan.node(around)?.compensate) return true;
		scope = scopeOf(around);
	}
	return false;
}
/** Note a node that has succeeded and can be undone, in place of all that is inside it. */
function completed(draft, address, planned) {
	if (!planned.compensate || draft.head.forking || isCovered(draft, address)) return;
	const inside = `${address}[`;
	const kept = INLINE.has(planned.type) ? draft.head.completed.filter((one) => !one.startsWith(inside)) : draft.head.completed;
	draft.change({ completed: [address, ...kept] });
}
/** Whether a node can be undone, alone or together with a composite around it. */
function mayMatter(draft, address) {
	for (let at = address;; at = compositeOf(scopeOf(at))) {
		if (draft.plan.node(at)?.compensate) return true;
		if (!scopeOf(at)) return false;
	}
}
/** An event about a node of a closed scope, or of a run that compensates. */
function foldLate(draft, event) {
	const address = addressOf(event.scope ?? "", event.node_id);
	const planned = draft.plan.node(address);
	let before = draft.nodes.get(address);
	if (!planned || !before || !mayMatter(draft, address)) return;
	const { saga } = draft.head;
	if (saga && hasBegunAfterAll(before, event)) before = {
		...before,
		status: "ready",
		error: null
	};
	else if (!UNDER_WAY.has(before.status) || saga && !saga.open.has(address)) return;
	const after = nextNode(planned, before, event);
	if (!after || before.status === "running" && isUnbegun(event)) return;
	draft.put(after);
	draft.counted(after.usage ? { usage: used(draft.head.usage, after.usage) } : {});
	if (after.status === "succeeded") completed(draft, address, planned);
	if (!draft.head.saga) return;
	draft.closed(address);
	if (UNDER_WAY.has(after.status)) draft.opened(address);
	undoNext(draft);
}
/** Whether one copy of a task was dropped unbegun and another copy has begun. */
function hasBegunAfterAll(node, event) {
	return (event.type === "node_run_started" || event.type === "node_run_succeeded") && node.status === "failing" && node.error?.code === NOT_BEGUN;
}
function isUnbegun(event) {
	return event.type === "node_run_failed" && event.error.code === NOT_BEGUN;
}
function sagaBegan(draft, event) {
	const { head, plan } = draft;
	if (head.saga || draft.scopes.get("")?.ended === plan.graph.forward) return;
	const idle = head.status === "queued" || head.forking;
	draft.counted({
		status: "compensating",
		pauseReason: "",
		parked: false,
		error: event.cause === "cancel" ? null : event.error,
		errorAddress: event.node_id ? addressOf(event.scope ?? "", event.node_id) : "",
		cancelReason: event.cause === "cancel" ? event.reason ?? "" : "",
		saga: {
			cause: event.cause,
			error: event.error,
			undoing: null,
			log: [],
			open: new Set(idle ? [] : underWay(draft))
		}
	});
	undoNext(draft);
}
function underWay(draft) {
	const found = [];
	for (const [address, node] of draft.nodes.entries()) {
		const planned = draft.plan.node(address);
		if (!UNDER_WAY.has(node.status) || !planned || INLINE.has(planned.type)) continue;
		if (planned.compensate || isCovered(draft, address)) found.push(address);
	}
	return found.sort();
}
/** The address of the node that undoes the one at an address. */
function undoneBy(draft, address) {
	return addressOf(scopeOf(address), draft.plan.node(address)?.compensate ?? "");
}
function undoNext(draft) {
	const { saga, completed: left } = draft.head;
	const [address] = left;
	if (!saga || saga.undoing || saga.open.size > 0 || address === void 0) return;
	const by = undoneBy(draft, address);
	draft.change({ completed: left.slice(1) });
	draft.put(fresh(by, "ready"));
	draft.changeSaga({
		open: /* @__PURE__ */ new Set([by]),
		undoing: {
			address,
			by
		}
	});
}
function undoingEnded(draft) {
	const { saga } = draft.head;
	if (!saga?.undoing) return;
	draft.changeSaga({
		undoing: null,
		log: [...saga.log, saga.undoing]
	});
	draft.closed(saga.undoing.by);
	undoNext(draft);
}
/** Why a run that ends now did not undo everything; null when it did, or was to leave it. */
function leftAsItIs(draft) {
	const { saga, status, completed: rest } = draft.head;
	if (!saga || status === "paused") return null;
	if (saga.open.size === 0 && !saga.undoing && rest.length === 0) return null;
	const nodes = /* @__PURE__ */ new Set([...rest, ...saga.open]);
	if (saga.undoing) {
		nodes.delete(saga.undoing.by);
		nodes.add(saga.undoing.address);
	}
	const left = [...nodes].sort();
	return {
		code: "run.compensation_failed",
		message: `${left.join(", ")}: not undone, since the result came when the run had decided to end`,
		kind: "internal",
		details: {
			nodes: left,
			cause: saga.error.code
		}
	};
}
function compensation(plan, state, hasEnded) {
	const { saga, completed: rest } = state.head;
	if (!saga) return [];
	const pending = rest.map((address) => ({
		address,
		by: undoneBy({ plan }, address)
	}));
	return [
		...saga.log,
		...saga.undoing ? [saga.undoing] : [],
		...pending
	].map((one) => {
		const held = state.nodes.get(one.by);
		const status = {
			succeeded: "compensated",
			exception: "failed"
		}[held?.status] ?? (hasEnded ? "cancelled" : held && held.startedAt !== null ? "running" : "pending");
		return {
			...one,
			node: nodeIdOf(one.address),
			status
		};
	});
}
// src/run/fold/rules.ts
/**
* What each event of a log does to what is shown of its run: one rule for every type.
*
* The engine is the judge: recorded logs hold this fold to what the engine folds. An event that
* does not fit (a second end of an attempt, anything after the run's end) changes nothing.
*/
/** The state in which a run begins. */
function beginRun(event) {
	const plan = new Plan(event.definition);
	const { graph } = plan;
	const head = {
		runId: event.run_id,
		workflowId: event.workflow_id,
		version: event.version ?? "draft",
		status: event.concurrency_key ? "queued" : "running",
		inputs: event.inputs ?? {},
		values: {
			...graph.variables,
			...event.inputs
		},
		conversation: {
			...graph.conversation,
			...event.conversation
		},
		environment: event.environment ?? {},
		outputs: null,
		error: null,
		errorAddress: "",
		cancelReason: "",
		pauseReason: "",
		parked: false,
		startedAt: event.time,
		finishedAt: null,
		lastSeq: event.seq,
		now: event.time,
		usage: NOTHING,
		priority: event.priority ?? 0,
		labels: event.labels ?? {},
		origin: event.origin ?? null,
		source: event.source ?? "",
		conversationId: event.conversation_id ?? "",
		query: event.turn?.query ?? "",
		concurrencyKey: event.concurrency_key ?? "",
		forking: !!event.origin,
		exceptions: 0,
		completed: [],
		saga: null
	};
	const draft = new Draft(plan, head, new Table(), new Table());
	draft.begin(event);
	openScope(draft, graph, "");
	return draft;
}
/** Fold one event. */
function foldEvent(draft, event) {
	draft.begin(event);
	if (hasEnded(draft.head.status)) return;
	const rule = RULES[event.type];
	rule?.(draft, event);
}
function nothing() {}
/** Every type of event has its rule here; the compiler and a test see to it. */
var RULES = {
	run_started: nothing,
	run_forked: (draft) => draft.head.forking && draft.counted({ forking: false }),
	run_admitted: (draft) => draft.head.status === "queued" && draft.counted({ status: "running" }),
	run_paused: paused,
	run_resumed: resumed,
	run_compensating: sagaBegan,
	run_succeeded: (draft, event) => end(draft, "succeeded", { outputs: event.outputs ?? null }),
	run_partial_succeeded: (draft, event) => end(draft, "partial_succeeded", { outputs: event.outputs ?? null }),
	run_failed: (draft, event) => end(draft, "failed", {
		error: event.error,
		errorAddress: event.node_id ? addressOf(event.scope ?? "", event.node_id) : ""
	}),
	run_cancelled: (draft, event) => end(draft, "cancelled", { cancelReason: event.reason ?? "" }),
	run_compensated: (draft) => end(draft, "compensated", {}),
	run_compensation_failed: (draft, event) => end(draft, "compensation_failed", { error: draft.head.error ?? event.error }),
	node_run_started: foldNode,
	node_run_succeeded: foldNode,
	node_run_failed: foldNode,
	node_run_retry: foldNode,
	node_run_exception: foldNode,
	node_run_skipped: foldNode,
	node_run_cancelled: foldNode,
	variables_assigned: foldNode,
	node_run_waiting: foldNode,
	input_received: (draft, event) => {
		if (draft.nodes.get(addressOf(event.scope ?? "", event.node_id))?.composite?.kind === "machine") machineReceived(draft, event);
		else foldNode(draft, event);
	},
	answer_extracted: foldNode,
	timer_fired: timerFired,
	retriever_resource: nothing,
	loop_started: foldNode,
	loop_next: roundBegan,
	loop_item_succeeded: roundEnded,
	loop_item_failed: roundEnded,
	loop_succeeded: foldNode,
	loop_failed: foldNode,
	parallel_branch_started: roundBegan,
	parallel_branch_succeeded: roundEnded,
	parallel_branch_failed: roundEnded,
	sub_workflow_started: foldNode,
	state_machine_started: foldNode,
	state_handler_started: handlerBegan,
	state_handler_succeeded: handlerEnded,
	state_changed: stateChanged,
	state_event_ignored: eventIgnored,
	agent_started: foldNode,
	agent_tools_started: agentBegan,
	agent_tools_succeeded: agentStepEnded,
	agent_round_started: agentBegan,
	agent_round_succeeded: agentStepEnded,
	agent_round_failed: agentStepEnded,
	tool_approval_started: agentBegan,
	tool_approval_succeeded: agentStepEnded,
	tool_call_started: agentBegan,
	tool_call_succeeded: agentStepEnded,
	tool_call_failed: agentStepEnded,
	agent_succeeded: foldNode,
	agent_failed: foldNode
};
function paused(draft, event) {
	if (draft.head.status === "running" || draft.head.status === "compensating") draft.counted({
		status: "paused",
		pauseReason: event.reason ?? "",
		parked: event.parked ?? false
	});
}
function resumed(draft) {
	if (draft.head.status !== "paused") return;
	const status = draft.head.saga ? "compensating" : "running";
	draft.counted({
		status,
		pauseReason: "",
		parked: false
	});
}
function end(draft, status, changes) {
	const left = leftAsItIs(draft);
	const how = left ? {
		status: "compensation_failed",
		error: left
	} : {
		status,
		...changes
	};
	draft.counted({
		...how,
		finishedAt: draft.time
	});
}
function timerFired(draft, event) {
	switch (event.timer) {
		case "deadline":
			draft.counted();
			return;
		case "item":
		case "delay":
			roundTimed(draft, event);
			return;
		case "state":
			machineTimed(draft, event);
			return;
		default: foldNode(draft, event);
	}
}
function foldNode(draft, event) {
	const scope = event.scope ?? "";
	const address = addressOf(scope, event.node_id);
	const before = draft.nodes.get(address);
	if (!before || ENDED.has(before.status)) return;
	if (!canAdvance(draft, address)) {
		foldLate(draft, event);
		return;
	}
	const graph = draft.plan.at(scope);
	const planned = graph?.nodes.get(event.node_id);
	const after = planned ? nextNode(planned, before, event) : null;
	if (!graph || !after) return;
	const node = event.type === "variables_assigned" ? assigned(draft, event, after) : after;
	changed(draft, before, node);
	if (event.type === "sub_workflow_started") {
		const body = bodyOf(graph, event.node_id);
		if (body) openScope(draft, body, childScope(address, event.index ?? 0));
	} else if (ENDED.has(node.status)) nodeEnded(draft, node, event.node_id);
}
function changed(draft, before, node) {
	draft.put(node);
	draft.counted({
		exceptions: draft.head.exceptions + Number(node.status === "exception"),
		usage: node.usage ? used(draft.head.usage, node.usage) : draft.head.usage
	});
	if (before.composite && before.composite.underWay.size + before.composite.settled.size > 0) closeScopesOf(draft, node.address, before.composite);
}
/** A node whose assignments were done, with the new values; or failing, where one cannot be. */
function assigned(draft, event, after) {
	const { values, error } = assign(draft, event.assignments);
	if (error) return {
		...after,
		status: "failing",
		error,
		outputs: {},
		port: ""
	};
	return {
		...after,
		outputs: {
			...values,
			output: values
		}
	};
}
/** Fold the end of a node into the graph around it. */
function nodeEnded(draft, node, nodeId) {
	const { address } = node;
	const scope = scopeOf(address);
	const graph = draft.plan.at(scope);
	const planned = graph?.nodes.get(nodeId);
	if (!graph || !planned) return;
	if (address === draft.head.saga?.undoing?.by) {
		undoingEnded(draft);
		return;
	}
	const succeeded = node.status === "succeeded";
	if (succeeded && !draft.head.saga) completed(draft, address, planned);
	if (succeeded && scope && (planned.type === "break" || planned.type === "continue")) {
		closeScope(draft, scope);
		scopeEnded(draft, scope);
		return;
	}
	afterEnd(draft, graph, scope, nodeId, node.ports.length > 0 ? node.ports : [node.port]);
	if (succeeded && planned.join?.cancelLosers) cancelNodes(draft, losersOf(draft, graph, scope, nodeId));
}
// src/run/log-index.ts
/**
* What is known of every event of a log, however long: sequence, time, type and node.
*
* Columns of numbers, 21 bytes an event. Whole events are in `pages.ts`, and not all of them.
*/
/** Events of one block of columns. */
var BLOCK = 4096;
var Block = class {
	seqs = new Float64Array(BLOCK);
	times = new Float64Array(BLOCK);
	types = new Uint8Array(BLOCK);
	nodes = new Int32Array(BLOCK);
};
var LogIndex = class {
	#blocks = [];
	#types = [];
	#places = /* @__PURE__ */ new Map();
	#length = 0;
	get length() {
		return this.#length;
	}
	/** @param node A number of the node that the event is about; -1 for one of the run. */
	add(event, node) {
		const at = this.#length % BLOCK;
		if (at === 0) this.#blocks.push(new Block());
		const block = this.#blocks.at(-1);
		block.seqs[at] = event.seq;
		block.times[at] = event.time;
		block.types[at] = this.#placeOf(event.type);
		block.nodes[at] = node;
		this.#length += 1;
	}
	#placeOf(type) {
		let place = this.#places.get(type);
		if (place === void 0) {
			place = this.#types.length;
			this.#types.push(type);
			this.#places.set(type, place);
		}
		return place;
	}
	#block(place) {
		return place < this.#length ? this.#blocks[Math.floor(place / BLOCK)] : void 0;
	}
	/** 0 where there is no such event. */
	seq(place) {
		return this.#block(place)?.seqs[place % BLOCK] ?? 0;
	}
	time(place) {
		return this.#block(place)?.times[place % BLOCK] ?? 0;
	}
	type(place) {
		return this.#types[this.#block(place)?.types[place % BLOCK] ?? -1] ?? "";
	}
	node(place) {
		return this.#block(place)?.nodes[place % BLOCK] ?? -1;
	}
	/** How many events there are up to a sequence. */
	countUpTo(seq) {
		let [low, high] = [0, this.#length];
		while (low < high) {
			const middle = low + high >> 1;
			if (this.seq(middle) <= seq) low = middle + 1;
			else high = middle;
		}
		return low;
	}
};
// src/run/pages.ts
/** Events of a page. */
var PAGE = 1e3;
/** Characters of JSON of the pages that stay at hand. */
var MOST$1 = 4e6;
/** Pages that stay at hand, however large they are. */
var LEAST = 6;
var Pages = class {
	read;
	dropped;
	#pages = [];
	#looks = 0;
	#size = 0;
	#coming = /* @__PURE__ */ new Map();
	/**
	* @param read Null: nothing can be read again, and all events stay at hand.
	* @param dropped Is told the number of a page that is not at hand any more.
	*/
	constructor(read, dropped = () => {}) {
		this.read = read;
		this.dropped = dropped;
	}
	add(event, size) {
		let page = this.#pages.at(-1);
		if (!page || page.length === 1e3) {
			page = {
				events: [],
				length: 0,
				first: event.seq,
				last: 0,
				size: 0,
				used: 0
			};
			this.#pages.push(page);
			this.#trim();
		}
		page.events?.push(event);
		page.length += 1;
		page.last = event.seq;
		page.size += size;
		page.used = ++this.#looks;
		this.#size += size;
	}
	/** An event by its number, from 0; undefined where its page is not at hand. */
	at(place) {
		return this.events(Math.floor(place / PAGE))?.[place % PAGE];
	}
	/** The events of a page; null where they are not at hand. */
	events(number) {
		const page = this.#pages[number];
		if (!page?.events) return null;
		page.used = ++this.#looks;
		return page.events;
	}
	has(number) {
		return this.#pages[number]?.events !== null;
	}
	/**
	* Have a page at hand.
	*
	* @throws What the reading threw, and LogChanged.
	*/
	async load(number) {
		const page = this.#pages[number];
		if (!page || page.events) return;
		let coming = this.#coming.get(number);
		if (!coming) {
			coming = this.#reread(number).then((events) => {
				page.events = events;
				page.used = ++this.#looks;
				this.#size += page.size;
				this.#trim();
			});
			this.#coming.set(number, coming);
		}
		try {
			await coming;
		} finally {
			this.#coming.delete(number);
		}
	}
	async #reread(number) {
		const page = this.#pages[number];
		const after = this.#pages[number - 1]?.last ?? 0;
		const events = await this.read?.(after, page.length) ?? [];
		if (!(events.length === page.length && events[0]?.seq === page.first && events.at(-1)?.seq === page.last)) throw new LogChanged(page.first, page.last);
		return events;
	}
	/** All events, a page at a time; those that are not at hand are read and not kept. */
	async *whole() {
		for (const [number, page] of this.#pages.entries()) yield page.events ?? await this.#reread(number);
	}
	/** Let pages go that were not looked at for the longest time. */
	#trim() {
		if (!this.read) return;
		while (this.#size > MOST$1) {
			const held = [...this.#pages.entries()].filter(([, page]) => page.events);
			if (held.length <= LEAST) return;
			const [number, page] = held.slice(0, -1).reduce((least, one) => one[1].used < least[1].used ? one : least);
			page.events = null;
			this.#size -= page.size;
			this.dropped(number);
		}
	}
};
/** Events that were read again are not those that there were. */
var LogChanged = class extends Error {
	constructor(first, last) {
		super(`The events ${first} to ${last} of the log are not there any more as they were`);
	}
};
// src/run/history.ts
/** Events between two states that are kept in a page; the first is that before the page. */
var EVERY = 100;
/** Characters of an event's JSON, where nobody says how many. */
var SIZE = 250;
var History = class {
	index = new LogIndex();
	pages;
	#newest = null;
	#first = null;
	/** For each page the states in it, by how many times `EVERY` events they are into it. */
	#kept = [];
	/** @param read Reads events again; without it all of them are kept. */
	constructor(read = null) {
		this.pages = new Pages(read, (page) => this.#kept[page]?.splice(1));
	}
	get plan() {
		return this.#newest?.plan ?? null;
	}
	/** The event by which the run began. */
	get first() {
		return this.#first;
	}
	/** The state after all events; it goes on changing as more are added. */
	get newest() {
		return this.#newest;
	}
	/** How many events there are. */
	get count() {
		return this.index.length;
	}
	/** Sequence of the newest event; 0 before the first. */
	get lastSeq() {
		return this.index.seq(this.count - 1);
	}
	/**
	* Add events in the order of the log; those that are there already are passed over.
	*
	* @param size Characters of their JSON.
	* @returns How many were new.
	*/
	add(events, size = events.length * SIZE) {
		const before = this.count;
		for (const event of events) {
			if (this.count > 0 && event.seq <= this.lastSeq) continue;
			if (this.#newest) {
				if (this.count % EVERY === 0) this.#keep(this.count, this.#newest);
				foldEvent(this.#newest, event);
			} else if (event.type === "run_started") {
				this.#first = event;
				this.#newest = beginRun(event);
			} else throw new LogDamaged(event);
			const about = aboutOf(event);
			this.index.add(event, about ? this.#newest.nodes.placeOf(about) : -1);
			this.pages.add(event, size / events.length);
		}
		return this.count - before;
	}
	#keep(count, { head, nodes, scopes }) {
		const page = Math.floor(count / PAGE);
		this.#kept[page] ??= [];
		const kept = this.#kept[page];
		kept[count % PAGE / EVERY] ??= {
			head,
			nodes: nodes.kept(),
			scopes: scopes.kept()
		};
	}
	/** The address of the node that an event is about, by its number; empty for one of the run. */
	aboutAt(place) {
		const node = this.index.node(place);
		return node < 0 ? "" : this.#newest?.nodes.keyAt(node) ?? "";
	}
	/** Whether the state after so many events can be told at once. */
	isAtHand(count) {
		return this.pages.at(count - 1) !== void 0;
	}
	/**
	* The state after the first `count` events; null after none, and where its page is not at hand.
	*/
	at(count) {
		if (!this.#newest || count < 1) return null;
		if (count >= this.count) return this.#newest;
		const page = Math.floor((count - 1) / PAGE);
		const events = this.pages.events(page);
		if (!events) return null;
		const inside = count - page * PAGE;
		const kept = this.#kept[page] ?? [];
		let place = Math.floor(inside / EVERY);
		while (place > 0 && !kept[place]) place -= 1;
		let from = place * EVERY;
		const state = kept[place];
		let draft;
		if (state) draft = new Draft(this.#newest.plan, state.head, state.nodes.kept(), state.scopes.kept());
		else if (page === 0 && this.#first) {
			draft = beginRun(this.#first);
			from = 1;
		} else return null;
		for (; from < inside; from += 1) {
			if (from % EVERY === 0) this.#keep(page * PAGE + from, draft);
			foldEvent(draft, events[from]);
		}
		return draft;
	}
	/** How many events there are up to a sequence. */
	countUpTo(seq) {
		return this.index.countUpTo(seq);
	}
};
/** The log does not begin with the event by which a run begins. */
var LogDamaged = class extends Error {
	event;
	constructor(event) {
		super(`The log does not begin with run_started but, at sequence ${event.seq}, with ${event.type}`);
		this.event = event;
	}
};
// src/run/streamed.ts
/** Text of nodes and answers as it was written, piece by piece, with the time of each piece. */
var Streamed = class {
	#streams = /* @__PURE__ */ new Map();
	#newest = /* @__PURE__ */ new Map();
	/** Take a piece; one that was taken before changes nothing. */
	add(chunk) {
		const address = addressOf(chunk.scope ?? "", chunk.node_id);
		const attempt = chunk.attempt ?? 1;
		const place = `${address} ${attempt}`;
		if (chunk.index <= (this.#newest.get(place) ?? -1)) return;
		this.#newest.set(place, chunk.index);
		if (chunk.kind === "variable") return;
		const kind = chunk.kind ?? "text";
		const name = chunk.name ?? "output";
		const text = chunk.text ?? "";
		if (text || chunk.final) this.#append(`${place} ${kind} ${name}`, {
			address,
			attempt,
			name,
			kind
		}, text, chunk.time, { final: chunk.final ?? false });
	}
	/** A piece of an answer, which may replace all that was sent of it before. */
	addAnswer(chunk, time) {
		const address = addressOf(chunk.scope ?? "", chunk.node_id);
		const kind = chunk.kind ?? "text";
		const key = `${address} answer ${kind}`;
		if (chunk.replace) this.#streams.delete(key);
		const about = {
			address,
			attempt: 1,
			name: "answer",
			kind
		};
		this.#append(key, about, chunk.text, time, { final: false });
	}
	#append(key, about, piece, time, { final }) {
		const before = this.#streams.get(key);
		const times = before?.times ?? [];
		const lengths = before?.lengths ?? [];
		const text = (before?.text ?? "") + piece;
		times.push(time);
		lengths.push(text.length);
		this.#streams.set(key, {
			...about,
			text,
			final: final || (before?.final ?? false),
			times,
			lengths
		});
	}
	get size() {
		return this.#streams.size;
	}
	/** All streams, those that began first first; as they were at a time, where one is given. */
	all(until = Number.POSITIVE_INFINITY) {
		const found = [];
		for (const stream of this.#streams.values()) {
			const shown = cut(stream, until);
			if (shown) found.push(shown);
		}
		return found;
	}
	/** Text of one attempt of a node. */
	of(address, attempt, until = Number.POSITIVE_INFINITY) {
		for (const kind of ["text", "reasoning"]) {
			const stream = this.#streams.get(`${address} ${attempt} ${kind} output`);
			const shown = stream && cut(stream, until);
			if (shown) return shown;
		}
		const answer = this.#streams.get(`${address} answer text`);
		return answer ? cut(answer, until) : null;
	}
};
function cut(stream, until) {
	const { times, lengths } = stream;
	if ((times[0] ?? 0) > until) return null;
	if ((times.at(-1) ?? 0) <= until) return stream;
	let [low, high] = [0, times.length];
	while (low < high) {
		const middle = low + high >> 1;
		if (times[middle] <= until) low = middle + 1;
		else high = middle;
	}
	return {
		...stream,
		text: stream.text.slice(0, lengths[low - 1]),
		final: false
	};
}
// src/run/store.ts
/**
* One run being looked at: its log from the gateway and then its stream, or a log from a file.
*
* What comes is folded once a frame. Components subscribe and read the newest `RunData`.
*/
/** Milliseconds between folds while the page is hidden: frames do not come then. */
var HIDDEN = 250;
/** Milliseconds between two folds at least: people see no more of a busy run at 60 a second. */
var BETWEEN = 50;
var Store = class {
	#listeners = /* @__PURE__ */ new Set();
	#frames = [];
	#waiting = null;
	#lastFold = 0;
	#stop = () => {};
	#ended = new AbortController();
	#data;
	constructor(state, runId = null) {
		const read = runId === null ? null : (after, limit) => this.#again(runId, after, limit);
		this.#data = {
			history: new History(read),
			streamed: new Streamed(),
			count: 0,
			pieces: 0,
			loads: 0,
			state,
			problem: null,
			fetch: this.#fetch
		};
	}
	get = () => this.#data;
	subscribe = (listener) => {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	};
	close() {
		this.#ended.abort();
		this.#waiting?.();
		this.#stop();
		this.#listeners.clear();
	}
	change(changes) {
		if (this.#ended.signal.aborted) return;
		this.#data = {
			...this.#data,
			...changes
		};
		for (const listener of this.#listeners) listener();
	}
	/** Add the events of some lines, of which is told soon. */
	add(text) {
		this.#data.history.add(eventsOf(text), text.length);
		this.#soon();
	}
	/** Load the log, and follow the stream from its last event. */
	async load(runId) {
		try {
			await this.#read(await this.#ask(runId, {}));
		} catch (problem) {
			if (problem instanceof ApiProblem || this.#data.history.count === 0) {
				if (!this.#ended.signal.aborted) this.change({
					state: "refused",
					problem
				});
				return;
			}
		}
		this.fold();
		if (this.#ended.signal.aborted) return;
		const { count, lastSeq } = this.#data.history;
		this.#stop = follow({
			path: `/api/runs/${encodeURIComponent(runId)}/stream`,
			after: count === 0 ? "" : `e${lastSeq}-c0`,
			onFrames: (frames) => this.#take(frames),
			onState: (state, problem) => {
				if (state === "ended") this.fold();
				this.change({
					state,
					problem: problem ?? null
				});
			}
		});
	}
	#ask(runId, query) {
		return exchange("get", "/api/runs/{run_id}/events", {
			path: { run_id: runId },
			query,
			accept: "application/x-ndjson",
			signal: this.#ended.signal
		});
	}
	/** Add the lines of an answer as they come. */
	async #read(answer) {
		if (!answer.body) return;
		const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
		let rest = "";
		for (;;) {
			const { done, value } = await reader.read();
			const text = rest + (value ?? "");
			const whole = done ? text.length : text.lastIndexOf("\n") + 1;
			rest = text.slice(whole);
			if (whole > 0) this.add(text.slice(0, whole));
			if (done) return;
		}
	}
	/** Events that were let go. */
	async #again(runId, after, limit) {
		return eventsOf(await (await this.#ask(runId, {
			after,
			limit
		})).text());
	}
	#fetch = (places) => {
		const { pages } = this.#data.history;
		for (const page of new Set(places.map((place) => Math.floor(place / PAGE)))) {
			if (pages.has(page)) continue;
			pages.load(page).then(() => this.change({
				loads: this.#data.loads + 1,
				problem: null
			}), (problem) => this.change({ problem }));
		}
	};
	#take(frames) {
		for (const frame of frames) this.#frames.push(frame);
		this.#soon();
	}
	/** Fold and tell what came, with one of the next frames that are drawn. */
	#soon() {
		this.#waiting ??= soon(() => {
			this.#waiting = null;
			this.#lastFold = performance.now();
			this.fold();
		}, this.#lastFold + BETWEEN - performance.now());
	}
	fold() {
		const frames = this.#frames;
		const { history, streamed } = this.#data;
		if (frames.length === 0 && history.count === this.#data.count) return;
		this.#frames = [];
		const logged = [];
		let [pieces, size] = [0, 0];
		let problem = this.#data.problem;
		for (const { data } of frames) {
			const event = JSON.parse(data);
			switch (event.type) {
				case "stream_chunk":
					streamed.add(event);
					pieces += 1;
					break;
				case "answer_chunk":
					streamed.addAnswer(event, history.newest?.head.now ?? 0);
					pieces += 1;
					break;
				case "error":
					problem = /* @__PURE__ */ new Error(`${event.code}: ${event.message}`);
					break;
				case "end": break;
				default:
					logged.push(event);
					size += data.length;
			}
		}
		history.add(logged, size);
		this.change({
			count: history.count,
			pieces: this.#data.pieces + pieces,
			problem
		});
	}
};
/** Do something once: with a frame after a time, or by a timer where frames do not come. */
function soon(act, wait) {
	let frame = 0;
	const stop = () => {
		clearTimeout(timer);
		clearTimeout(pause);
		cancelAnimationFrame(frame);
	};
	const go = () => {
		stop();
		act();
	};
	const timer = setTimeout(go, HIDDEN);
	const pause = setTimeout(() => {
		frame = requestAnimationFrame(go);
	}, wait);
	return stop;
}
/** Look at a run of the gateway. */
function openRun(runId) {
	const store = new Store("loading", runId);
	store.load(runId);
	return store;
}
/**
* Look at a log that is at hand as text.
*
* @throws LineProblem, LogDamaged
*/
function openLog(text) {
	const store = new Store("file");
	store.add(text);
	store.fold();
	return store;
}
// src/screens/run/actions/dialogs.tsx
/** The dialogs of a run, each loaded when it is first opened. */
var CancelDialog = later(async () => (await __vitePreload(async () => {
	const { CancelDialog } = await import("./cancel-Dsza2bqB.js");
	return { CancelDialog };
}, __vite__mapDeps([0,1,2,3,4,5,6,7,8,9,10,11,12]))).CancelDialog);
var CaseDialog = later(async () => (await __vitePreload(async () => {
	const { CaseDialog } = await import("./case-B1Eeu-6T.js");
	return { CaseDialog };
}, __vite__mapDeps([13,1,2,3,4,14,15,5,6,7,8,9]))).CaseDialog);
var CompareDialog = later(async () => (await __vitePreload(async () => {
	const { CompareDialog } = await import("./compare-DJLBS7vY.js");
	return { CompareDialog };
}, __vite__mapDeps([16,1,5,2,6,7,8,3,4,9,15,17,10,11]))).CompareDialog);
var ForkDialog = later(async () => (await __vitePreload(async () => {
	const { ForkDialog } = await import("./fork-DGOL1jKn.js");
	return { ForkDialog };
}, __vite__mapDeps([18,1,5,2,6,7,8,3,4,9,19,14,15,20,10,11,12,21]))).ForkDialog);
var RetryDialog = later(async () => (await __vitePreload(async () => {
	const { RetryDialog } = await import("./retry-C82kPkXZ.js");
	return { RetryDialog };
}, __vite__mapDeps([22,1,5,2,6,7,8,3,4,9,10,11,12,21]))).RetryDialog);
// src/screens/run/actions.tsx
/** What can be done with a run as it is now. */
function Actions() {
	const { runId } = useWorkspace$1();
	return runId === null ? null : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RunActions, { runId });
}
function RunActions({ runId }) {
	const t = useTexts(runTexts);
	const { data } = useWorkspace$1();
	const [open, setOpen] = (0, import_react.useState)(null);
	const [refused, setRefused] = (0, import_react.useState)(null);
	const { history } = data;
	const head = history.newest?.head;
	if (!head) return null;
	const ended = hasEnded(head.status);
	const steer = async (verb) => {
		setRefused(null);
		try {
			await call("post", `/api/runs/{run_id}/${verb}`, { path: { run_id: runId } });
		} catch (problem) {
			setRefused(problem);
		}
	};
	const saveLog = async () => {
		setRefused(null);
		try {
			save(await textOf(history), `${runId}.jsonl`);
		} catch (problem) {
			setRefused(problem);
		}
	};
	const close = () => setOpen(null);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "row actions",
		children: [
			(head.status === "running" || head.status === "compensating") && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => void steer("pause"),
				children: t.pause
			}),
			head.status === "paused" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "primary",
				onClick: () => void steer("resume"),
				children: t.resume
			}),
			!ended && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "danger",
				onClick: () => setOpen("cancel"),
				children: t.cancel
			}),
			ended && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => setOpen("retry"),
				children: t.retry
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => setOpen("fork"),
				children: t.fork
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => setOpen("compare"),
				children: t.compare
			}),
			ended && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => setOpen("case"),
				children: t.testCase
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
				className: "button",
				to: "/w/$workflowId",
				params: { workflowId: head.workflowId },
				search: { run: runId },
				children: t.edit
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => void saveLog(),
				children: t.saveLog
			}),
			refused !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: refused }),
			open === "case" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(CaseDialog, {
				runId,
				close
			}),
			open === "cancel" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(CancelDialog, {
				runId,
				close
			}),
			open === "retry" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RetryDialog, {
				runId,
				close
			}),
			open === "fork" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ForkDialog, { close }),
			open === "compare" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(CompareDialog, {
				runId,
				close
			})
		]
	});
}
/** The log as JSON lines; what of it is not at hand is asked for. */
async function textOf(history) {
	const parts = [];
	for await (const events of history.pages.whole()) parts.push(events.map((one) => `${JSON.stringify(one)}\n`).join(""));
	return new Blob(parts, { type: "text/plain" });
}
// src/screens/run/use-now.ts
/** The time up to which a run is shown: the clock's while it goes on, else that of its newest event. */
/** @returns Unix seconds; a new second makes a new drawing. */
function useNow() {
	const { moment, data } = useWorkspace$1();
	const { status } = moment.state.head;
	const goesOn = !hasEnded(status) && moment.isNewest && data.state === "open";
	const [now, setNow] = (0, import_react.useState)(() => Date.now() / 1e3);
	(0, import_react.useEffect)(() => {
		if (!goesOn) return;
		const timer = setInterval(() => setNow(Date.now() / 1e3), 1e3);
		return () => clearInterval(timer);
	}, [goesOn]);
	return goesOn ? Math.max(now, moment.event.time) : moment.event.time;
}
// src/screens/run/header.tsx
/** How the run is going, what it has used, and what can be done with it. */
/** Characters of an error's message; the whole of it stands beside the canvas. */
var SHOWN$1 = 300;
function Header() {
	const t = useTexts(runTexts);
	const { runId, moment, data, select } = useWorkspace$1();
	const { head } = moment.state;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("header", {
		className: "run-head",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h1", {
						className: "cut",
						children: runId === null ? visible(head.workflowId) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
							to: "/w/$workflowId",
							params: { workflowId: head.workflowId },
							children: head.workflowId
						})
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						role: "status",
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Status, { status: head.status })
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Connected, { state: data.state })
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row muted",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "mono cut",
						children: visible(head.runId)
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: t.version(head.version) }),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						title: t.elapsed,
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Elapsed, {})
					}),
					head.usage.total_tokens > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: t.tokens(count(head.usage.total_tokens)) }),
					head.usage.cost > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						title: t.cost,
						children: cost(head.usage.cost)
					}),
					head.origin && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", { children: [
						head.origin.kind === "retry" ? t.retryOf : t.forkOf,
						" ",
						runId === null ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "mono",
							children: head.origin.run_id.slice(0, 13)
						}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
							to: "/r/$runId",
							params: { runId: head.origin.run_id },
							search: { at: String(head.origin.at) },
							className: "mono",
							children: head.origin.run_id.slice(0, 13)
						})
					] }),
					Object.entries(head.labels).map(([name, value]) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "label",
						title: visible(`${name}: ${value}`),
						children: visible(`${name}: ${value}`)
					}, name))
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Actions, {}),
			head.status === "paused" && (head.pauseReason || head.parked) && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
				className: "notice",
				children: [
					head.parked ? t.parked : t.pauseReason,
					" ",
					visible(head.pauseReason)
				]
			}),
			head.error && hasEnded(head.status) && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
				className: "problem",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: head.error.code }),
					" ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: visible(head.error.message.slice(0, SHOWN$1)) }),
					head.errorAddress && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: () => select(head.errorAddress),
						children: t.showNode
					})
				]
			}),
			data.problem !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "problem",
				role: "alert",
				children: String(data.problem.message ?? data.problem)
			})
		]
	});
}
function Connected({ state }) {
	const t = useTexts(runTexts);
	if (state === "waiting") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
		className: "muted",
		children: t.reconnecting
	});
	if (state === "open") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
		className: "muted live-dot",
		children: t.live
	});
	return state === "file" ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
		className: "muted",
		children: t.file
	}) : null;
}
/** Seconds of the run so far, or of all of it. */
function Elapsed() {
	const { moment } = useWorkspace$1();
	const now = useNow();
	const { head } = moment.state;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(import_jsx_runtime.Fragment, { children: duration(Math.max(0, (head.finishedAt ?? now) - head.startedAt)) });
}
// src/screens/run/inspector/node-inputs.tsx
/** What an attempt of a node was given, as the gateway finds it again from the log. */
function NodeInputs({ address, node }) {
	const t = useTexts(inspectorTexts);
	const { runId, view, change } = useWorkspace$1();
	const attempts = node?.attempts.filter((one) => one.readySeq !== null) ?? [];
	const wanted = attempts.find((one) => String(one.attempt) === view.attempt) ?? attempts.at(-1);
	if (runId === null) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "muted",
		children: t.fileOnly
	});
	if (!wanted) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "muted",
		children: t.noInputs
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack",
		children: [attempts.length > 1 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [
			t.attempt,
			" ",
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("select", {
				value: wanted.attempt,
				onChange: (event) => change({ attempt: event.target.value }),
				children: attempts.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
					value: one.attempt,
					children: one.attempt
				}, one.attempt))
			})
		] }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Given, {
			runId,
			address,
			attempt: wanted.attempt,
			seq: wanted.readySeq ?? 0
		})]
	});
}
function Given({ runId, address, attempt, seq }) {
	const t = useTexts(inspectorTexts);
	const found = useQuery({
		queryKey: [
			"run",
			runId,
			"inputs",
			address,
			attempt,
			seq
		],
		staleTime: Number.POSITIVE_INFINITY,
		queryFn: async () => (await call("get", "/api/runs/{run_id}/nodes/{address}", {
			path: {
				run_id: runId,
				address
			},
			query: { attempt }
		})).data.inputs
	});
	if (found.isPending) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {});
	if (found.error) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, {
		error: found.error,
		again: () => void found.refetch()
	});
	if (!found.data) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "muted",
		children: t.noInputs
	});
	const { config, values, unresolved } = found.data;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Section, {
				title: t.rendered,
				values: config
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Section, {
				title: t.values,
				values
			}),
			Object.keys(unresolved).length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
				"aria-label": t.unresolved,
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: t.unresolved }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", { children: Object.entries(unresolved).map(([field, why]) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", { children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: visible(field) }),
					" ",
					visible(why)
				] }, field)) })]
			})
		]
	});
}
function Section({ title, values }) {
	const entries = Object.entries(values);
	if (entries.length === 0) return null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "stack small-gap",
		"aria-label": title,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: title }), entries.map(([name, value]) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", {
			className: "tree-name",
			children: visible(name)
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Value, {
			value,
			name
		})] }, name))]
	});
}
// src/screens/run/inspector/node-output.tsx
/** What a node gave, output by output. */
function NodeOutput({ node }) {
	const t = useTexts(inspectorTexts);
	const entries = Object.entries(node.outputs);
	if (entries.length === 0) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "muted",
		children: t.noOutput
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: "stack",
		children: entries.map(([name, value]) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
			className: "stack small-gap",
			"aria-label": visible(name),
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", {
				className: "mono",
				children: visible(name)
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Value, {
				value,
				name
			})]
		}, name))
	});
}
// src/screens/run/written-text.tsx
/** Text of nodes and answers as it was streamed, up to the playhead. */
var written_text_exports = /* @__PURE__ */ __exportAll({ WrittenText: () => WrittenText$1 });
/** Characters that are shown: the end of a text. */
var SHOWN = 2e4;
function WrittenText$1() {
	const t = useTexts(timeTexts);
	const { data, moment } = useWorkspace$1();
	const streams = data.streamed.all(moment.until).filter((one) => one.text !== "");
	if (streams.length === 0) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "muted",
		children: t.noText
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: "stack written",
		children: streams.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(OneText, { stream: one }, `${one.address} ${one.attempt} ${one.name} ${one.kind}`))
	});
}
function OneText({ stream }) {
	const t = useTexts(timeTexts);
	const { select } = useWorkspace$1();
	const [rendered, setRendered] = (0, import_react.useState)(false);
	const { address, attempt, kind, text } = stream;
	const shown = text.slice(-2e4);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		"aria-label": visible(address),
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "row",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: "plain mono",
					onClick: () => select(address),
					children: visible(address)
				}),
				attempt > 1 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "muted",
					children: t.attempt(attempt)
				}),
				kind === "reasoning" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "muted",
					children: t.thoughts
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", {
					className: "check",
					children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
							type: "checkbox",
							checked: rendered,
							onChange: (event) => setRendered(event.target.checked)
						}),
						" ",
						t.asMarkdown
					]
				}),
				text.length > SHOWN && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "muted",
					children: t.earlier(count(text.length - SHOWN))
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: () => save(text, `${address.replaceAll("/", "_")}.txt`),
					children: t.download
				})] })
			]
		}), rendered ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Markdown, { text: shown }) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("pre", {
			className: kind === "reasoning" ? "muted" : void 0,
			children: visible(shown)
		})]
	});
}
// src/screens/run/inspector/failure-note.tsx
/** Why something failed: code, message, what to do, and details. */
function FailureNote({ error }) {
	const t = useTexts(inspectorTexts);
	const { hint, ...details } = error.details ?? {};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "problem stack small-gap",
		"aria-label": t.error,
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: error.code }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "pre",
				children: visible(error.message.slice(0, 4e3))
			}),
			typeof hint === "string" && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", { children: [
				t.hint,
				": ",
				visible(hint)
			] }),
			error.retryable && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "muted",
				children: t.retryable
			}),
			Object.keys(details).length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", { children: t.details }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueTree, { value: details })] })
		]
	});
}
// src/screens/run/inspector/node-summary.tsx
/** How a node is going: what it waits for, its error, and each of its attempts. */
function NodeSummary({ node }) {
	const t = useTexts(inspectorTexts);
	const { data, moment } = useWorkspace$1();
	const text = data.streamed.of(node.address, node.attempt, moment.until);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Waits, { node }),
			node.error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(FailureNote, { error: node.error }),
			(node.port || node.ports.length > 0) && node.status !== "skipped" && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", { children: [
				t.port,
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: visible((node.ports.length ? node.ports : [node.port]).join(", ")) }),
				" ",
				node.servedBy && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "muted",
					children: t[`served_${node.servedBy}`]
				})
			] }),
			node.attempts.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Attempts, { node }),
			node.answer && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", { children: [
				t.answered,
				": ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: visible(node.answer.action) }),
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "muted",
					children: dateTime(node.answer.time)
				}),
				" ",
				visible(node.answer.feedback ?? "")
			] }),
			text && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(OneText, { stream: text })
		]
	});
}
function Waits({ node }) {
	const t = useTexts(inspectorTexts);
	const { runId, moment } = useWorkspace$1();
	const wait = waitOf(node);
	if (!wait) return null;
	const isOpen = shownStatus(moment.plan, moment.state, node) === "waiting";
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "notice stack small-gap",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: t[`waits_${wait.for}`] }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
				className: "muted",
				children: [
					wait.since !== null && t.since(dateTime(wait.since)),
					" ",
					wait.due !== null && t.until(dateTime(wait.due))
				]
			}),
			wait.message && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: visible(wait.message) }),
			wait.assignee && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", { children: [
				t.assignee,
				": ",
				visible(wait.assignee)
			] }),
			wait.subject && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", { children: [
				t.subject,
				": ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: visible(wait.subject) })
			] }),
			wait.state && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", { children: [
				t.state,
				": ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: visible(wait.state) })
			] }),
			runId !== null && isOpen && moment.isNewest && wait.token && wait.for !== "event" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
				className: "button",
				to: "/inbox",
				search: { review: wait.token },
				children: t.answer
			})
		]
	});
}
function Attempts({ node }) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ol", {
		className: "attempts-list",
		children: node.attempts.map((one, place) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
			className: "stack small-gap",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(OneAttempt, {
				node,
				one,
				last: place === node.attempts.length - 1
			}), place > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RetriedFor, { before: node.attempts[place - 1] })]
		}, `${one.attempt} ${one.readySeq ?? "b"}`))
	});
}
function OneAttempt({ node, one, last }) {
	const t = useTexts(inspectorTexts);
	const { moment } = useWorkspace$1();
	const now = useNow();
	const status = one.status || (last ? shownStatus(moment.plan, moment.state, node) : "succeeded");
	const began = one.startedAt ?? one.finishedAt;
	const ended = one.finishedAt ?? (last ? node.finishedAt ?? now : one.startedAt);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "row",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("strong", { children: [
				t.attempt,
				" ",
				one.attempt
			] }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Status, { status }),
			one.backup && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "muted",
				children: t.backup
			}),
			one.delay > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "muted",
				children: t.after(duration(one.delay))
			})
		]
	}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("dl", {
		className: "facts",
		children: [
			one.readyAt !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Fact, {
				name: t.queued,
				value: duration((began ?? now) - one.readyAt)
			}),
			one.startedAt !== null && ended !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Fact, {
				name: t.ran,
				value: duration(Math.max(0, ended - one.startedAt))
			}),
			one.startedAt !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Fact, {
				name: t.began,
				value: clock(one.startedAt)
			}),
			one.finishedAt !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Fact, {
				name: t.ended,
				value: clock(one.finishedAt)
			}),
			one.usage && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Fact, {
				name: t.tokens,
				value: count(one.usage.total_tokens ?? 0)
			}),
			one.usage?.cost ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Fact, {
				name: t.cost,
				value: cost(one.usage.cost)
			}) : null,
			one.executor && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Fact, {
				name: t.executor,
				value: visible(one.executor)
			})
		]
	})] });
}
function RetriedFor({ before }) {
	const t = useTexts(inspectorTexts);
	if (!before?.error) return null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
		className: "muted",
		children: [
			t.retriedFor,
			" ",
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: before.error.code }),
			" ",
			visible(before.error.message)
		]
	});
}
function Fact({ name, value }) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dt", { children: name }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("dd", { children: value })] });
}
// src/screens/run/inspector/run-summary.tsx
/** How an undoing goes, in words of a status. */
var STATUS = {
	pending: "pending",
	running: "running",
	compensated: "succeeded",
	failed: "failed",
	cancelled: "cancelled"
};
function RunSummary() {
	const t = useTexts(inspectorTexts);
	const { moment, select } = useWorkspace$1();
	const { plan, state } = moment;
	const { head } = state;
	const undone = compensation(plan, state, hasEnded(head.status));
	const { outputs } = head;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t.run }),
			head.error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(FailureNote, { error: head.error }),
			head.source && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", { children: [
				t.source,
				": ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: visible(head.source) })
			] }),
			head.query && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Part, {
				title: t.asked,
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Value, {
					value: head.query,
					name: "query"
				})
			}),
			Object.keys(head.inputs).length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "muted",
				children: t.noInputsAtAll
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Named, {
				title: t.inputs,
				values: head.inputs
			}),
			outputs !== null && outputs !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Part, {
				title: t.outputs,
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Value, {
					value: outputs,
					name: "outputs"
				})
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Named, {
				title: t.variables,
				values: without(head.values, head.inputs)
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Named, {
				title: t.conversation,
				values: head.conversation
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Named, {
				title: t.environment,
				values: head.environment
			}),
			undone.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Part, {
				title: t.compensation,
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ol", { children: undone.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", { children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "plain mono",
						onClick: () => select(one.address),
						children: visible(one.address)
					}),
					" ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "plain",
						onClick: () => select(one.by),
						children: t.undoneBy(visible(one.by))
					}),
					" ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Status, { status: STATUS[one.status] })
				] }, `${one.address} ${one.by}`)) })
			})
		]
	});
}
/** Variables: what is named so and no input, or an input that was changed. */
function without(values, inputs) {
	return Object.fromEntries(Object.entries(values).filter(([name, value]) => !(name in inputs) || inputs[name] !== value));
}
function Named({ title, values }) {
	if (Object.keys(values).length === 0) return null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Part, {
		title,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Value, {
			value: values,
			name: title
		})
	});
}
function Part({ title, children }) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "stack small-gap",
		"aria-label": title,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: title }), children]
	});
}
// src/screens/run/inspector/inspector.tsx
/** The node that is selected, in parts; or the run itself while none is. */
var AgentSteps = later(async () => (await __vitePreload(async () => {
	const { AgentSteps } = await import("./agent-steps-BWwFyhJS.js");
	return { AgentSteps };
}, __vite__mapDeps([23,4,1,2,24,25,14,3,15,5,6,7,8,9,17,26,27,10]))).AgentSteps);
var NodeEvents = later(async () => (await __vitePreload(async () => {
	const { NodeEvents } = await import("./node-events-DN7WW3ig.js");
	return { NodeEvents };
}, __vite__mapDeps([28,1,2,4,15,5,6,7,8,3,9,10]))).NodeEvents);
var WhyNot = later(async () => (await __vitePreload(async () => {
	const { WhyNot } = await import("./why-not-puOA8Qw4.js");
	return { WhyNot };
}, __vite__mapDeps([29,4,1,2,30,24,17,5,6,7,8,3,9,10]))).WhyNot);
function Inspector() {
	const t = useTexts(inspectorTexts);
	const { selected } = useWorkspace$1();
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("aside", {
		className: "inspector",
		"aria-label": selected ? t.node : t.run,
		children: selected ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(OneNode, { address: selected.address }, selected.address) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RunSummary, {})
	});
}
function OneNode({ address }) {
	const t = useTexts(inspectorTexts);
	const { runId, moment, data, select } = useWorkspace$1();
	const { plan, state } = moment;
	const node = state.nodes.get(address);
	const planned = plan.node(address);
	const ran = node !== void 0 && node.startedAt !== null && node.status !== "skipped";
	const [chosen, setChosen] = (0, import_react.useState)(null);
	const [retrying, setRetrying] = (0, import_react.useState)(false);
	const parts = partsOf(node, ran);
	const part = parts.find((one) => one === chosen) ?? parts[0] ?? "why";
	const ended = hasEnded(data.history.newest?.head.status ?? "running");
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "row spread",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", {
				className: "cut",
				children: visible(planned?.name || address)
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "plain",
				"aria-label": t.deselect,
				onClick: () => select(null),
				children: "✕"
			})]
		}),
		/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "row",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "mono cut muted",
					children: visible(address)
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "muted",
					children: planned?.type
				}),
				node && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Status, { status: shownStatus(plan, state, node) })
			]
		}),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)("fieldset", {
			className: "tab-row bare",
			"aria-label": t.parts,
			children: parts.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "plain",
				"aria-pressed": one === part,
				onClick: () => setChosen(one),
				children: t[one]
			}, one))
		}),
		part === "summary" && node && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NodeSummary, { node }),
		part === "given" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NodeInputs, {
			address,
			node
		}),
		part === "output" && node && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NodeOutput, { node }),
		part === "steps" && node && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(AgentSteps, { node }),
		part === "events" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NodeEvents, { address }),
		part === "why" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(WhyNot, { address }),
		runId !== null && ended && node && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
			type: "button",
			onClick: () => setRetrying(true),
			children: t.retryFrom
		}),
		retrying && runId !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RetryDialog, {
			runId,
			node: address,
			close: () => setRetrying(false)
		})
	] });
}
function partsOf(node, ran) {
	if (!node) return ["why"];
	const parts = ran ? ["summary"] : ["why", "summary"];
	if (node.attempts.length > 0) parts.push("given");
	if (ran) parts.push("output");
	if (node.composite?.kind === "agent") parts.push("steps");
	return [...parts, "events"];
}
// src/run/items.ts
/** Items, rounds, branches, handlers and calls of a composite: which there are, and which is looked at. */
function itemsOf(node, body) {
	const composite = node.composite;
	if (!composite) return null;
	if (composite.kind === "called" || composite.kind === "rounds" && !composite.branches.length) {
		const { begun } = composite;
		const total = composite.kind === "rounds" ? composite.count : begun;
		const known = (index) => index < begun ? index : -1;
		return {
			count: begun,
			total,
			at: known,
			placeOf: known,
			failed: composite.kind === "rounds" ? composite.failed : null
		};
	}
	const numbers = numbersOf(composite, body);
	return {
		count: numbers.length,
		total: numbers.length,
		at: (place) => numbers[place] ?? -1,
		placeOf: (index) => numbers.indexOf(index),
		failed: null
	};
}
function numbersOf(composite, body) {
	const found = [];
	for (let index = 0; index < composite.begun; index += 1) {
		const name = composite.kind === "machine" ? composite.handlers[index] : bodyName(composite, index);
		if ((composite.kind !== "agent" || composite.scopes[index] !== void 0) && name === body) found.push(index);
	}
	return found;
}
function pickKey(address, body) {
	return `${address}[${body}`;
}
/** The choices by which a node of a run is looked at. */
function picksFor(address) {
	const picks = /* @__PURE__ */ new Map();
	for (let scope = scopeOf(address); scope; scope = scopeOf(compositeOf(scope))) {
		const { body } = stepOf(scope.slice(scope.lastIndexOf("/") + 1));
		picks.set(pickKey(compositeOf(scope), body), indexOf(scope));
	}
	return picks;
}
/** Where a box `each/call` is in the run: `each[3]/call`; null while its composite has no such scope. */
function addressIn(state, box, picks) {
	const { scope } = scopeIn(state, box, picks);
	return scope === null ? null : addressOf(scope, box.slice(box.lastIndexOf("/") + 1));
}
/** The composites around a box, the outermost first, and the scope that the box is in. */
function scopeIn(state, box, picks) {
	const around = [];
	let scope = "";
	for (const step of box.split("/").slice(0, -1)) {
		const open = step.indexOf("[");
		const id = open < 0 ? step : step.slice(0, open);
		const body = open < 0 ? "" : step.slice(open + 1, -1);
		const address = addressOf(scope, id);
		const node = state.nodes.get(address);
		const items = node ? itemsOf(node, body) : null;
		const picked = picks.get(pickKey(address, body));
		const newest = items && items.count > 0 ? items.at(items.count - 1) : -1;
		const index = picked !== void 0 && (items?.placeOf(picked) ?? -1) >= 0 ? picked : newest;
		around.push({
			address,
			body,
			index
		});
		if (index < 0) return {
			scope: null,
			around
		};
		scope = childScope(address, index, body);
	}
	return {
		scope,
		around
	};
}
// src/screens/run/pagers.tsx
/** Which item, round or branch of each composite is looked at, and the way to the others. */
/** Composites that have a pager at a time while nothing is selected. */
var MOST = 4;
function Pagers() {
	const t = useTexts(runTexts);
	const shown = pagersOf(useWorkspace$1());
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("section", {
		className: "pagers row",
		"aria-label": t.items,
		children: shown.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Pager, { ...one }, pickKey(one.address, one.body)))
	});
}
function pagersOf({ moment, selected, picks }) {
	const { state } = moment;
	const found = [];
	if (selected) {
		found.push(...scopeIn(state, selected.box, picks).around);
		if (state.nodes.get(selected.address)) found.push(...bodiesOf(selected.address, moment, picks));
	} else for (const id of moment.plan.graph.nodes.keys()) found.push(...bodiesOf(id, moment, picks));
	const paged = found.flatMap((one) => {
		const node = state.nodes.get(one.address);
		const items = node ? itemsOf(node, one.body) : null;
		return items && items.count > 1 ? [{
			...one,
			items
		}] : [];
	});
	return selected ? paged : paged.slice(0, MOST);
}
/** The bodies of a composite as if a box in each were looked at. */
function bodiesOf(address, { plan, state }, picks) {
	const planned = plan.node(address);
	const node = state.nodes.get(address);
	if (!planned || !node?.composite) return [];
	return (planned.called ? [""] : [...planned.bodies.keys()]).map((body) => {
		const items = itemsOf(node, body);
		const newest = items && items.count > 0 ? items.at(items.count - 1) : -1;
		return {
			address,
			body,
			index: picks.get(pickKey(address, body)) ?? newest
		};
	});
}
function Pager({ address, body, index, items }) {
	const t = useTexts(runTexts);
	const { pick, picks, moment } = useWorkspace$1();
	const place = items.placeOf(index);
	const name = body ? `${address} · ${body}` : address;
	const go = (to) => pick(address, body, items.at(to));
	const resultAt = (at) => moment.state.scopes.get(childScope(address, items.at(at), body))?.result;
	const failedAfter = (from) => {
		for (let step = 1; step <= items.count; step += 1) {
			const at = (from + step) % items.count;
			if (resultAt(at) === "failed") return at;
		}
		return -1;
	};
	const anyFailed = items.failed === null ? failedAfter(place) >= 0 : items.failed > 0;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("fieldset", {
		className: "pager",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("legend", {
				className: "hidden-text",
				children: t.itemsOf(visible(name))
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "cut",
				"aria-hidden": "true",
				children: visible(name)
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "plain",
				"aria-label": t.before,
				disabled: place <= 0,
				onClick: () => go(place - 1),
				children: "◀"
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				role: "status",
				children: t.itemOf(count(place + 1), count(items.count))
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "plain",
				"aria-label": t.next,
				disabled: place >= items.count - 1,
				onClick: () => go(place + 1),
				children: "▶"
			}),
			anyFailed && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
				type: "button",
				className: "plain bad",
				title: t.failedItem,
				onClick: () => go(Math.max(0, failedAfter(place))),
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					"aria-hidden": "true",
					children: "✕"
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "hidden-text",
					children: t.failedItem
				})]
			}),
			picks.has(pickKey(address, body)) && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "plain",
				onClick: () => pick(address, body, null),
				children: t.follow
			})
		]
	});
}
// src/run/playback.ts
/** Playing a log again: as it happened, faster, with idle time cut to a second. */
var SPEEDS = [
	1,
	4,
	16
];
/** Seconds that idle time takes at most, at normal speed. */
var LONGEST = 1;
/**
* How far a playback is after some time.
*
* @param times Of all events, in their order.
* @param count Events that were shown, at least one.
* @param elapsed Seconds since the newest of them was.
* @returns Events that are shown now, and the seconds since the newest of these was due.
*/
function advanced(times, count, elapsed, speed) {
	let [shown, left] = [count, elapsed];
	while (shown < times.length) {
		const gap = Math.min(LONGEST, Math.max(0, times.at(shown) - times.at(shown - 1))) / speed;
		if (left < gap) break;
		left -= gap;
		shown += 1;
	}
	return {
		count: shown,
		elapsed: left
	};
}
// src/screens/run/playbar.tsx
/** The way through a run's time: a slider over its events, steps, playing again, and a fork from here. */
/** Milliseconds between two steps of a playback. */
var TICK = 40;
function Playbar() {
	const t = useTexts(runTexts);
	const { runId, data, moment, place, goTo } = useWorkspace$1();
	const [forking, setForking] = (0, import_react.useState)(false);
	const [playing, setPlaying] = (0, import_react.useState)(false);
	const [speed, setSpeed] = (0, import_react.useState)(1);
	const total = data.count;
	usePlayback(playing, speed, () => setPlaying(false));
	const go = (to) => {
		setPlaying(false);
		goTo(Math.max(1, Math.min(total, to)));
	};
	const play = () => {
		if (!playing && place >= total) goTo(1);
		setPlaying(!playing);
	};
	const where = t.place(count(place), count(total));
	const { index } = data.history;
	const seq = t.seq(String(index.seq(place - 1)));
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "playbar row",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "plain",
				"aria-label": t.first,
				onClick: () => go(1),
				children: "❙◀"
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "plain",
				"aria-label": t.stepBack,
				disabled: place <= 1,
				onClick: () => go(place - 1),
				children: "◀❙"
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				"aria-label": playing ? t.stop : t.play,
				onClick: play,
				children: playing ? "❚❚" : "▶"
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("select", {
				"aria-label": t.speed,
				value: speed,
				onChange: (event) => setSpeed(Number(event.target.value)),
				children: SPEEDS.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("option", {
					value: one,
					children: ["×", one]
				}, one))
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "plain",
				"aria-label": t.stepForward,
				disabled: place >= total,
				onClick: () => go(place + 1),
				children: "❙▶"
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				type: "range",
				"aria-label": t.slider,
				"aria-valuetext": `${where}, ${seq}`,
				min: 1,
				max: total,
				value: place,
				onChange: (event) => go(Number(event.target.value))
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "mono place",
				children: where
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "mono hide-narrow",
				children: seq
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "mono hide-narrow",
				children: clock(index.time(place - 1))
			}),
			runId !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
				type: "button",
				onClick: () => setForking(true),
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						"aria-hidden": "true",
						children: "↱"
					}),
					" ",
					t.forkHere
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				"aria-pressed": moment.isNewest && !playing,
				title: t.last,
				onClick: () => {
					setPlaying(false);
					goTo(null);
				},
				children: t.toLive
			}),
			forking && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ForkDialog, { close: () => setForking(false) })
		]
	});
}
/** Move the playhead as the events were apart in time. */
function usePlayback(playing, speed, stop) {
	const { data, moment, goTo } = useWorkspace$1();
	const newest = (0, import_react.useRef)({
		data,
		moment,
		goTo,
		stop
	});
	(0, import_react.useEffect)(() => {
		newest.current = {
			data,
			moment,
			goTo,
			stop
		};
	});
	(0, import_react.useEffect)(() => {
		if (!playing) return;
		let elapsed = 0;
		let last = performance.now();
		const timer = setInterval(() => {
			const now = performance.now();
			elapsed += (now - last) / 1e3;
			last = now;
			const { index } = newest.current.data.history;
			const times = {
				length: index.length,
				at: (place) => index.time(place)
			};
			const { count: before } = newest.current.moment;
			const next = advanced(times, before, elapsed, speed);
			elapsed = next.elapsed;
			if (next.count !== before) newest.current.goTo(next.count);
			if (next.count >= index.length) newest.current.stop();
		}, TICK);
		return () => clearInterval(timer);
	}, [playing, speed]);
}
// src/run/timeline.ts
/** The bars of a node. What waits for a person, a time or an event does not run meanwhile. */
function barsOf(node, isResting) {
	const bars = [];
	for (const [place, one] of node.attempts.entries()) {
		const { attempt } = one;
		const before = node.attempts[place - 1];
		const last = place === node.attempts.length - 1;
		if (before?.finishedAt && one.readyAt !== null && one.readyAt > before.finishedAt) bars.push({
			kind: "backoff",
			from: before.finishedAt,
			to: one.readyAt,
			attempt
		});
		else if (before?.finishedAt && one.readyAt === null && last) bars.push({
			kind: "backoff",
			from: before.finishedAt,
			to: null,
			attempt
		});
		if (one.readyAt === null) continue;
		const queued = one.startedAt ?? one.finishedAt;
		if (queued === null || queued > one.readyAt) bars.push({
			kind: "queue",
			from: one.readyAt,
			to: queued,
			attempt
		});
		if (one.startedAt !== null) addRun(bars, node, one, {
			isResting,
			last
		});
	}
	return bars;
}
/** What an attempt did after it began: wait, run, or both one after the other. */
function addRun(bars, node, one, { isResting, last }) {
	const { attempt, waitedFrom, waitedUntil } = one;
	let from = one.startedAt ?? 0;
	const to = endOf(node, one, last);
	if (waitedFrom !== null) {
		const until = waitedUntil ?? to;
		bars.push({
			kind: "wait",
			from: waitedFrom,
			to: until,
			attempt
		});
		if (until === null || until === to) return;
		from = until;
	}
	bars.push({
		kind: kindOf(node, one, last && isResting),
		from,
		to,
		attempt
	});
}
function kindOf(node, one, waits) {
	if (waits) return "wait";
	if (node.composite) return "around";
	return one.status === "failed" ? "failed" : "run";
}
function endOf(node, one, last) {
	if (one.finishedAt !== null) return one.finishedAt;
	if (last) return node.finishedAt;
	return one.startedAt;
}
var made = /* @__PURE__ */ new WeakMap();
/** Parts whose nodes have all ended, and never change any more. */
var ended = /* @__PURE__ */ new WeakMap();
/** A row for each node that became ready, in the order in which they did; made when it is seen. */
var Rows = class {
	moment;
	length;
	#parts = [];
	constructor(moment) {
		this.moment = moment;
		let length = 0;
		for (const piece of moment.state.nodes.pieces()) {
			const part = ended.get(piece.items) ?? partOf(moment, piece);
			this.#parts.push(part);
			length += part.rows;
		}
		this.length = length;
	}
	slice(first, end) {
		const found = [];
		let at = 0;
		for (const { piece, rows } of this.#parts) {
			if (at >= end) break;
			if (at + rows > first) found.push(...rowsOf(this.moment, piece).slice(Math.max(0, first - at), end - at));
			at += rows;
		}
		return found;
	}
	/** When something was queued or ran, in the order of time. */
	busy(now) {
		return merged(this.#parts.flatMap(({ busy }) => busy).map(([from, to]) => [from, Math.min(to, now)]));
	}
};
function partOf(moment, piece) {
	let hasEnded = piece.isFrozen;
	let rows = 0;
	const spans = [];
	for (const node of piece.items) {
		if (!node) continue;
		hasEnded &&= ENDED.has(node.status);
		if (node.attempts.length === 0) continue;
		rows += 1;
		for (const bar of barsOf(node, isAtRest(node, shownStatus(moment.plan, moment.state, node)))) if (BUSY.has(bar.kind)) spans.push([bar.from, bar.to ?? Number.POSITIVE_INFINITY]);
	}
	const part = {
		piece,
		rows,
		busy: merged(spans)
	};
	if (hasEnded) ended.set(piece.items, part);
	return part;
}
function rowsOf(moment, piece) {
	const rows = [];
	for (const [at, node] of piece.items.entries()) {
		if (!node?.attempts.length) continue;
		const status = shownStatus(moment.plan, moment.state, node);
		const before = made.get(node);
		const address = moment.state.nodes.keyAt(piece.first + at);
		const row = before?.status === status ? before : rowOf(address, node, status);
		made.set(node, row);
		rows.push(row);
	}
	return rows;
}
function isAtRest(node, status) {
	return status === "waiting" && node.status === "active";
}
function rowOf(address, node, status) {
	const bars = barsOf(node, isAtRest(node, status));
	return {
		address,
		status,
		depth: address.split("/").length - 1,
		bars
	};
}
/** Seconds of idle time that stay; more of it is cut. */
var IDLE = 5;
var CUT_WIDTH = .03;
/** Where each moment of a run is drawn. Time in which nothing runs or is queued is cut. */
var Scale = class {
	stretches;
	constructor(rows, from, to) {
		this.stretches = drawn(stretched(rows.busy(to), from, Math.max(to, from + .001)));
	}
	/** Where a time is drawn, from 0 to 1. */
	at(time) {
		const all = this.stretches;
		let [low, high] = [0, all.length - 1];
		while (low < high) {
			const middle = low + high >> 1;
			if (all[middle].to < time) low = middle + 1;
			else high = middle;
		}
		const one = all[low];
		if (!one) return 0;
		const part = (time - one.from) / (one.to - one.from || 1);
		return one.start + Math.max(0, Math.min(1, part)) * (one.end - one.start);
	}
};
var BUSY = /* @__PURE__ */ new Set([
	"queue",
	"run",
	"failed"
]);
/** Spans in the order of time, without the short times between them. */
function merged(spans) {
	if (spans.some((one, place) => place > 0 && (spans[place - 1]?.[0] ?? 0) > one[0])) spans.sort((a, b) => a[0] - b[0]);
	const all = [];
	for (const [from, to] of spans) {
		const last = all.at(-1);
		if (last && from - last[1] <= IDLE) last[1] = Math.max(last[1], to);
		else all.push([from, to]);
	}
	return all;
}
function stretched(busy, from, to) {
	const pieces = [];
	let at = from;
	for (const [start, end] of busy) {
		if (start - at > IDLE) pieces.push({
			from: at,
			to: start,
			cut: true
		});
		else if (start > at) pieces.push({
			from: at,
			to: start,
			cut: false
		});
		const begin = Math.max(start, at);
		if (end > begin) pieces.push({
			from: begin,
			to: end,
			cut: false
		});
		at = Math.max(at, end);
	}
	if (to - at > IDLE) pieces.push({
		from: at,
		to,
		cut: true
	});
	else if (to > at || pieces.length === 0) pieces.push({
		from: at,
		to,
		cut: false
	});
	return pieces;
}
function drawn(pieces) {
	const cuts = pieces.filter((one) => one.cut).length;
	const width = Math.min(CUT_WIDTH, .5 / Math.max(1, cuts));
	const shown = pieces.reduce((sum, one) => sum + (one.cut ? 0 : one.to - one.from), 0);
	let at = 0;
	return pieces.map((one) => {
		const rest = 1 - cuts * width;
		const size = one.cut ? width : shown > 0 ? (one.to - one.from) / shown * rest : rest;
		const stretch = {
			...one,
			start: at,
			end: at + size
		};
		at += size;
		return stretch;
	});
}
// src/screens/run/timeline.tsx
/** A row for each node: when it was queued, ran, failed, backed off and waited. Idle time is cut. */
var ROW = 26;
/** Milliseconds between two drawings of a run that goes on. */
var EASED = 300;
function Timeline() {
	const t = useTexts(timeTexts);
	const workspace = useWorkspace$1();
	const moment = useEased(workspace.moment, workspace.moment.isNewest ? EASED : 0);
	const { selected, select } = workspace;
	const scroller = (0, import_react.useRef)(null);
	const rows = (0, import_react.useMemo)(() => new Rows(moment), [moment]);
	const now = useEased(useNow(), workspace.moment.isNewest ? EASED : 0);
	const { startedAt } = moment.state.head;
	const scale = (0, import_react.useMemo)(() => new Scale(rows, startedAt, now), [
		rows,
		startedAt,
		now
	]);
	const { first, end } = useVisibleRows(scroller, ROW, rows.length);
	if (rows.length === 0) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "muted",
		children: t.noRows
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "timeline",
		ref: scroller,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
			className: "axis",
			"aria-hidden": "true",
			children: scale.stretches.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: one.cut ? "stretch cut-time" : "stretch",
				style: span(one.start, one.end),
				title: one.cut ? t.cut(duration(one.to - one.from)) : void 0,
				children: one.cut ? duration(one.to - one.from) : clock(one.from)
			}, one.from))
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
			style: { height: rows.length * ROW },
			children: rows.slice(first, end).map((row, place) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TimelineRow, {
				row,
				top: (first + place) * ROW,
				spans: row.bars.map((bar) => span(scale.at(bar.from), scale.at(bar.to ?? now))),
				now: row.bars.some((bar) => bar.to === null) ? now : 0,
				chosen: row.address === selected?.address,
				select
			}, row.address))
		})]
	});
}
/** To a tenth of a pixel: what moves by less is not drawn again. */
function span(start, end) {
	return {
		left: percent(start),
		width: percent(Math.max(0, end - start))
	};
}
function percent(part) {
	return `${Math.round(part * 1e4) / 100}%`;
}
function isSame(a, b) {
	return a.row === b.row && a.top === b.top && a.now === b.now && a.chosen === b.chosen && a.select === b.select && a.spans.every(({ left, width }, at) => left === b.spans[at]?.left && width === b.spans[at].width);
}
var TimelineRow = (0, import_react.memo)(function TimelineRow({ row, top, spans, now, chosen, select }) {
	const t = useTexts(timeTexts);
	const say = (bar) => t.bar(t[bar.kind], bar.attempt, clock(bar.from), duration((bar.to ?? now) - bar.from));
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
		style: {
			top,
			height: ROW
		},
		"data-chosen": chosen || void 0,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
			type: "button",
			className: "plain row-name",
			style: { paddingLeft: 8 + row.depth * 12 },
			title: visible(row.address),
			onClick: () => select(row.address),
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "cut",
					children: visible(row.address)
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Status, { status: row.status }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "hidden-text",
					children: row.bars.map(say).join("; ")
				})
			]
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
			className: "bars",
			"aria-hidden": "true",
			children: row.bars.map((bar, at) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: `bar bar-${bar.kind}`,
				style: spans[at],
				title: say(bar)
			}, `${bar.kind} ${bar.attempt} ${bar.from}`))
		})]
	});
}, isSame);
// src/screens/run/tabs.tsx
/** What stands below the canvas: timeline, events, text, and the family of the run. */
var EventLog = later(async () => (await __vitePreload(async () => {
	const { EventLog } = await import("./event-log-BX2leynk.js");
	return { EventLog };
}, __vite__mapDeps([31,1,2,4,15,14,3,5,6,7,8,9,32,33,10]))).EventLog);
var Family = (0, import_react.lazy)(() => __vitePreload(() => import("./family-BW4d5EyN.js"), __vite__mapDeps([34,35,5,1,2,6,7,8,3,4,9,15,17,10])));
var WrittenText = later(async () => (await __vitePreload(async () => {
	const { WrittenText } = await Promise.resolve().then(() => written_text_exports);
	return { WrittenText };
}, void 0)).WrittenText);
var NAMES = [
	"timeline",
	"events",
	"text",
	"family"
];
function Tabs() {
	const t = useTexts(runTexts);
	const { view, change, runId } = useWorkspace$1();
	const names = NAMES.filter((name) => name !== "family" || runId !== null);
	const shown = names.find((name) => name === view.tab) ?? "timeline";
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "run-below",
		"aria-label": t.parts,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
			className: "tab-row",
			role: "tablist",
			children: names.map((name) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				role: "tab",
				id: `tab-${name}`,
				"aria-selected": name === shown,
				"aria-controls": "below",
				tabIndex: name === shown ? 0 : -1,
				onClick: () => change({ tab: name }),
				onKeyDown: (event) => {
					const step = {
						ArrowRight: 1,
						ArrowLeft: -1
					}[event.key];
					if (step === void 0) return;
					const next = names[(names.indexOf(name) + step + names.length) % names.length];
					change({ tab: next });
					document.getElementById(`tab-${next}`)?.focus();
				},
				children: t[name]
			}, name))
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
			className: "tab-panel",
			role: "tabpanel",
			id: "below",
			"aria-labelledby": `tab-${shown}`,
			children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_react.Suspense, {
				fallback: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {}),
				children: [
					shown === "timeline" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Timeline, {}),
					shown === "events" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(EventLog, {}),
					shown === "text" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(WrittenText, {}),
					shown === "family" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Family, {})
				]
			})
		})]
	});
}
// src/run/moment.ts
/**
* The run after its first `count` events, or as it is now.
*
* @returns Null before it has begun, and while the events around are not at hand.
*/
function momentOf(data, count) {
	const { history } = data;
	const total = history.count;
	const shown = count === null ? total : Math.max(1, Math.min(count, total));
	const event = history.pages.at(shown - 1);
	const state = history.at(shown);
	if (!history.plan || !state || !event) return null;
	const isNewest = shown === total;
	return {
		plan: history.plan,
		state,
		count: shown,
		event,
		isNewest,
		until: isNewest ? Number.POSITIVE_INFINITY : event.time
	};
}
// src/screens/run/use-workspace.ts
/** Puts together what the parts of the screen share, from a run and the address of the page. */
/** Milliseconds after which the address of the page says where the playhead has come to rest. */
var REST = 250;
/** Events to both sides of the playhead that are had at hand: the next steps are taken at once. */
var AROUND = 300;
/** @returns Null before the run has an event. */
function useWorkspace(given) {
	const { runId, data, view, change } = given;
	const { place, goTo } = usePlace(given);
	const [chosen, setChosen] = (0, import_react.useState)(/* @__PURE__ */ new Map());
	const now = (0, import_react.useMemo)(() => momentOf(data, place), [data, place]);
	const shown = (0, import_react.useRef)(null);
	(0, import_react.useEffect)(() => {
		if (now) shown.current = now;
	});
	const moment = now ?? shown.current;
	const { node } = view;
	const picks = (0, import_react.useMemo)(() => node ? new Map([...chosen, ...picksFor(node)]) : chosen, [chosen, node]);
	return (0, import_react.useMemo)(() => {
		if (!moment) return null;
		const select = (address) => change({
			node: address ?? void 0,
			attempt: void 0
		});
		const resolved = (box, by) => addressIn(moment.state, box, by) ?? box;
		return {
			runId,
			data,
			moment,
			place: place === null ? moment.count : Math.max(1, Math.min(place, data.count)),
			view,
			change,
			goTo,
			picks,
			pick: (address, body, index) => {
				const next = new Map(picks);
				if (index === null) next.delete(pickKey(address, body));
				else next.set(pickKey(address, body), index);
				setChosen(next);
				if (node?.startsWith(`${address}[`)) select(resolved(boxOf(node), next));
			},
			selected: node ? selectedNode(node, (box) => resolved(box, picks)) : null,
			select,
			selectBox: (box) => select(box && resolved(box, picks))
		};
	}, [
		runId,
		data,
		moment,
		place,
		view,
		change,
		goTo,
		picks,
		node
	]);
}
function selectedNode(node, resolved) {
	const box = boxOf(node);
	return {
		box,
		address: box === node ? resolved(box) : node
	};
}
/** Where the playhead is, in events; the address of the page follows when it rests. */
function usePlace({ data, view, change }) {
	const [place, setPlace] = (0, import_react.useState)(null);
	/** What the address said, or was made to say, last. */
	const written = (0, import_react.useRef)(void 0);
	const { history, state } = data;
	const last = history.lastSeq;
	const { at } = view;
	(0, import_react.useEffect)(() => {
		if (at === written.current) return;
		if (at !== void 0 && last < Number(at) && state === "loading") return;
		written.current = at;
		setPlace(at === void 0 ? null : Math.max(1, history.countUpTo(Number(at))));
	}, [
		at,
		last,
		state,
		history
	]);
	const timer = (0, import_react.useRef)(void 0);
	(0, import_react.useEffect)(() => () => clearTimeout(timer.current), []);
	const goTo = (0, import_react.useCallback)((count) => {
		setPlace(count);
		clearTimeout(timer.current);
		timer.current = setTimeout(() => {
			written.current = count === null ? void 0 : String(history.index.seq(count - 1));
			change({ at: written.current });
		}, REST);
	}, [history, change]);
	useEvents(data, (0, import_react.useMemo)(() => place === null ? [] : [
		-300,
		0,
		AROUND
	].map((step) => place - 1 + step), [place]));
	return {
		place,
		goTo
	};
}
// src/screens/run/workspace-view.tsx
/** The parts of a run around each other: header, canvas, node, tabs below, and the way through time. */
var RunCanvas = (0, import_react.lazy)(() => __vitePreload(() => import("./run-canvas-BcZVQL9D.js"), __vite__mapDeps([36,1,2,37,8,5,6,7,3,4,9,38,17,39,40,41,15,24,30,10])));
/** Below this width there is no room for a canvas. */
var WIDE = "(min-width: 768px)";
function WorkspaceView(given) {
	const workspace = useWorkspace(given);
	const wide = useWide();
	if (!workspace) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NotYet, { data: given.data });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(WorkspaceContext.Provider, {
		value: workspace,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "run",
			"data-past": !workspace.moment.isNewest || void 0,
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Header, {}),
				wide && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "run-canvas",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Pagers, {}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(import_react.Suspense, {
						fallback: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {}),
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RunCanvas, {})
					})]
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Inspector, {}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Tabs, {}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Playbar, {})
			]
		})
	});
}
function NotYet({ data }) {
	const t = useTexts(runTexts);
	if (data.problem !== null) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: "page",
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: data.problem })
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "page muted",
		role: "status",
		children: t.loading
	});
}
function useWide() {
	const query = (0, import_react.useMemo)(() => matchMedia(WIDE), []);
	const [wide, setWide] = (0, import_react.useState)(query.matches);
	(0, import_react.useEffect)(() => {
		const look = () => setWide(query.matches);
		query.addEventListener("change", look);
		return () => query.removeEventListener("change", look);
	}, [query]);
	return wide;
}
export { openRun as a, useEased as c, gistOf as d, shownStatus as f, runTexts as g, hasEnded as h, openLog as i, GROUPS as l, ENDED as m, addressIn as n, inspectorTexts as o, waitOf as p, scopeIn as r, useEvents as s, WorkspaceView as t, fitting as u };
