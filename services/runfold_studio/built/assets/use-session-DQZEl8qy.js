import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react } from "./jsx-runtime-CgfO9KJ9.js";
import { i as exchange, r as call, t as ApiProblem } from "./client-wO5ukrQM.js";
import { a as texts, n as defineTexts } from "./language-Xe_YX1Uf.js";
import { n as graphOf, r as kindsByType } from "./graph-BJzTqG0k.js";
import { a as Document, c as isAlias, d as isPair, f as isScalar, l as isCollection, o as Scalar, p as isSeq, r as parseDocument, s as visit, u as isMap } from "./browser-Db3gSaeH.js";
import { a as newline, i as lineStart, n as inverse, o as spliced, r as lineEnd, t as difference } from "./text-DGbDzIRL.js";
// src/screens/editor/texts.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var editorTexts = defineTexts({
	cannotEdit: "This place of the text cannot be edited from here, because it is written in an unusual way. Edit it in the source.",
	draft: "draft",
	saved: "saved",
	savedAt: (time) => `saved ${time}`,
	waiting: "not saved yet",
	saving: "saving…",
	failed: "not saved",
	conflict: "changed elsewhere",
	undo: "Undo",
	redo: "Redo",
	arrange: "Arrange",
	source: "Source",
	run: "Run",
	publish: "Publish",
	versions: "Versions",
	help: "Keys",
	outline: "All nodes",
	searchKinds: "Search kinds",
	noKind: "No kind has that name.",
	addKind: "Add a node",
	addAfter: (place) => `Add a node after ${place}`,
	addBetween: "Add a node between the two",
	nodePanel: "Settings",
	form: "Form",
	tryOut: "Try",
	id: "Id",
	name: "Name",
	badId: "An id has letters and digits of any script, _ and -, is new here, and is no name of the system.",
	unknownKind: "This gateway does not know this kind. Its settings are kept as they are.",
	deleteNodes: (count) => count === 1 ? "Delete" : `Delete ${count} nodes`,
	duplicate: "Duplicate",
	align: "Align",
	align_left: "Left edges",
	align_middle: "Middles",
	align_top: "Top edges",
	align_across: "Same room across",
	align_down: "Same room down",
	group: "Make a sub-workflow",
	cannotGroup: "These nodes cannot be one step without doing something else: they have branches, begin or end in several ways, change variables, or undo others.",
	groupHelp: "The nodes become a workflow of this document, which one node calls.",
	selectedMany: (count) => `${count} nodes selected`,
	problems: (count) => count === 0 ? "No problems" : `Problems: ${count}`,
	checking: "Checking…",
	sound: "The workflow can be published.",
	line: (line) => `line ${line}`,
	unreadable: "The text cannot be read, so that the canvas shows it as it was before:",
	workflow: "Workflow",
	workflowHelp: "Select a node to see its settings.",
	backTo: "Whole workflow",
	subWorkflows: "Workflows in this document",
	nodeSettings: "Errors, time, protection",
	empty: "Drag a node here, or choose one on the left.",
	close: "Close",
	cancel: "Cancel",
	keys: "Keys",
	keyList: "A: add a node · Delete: delete · Ctrl Z, Ctrl Y: undo, redo · Ctrl C, X, V: copy, cut, paste as text · Ctrl D: duplicate · Ctrl A: select all · Ctrl S: save now · /: search · Shift and drag: select several · Esc: select nothing",
	find: "Search nodes",
	nothingFound: "Nothing was found.",
	note: "Note",
	deleteNote: "Delete the note",
	runTitle: "Run this workflow",
	runDraft: "the draft",
	runVersion: (version) => `version ${version}`,
	whichVersion: "Which version",
	savedSets: "Kept inputs",
	keepSet: "Keep these inputs as",
	keep: "Keep",
	forget: "Forget",
	start: "Start",
	noInputs: "This workflow takes no inputs.",
	upload: "Upload a file",
	uploads: "Upload files",
	drafted: "The draft has problems; it cannot run before they are solved.",
	publishTitle: "Publish the draft",
	noteLabel: "What is new, for the list of versions",
	published: (version) => `Version ${version} is published.`,
	noVersions: "Nothing is published yet.",
	newest: "newest",
	compare: "Compare with the draft",
	compareBefore: "Compare with the one before",
	restore: "Make it the draft",
	restoreSure: (version) => `The draft becomes what version ${version} is, comments and places included. Undo gives back the text.`,
	differences: (from, to) => `From ${from} to ${to}`,
	theSame: "They are the same.",
	added: "added",
	removed: "removed",
	changedNode: "changed",
	before: "before",
	after: "after",
	nodes: "Nodes",
	edges: "Edges",
	inputs: "Inputs",
	outputs: "Outputs",
	settings: "Settings",
	other: "Other",
	mergeTitle: "The draft was changed elsewhere",
	mergeHelp: (count) => count === 0 ? "Both changes fit together. The right side has both: look at it, then use it." : `${count} places were changed on both sides. There the right side has yours; take theirs with the arrows, or write what it should be.`,
	theirs: "What is stored now",
	result: "What it becomes",
	useResult: "Use the right side",
	takeTheirs: "Take what is stored",
	resolve: "Solve",
	tryHelp: "Runs this node alone, as a run of its own. It really calls what the node calls.",
	fromRun: "Values of a run",
	noRun: "none: as written below",
	values: "Values it reads",
	noValues: "It reads nothing.",
	tryNow: "Run this node",
	trying: "Running…",
	openRun: "Open the run",
	status: "Status",
	again: "Try again",
	unsavedRun: "The draft could not be saved, so it was not started.",
	leaveUnsaved: "The draft is not saved. Leave without it?"
}, {
	cannotEdit: "这一处的写法比较特殊，无法在这里修改，请在源文本中修改。",
	draft: "草稿",
	saved: "已保存",
	savedAt: (time) => `已保存 ${time}`,
	waiting: "尚未保存",
	saving: "保存中…",
	failed: "未保存",
	conflict: "已在别处修改",
	undo: "撤销",
	redo: "重做",
	arrange: "整理",
	source: "源文本",
	run: "运行",
	publish: "发布",
	versions: "版本",
	help: "按键",
	outline: "全部节点",
	searchKinds: "搜索类型",
	noKind: "没有这个类型。",
	addKind: "添加节点",
	addAfter: (place) => `在 ${place} 之后添加节点`,
	addBetween: "在两者之间添加节点",
	nodePanel: "设置",
	form: "表单",
	tryOut: "试运行",
	id: "标识",
	name: "名称",
	badId: "标识可用任意文字的字母、数字、_ 和 -，不能重复，也不能是系统名称。",
	unknownKind: "此网关不认识这个类型，其设置会原样保留。",
	deleteNodes: (count) => count === 1 ? "删除" : `删除 ${count} 个节点`,
	duplicate: "复制一份",
	align: "对齐",
	align_left: "左边缘",
	align_middle: "中线",
	align_top: "上边缘",
	align_across: "水平等距",
	align_down: "垂直等距",
	group: "变为子工作流",
	cannotGroup: "这些节点无法在不改变行为的情况下合为一步：它们有分支、有多个入口或出口、会修改变量，或用于撤销其他节点。",
	groupHelp: "这些节点成为本文档中的一个工作流，由一个节点调用。",
	selectedMany: (count) => `已选择 ${count} 个节点`,
	problems: (count) => count === 0 ? "没有问题" : `问题：${count}`,
	checking: "检查中…",
	sound: "此工作流可以发布。",
	line: (line) => `第 ${line} 行`,
	unreadable: "文本无法读取，画布显示的是之前的内容：",
	workflow: "工作流",
	workflowHelp: "选择一个节点以查看其设置。",
	backTo: "整个工作流",
	subWorkflows: "本文档中的工作流",
	nodeSettings: "错误、时间与保护",
	empty: "把节点拖到这里，或在左侧选择一个。",
	close: "关闭",
	cancel: "取消",
	keys: "按键",
	keyList: "A：添加节点 · Delete：删除 · Ctrl Z、Ctrl Y：撤销、重做 · Ctrl C、X、V：以文本复制、剪切、粘贴 · Ctrl D：复制一份 · Ctrl A：全选 · Ctrl S：立即保存 · /：搜索 · 按住 Shift 拖动：多选 · Esc：取消选择",
	find: "搜索节点",
	nothingFound: "没有找到。",
	note: "便签",
	deleteNote: "删除便签",
	runTitle: "运行此工作流",
	runDraft: "草稿",
	runVersion: (version) => `版本 ${version}`,
	whichVersion: "哪个版本",
	savedSets: "保留的输入",
	keepSet: "将这些输入保留为",
	keep: "保留",
	forget: "删除",
	start: "开始",
	noInputs: "此工作流没有输入。",
	upload: "上传文件",
	uploads: "上传多个文件",
	drafted: "草稿有问题，解决之前不能运行。",
	publishTitle: "发布草稿",
	noteLabel: "有哪些更新（显示在版本列表中）",
	published: (version) => `版本 ${version} 已发布。`,
	noVersions: "尚未发布任何版本。",
	newest: "最新",
	compare: "与草稿比较",
	compareBefore: "与上一版本比较",
	restore: "恢复为草稿",
	restoreSure: (version) => `草稿将变为版本 ${version} 的内容，包括注释和位置。撤销可以找回文本。`,
	differences: (from, to) => `从 ${from} 到 ${to}`,
	theSame: "两者相同。",
	added: "新增",
	removed: "移除",
	changedNode: "修改",
	before: "之前",
	after: "之后",
	nodes: "节点",
	edges: "连线",
	inputs: "输入",
	outputs: "输出",
	settings: "设置",
	other: "其他",
	mergeTitle: "草稿已在别处被修改",
	mergeHelp: (count) => count === 0 ? "两边的修改互不冲突，右侧已包含两者：请查看后使用。" : `有 ${count} 处两边都修改了，右侧暂用您的内容；可用箭头采用对方的内容，或直接改写。`,
	theirs: "现在保存的内容",
	result: "将变为",
	useResult: "使用右侧",
	takeTheirs: "采用已保存的内容",
	resolve: "解决",
	tryHelp: "单独运行此节点，作为一次独立的运行。它会真的调用节点所调用的服务。",
	fromRun: "取自某次运行的值",
	noRun: "无：使用下面填写的值",
	values: "它读取的值",
	noValues: "它不读取任何值。",
	tryNow: "运行此节点",
	trying: "运行中…",
	openRun: "打开该运行",
	status: "状态",
	again: "再试一次",
	unsavedRun: "草稿未能保存，因此没有启动。",
	leaveUnsaved: "草稿尚未保存。仍要离开吗？"
});
// src/screens/editor/opening.ts
/** Reads what an editor begins with: the draft's text, else the newest version's, with its layout and the kinds. */
async function open(workflowId, signal) {
	const path = { workflow_id: workflowId };
	const [source, layout, kinds, versions] = await Promise.all([
		sourceOf(workflowId, signal),
		call("get", "/api/workflows/{workflow_id}/layout", {
			path,
			signal
		}),
		call("get", "/api/kinds", { signal }),
		call("get", "/api/workflows/{workflow_id}/versions", {
			path,
			signal
		})
	]);
	return {
		...source,
		layout: layout.data,
		layoutEtag: layout.etag,
		kinds: kindsByType(kinds.data.items),
		name: workflowId,
		version: versions.data.items.at(-1)?.version ?? null
	};
}
/** The draft's text, or that of the newest version where there is no draft. */
async function sourceOf(workflowId, signal) {
	try {
		return await textOf$1(`/api/workflows/${encodeURIComponent(workflowId)}/versions/draft`, signal);
	} catch (error) {
		if (!(error instanceof ApiProblem) || error.status !== 404) throw error;
		return {
			...await textOf$1(`/api/workflows/${encodeURIComponent(workflowId)}`, signal),
			etag: ""
		};
	}
}
async function textOf$1(path, signal) {
	const answer = await exchange("get", path, {
		query: { form: "source" },
		accept: "application/yaml, text/plain, application/json",
		signal
	});
	const type = answer.headers.get("Content-Type") ?? "";
	return {
		text: await answer.text(),
		json: !type.includes("yaml"),
		etag: answer.headers.get("ETag") ?? ""
	};
}
/** Store a draft's text as it is; gives its new tag. */
async function saveDraft(workflowId, text, json, etag) {
	const stored = await call("put", "/api/workflows/{workflow_id}", {
		path: { workflow_id: workflowId },
		query: { draft: true },
		text: {
			body: text,
			type: mediaType(json)
		},
		etag: etag || void 0
	});
	return stored.etag || stored.data.etag;
}
function mediaType(json) {
	return json ? "application/json" : "application/yaml";
}
async function saveLayout(workflowId, layout, etag) {
	return (await call("put", "/api/workflows/{workflow_id}/layout", {
		path: { workflow_id: workflowId },
		body: layout,
		etag: etag || void 0
	})).etag;
}
// src/screens/editor/saver.ts
/** Saves what changes, one save at a time, a moment after the last change; a conflict stops it. */
var PAUSE$1 = 600;
var FIRST_DELAY = 1e3;
var LONGEST_DELAY = 3e4;
var Saver = class {
	given;
	#saved;
	#etag;
	#wanted;
	#timer;
	#running = null;
	#stopped = false;
	#delay = FIRST_DELAY;
	constructor(given, saved, etag) {
		this.given = given;
		this.#saved = saved;
		this.#wanted = saved;
		this.#etag = etag;
	}
	/** What is stored, as far as this saver knows. */
	get saved() {
		return this.#saved;
	}
	get etag() {
		return this.#etag;
	}
	get isDirty() {
		return this.#wanted !== this.#saved;
	}
	change(value) {
		this.#wanted = value;
		if (this.#stopped || this.#running) return;
		clearTimeout(this.#timer);
		if (!this.isDirty) {
			this.given.tell({
				state: "saved",
				at: null
			});
			return;
		}
		this.given.tell({ state: "waiting" });
		this.#timer = setTimeout(() => void this.flush(), this.given.pause ?? PAUSE$1);
	}
	/** Save what is not saved yet, now. True when all of it is. */
	async flush() {
		clearTimeout(this.#timer);
		while (this.isDirty && !this.#stopped) {
			this.#running ??= this.#save().finally(() => {
				this.#running = null;
			});
			const before = this.#saved;
			await this.#running;
			if (this.#saved === before) break;
		}
		return !this.isDirty && !this.#stopped;
	}
	/** Go on after a conflict, or after something else stored it: this is what is there now. */
	adopt(saved, etag, wanted) {
		this.#saved = saved;
		this.#etag = etag;
		this.#stopped = false;
		this.change(wanted);
	}
	/** End without saving anything more. */
	stop() {
		clearTimeout(this.#timer);
		this.#stopped = true;
	}
	async #save() {
		const value = this.#wanted;
		this.given.tell({ state: "saving" });
		try {
			this.#etag = await this.given.put(value, this.#etag);
			this.#saved = value;
			this.#delay = FIRST_DELAY;
			if (this.isDirty) this.given.tell({ state: "waiting" });
			else this.given.tell({
				state: "saved",
				at: (this.given.now ?? Date.now)()
			});
		} catch (problem) {
			this.#failed(problem);
		}
	}
	#failed(problem) {
		if (problem instanceof ApiProblem && problem.status === 412) {
			this.#stopped = true;
			this.given.tell({
				state: "conflict",
				problem
			});
			return;
		}
		this.given.tell({
			state: "failed",
			problem
		});
		if (problem instanceof ApiProblem && problem.status < 500) return;
		this.#timer = setTimeout(() => void this.flush(), this.#delay);
		this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY);
	}
};
// node_modules/zustand/esm/vanilla.mjs
var createStoreImpl = (createState) => {
	let state;
	const listeners = /* @__PURE__ */ new Set();
	const setState = (partial, replace) => {
		const nextState = typeof partial === "function" ? partial(state) : partial;
		if (!Object.is(nextState, state)) {
			const previousState = state;
			state = (replace != null ? replace : typeof nextState !== "object" || nextState === null) ? nextState : Object.assign({}, state, nextState);
			listeners.forEach((listener) => listener(state, previousState));
		}
	};
	const getState = () => state;
	const getInitialState = () => initialState;
	const subscribe = (listener) => {
		listeners.add(listener);
		return () => listeners.delete(listener);
	};
	const api = {
		setState,
		getState,
		getInitialState,
		subscribe
	};
	const initialState = state = createState(setState, getState, api);
	return api;
};
var createStore = ((createState) => createState ? createStoreImpl(createState) : createStoreImpl);
// src/graph/source/values.ts
/** A copy of a value with another in it; what is missing on the way is made. */
function withValue(whole, path, value) {
	const [step, ...rest] = path;
	if (step === void 0) return value;
	if (typeof step === "number") {
		const copy = Array.isArray(whole) ? [...whole] : [];
		copy[step] = withValue(copy[step], rest, value);
		return copy;
	}
	const entries = new Map(Object.entries(isObject(whole) ? whole : {}));
	entries.set(step, withValue(entries.get(step), rest, value));
	return Object.fromEntries(entries);
}
/** A copy of a value without what stands at a path. */
function withoutValue(whole, path) {
	const [step, ...rest] = path;
	if (step === void 0) return void 0;
	if (Array.isArray(whole)) {
		if (rest.length === 0) return whole.filter((_, index) => index !== step);
		return whole.map((one, index) => index === step ? withoutValue(one, rest) : one);
	}
	if (!isObject(whole)) return whole;
	const entries = new Map(Object.entries(whole));
	if (rest.length === 0) entries.delete(String(step));
	else if (entries.has(String(step))) entries.set(String(step), withoutValue(entries.get(String(step)), rest));
	return Object.fromEntries(entries);
}
/** Whether two values are the same; the order of keys does not count. */
function isSame(a, b) {
	if (Object.is(a, b)) return true;
	if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, index) => isSame(one, b[index]));
	if (!isObject(a) || !isObject(b)) return false;
	const keys = Object.keys(a);
	return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]));
}
function isObject(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
/** What stands at a path of a value; undefined when nothing does. */
function valueAt(whole, path) {
	return path.reduce((here, step) => typeof here === "object" && here !== null && Object.hasOwn(here, step) ? here[step] : void 0, whole);
}
// src/graph/bodies.ts
/** Where all nodes stand, those in bodies included.
*
* @param root the path of the workflow: empty, or of one of `workflows`.
*/
function placesOf(value, kinds, root = []) {
	const found = {
		bodies: /* @__PURE__ */ new Map(),
		nodes: /* @__PURE__ */ new Map()
	};
	addBody(found, kinds, value, root, "", "");
	return found;
}
function addBody(found, kinds, value, path, address, prefix) {
	const nodes = valueAt(value, [...path, "nodes"]);
	const body = {
		address,
		path,
		prefix,
		ids: []
	};
	found.bodies.set(address, body);
	for (const [index, node] of (Array.isArray(nodes) ? nodes : []).entries()) {
		if (!isObject(node) || typeof node.id !== "string" || node.id === "") continue;
		body.ids.push(node.id);
		const place = {
			address: prefix + node.id,
			id: node.id,
			path: [
				...path,
				"nodes",
				index
			],
			body
		};
		found.nodes.set(place.address, place);
		for (const [name, keys] of bodyPaths(kinds.get(String(node.type)), node.config)) {
			const inner = name ? `${place.address}[${name}]` : place.address;
			addBody(found, kinds, value, [
				...place.path,
				"config",
				...keys
			], inner, `${inner}/`);
		}
	}
}
/** The bodies of a configuration by name, with the keys that lead to each. */
function bodyPaths(kind, config) {
	return (kind?.bodies?.places ?? []).flatMap((place) => matches(config, place === "" ? [] : place.split("."), "", [])).filter(([, path]) => Array.isArray(valueAt(config, [...path, "nodes"])));
}
/** What stands at a place of a configuration; `*` takes every key, which becomes a part of the name. */
function matches(value, place, name, path) {
	const [first, ...rest] = place;
	if (!isObject(value)) return [];
	if (first === void 0) return [[name, path]];
	if (first === "*") return Object.entries(value).flatMap(([key, inner]) => matches(inner, rest, joined(name, key), [...path, key]));
	const next = first === "timeout" ? joined(name, first) : name;
	return matches(value[first], rest, next, [...path, first]);
}
function joined(name, key) {
	return name ? `${name}.${key}` : key;
}
var ENDINGS = /* @__PURE__ */ new Set(["end", "compensate"]);
var BRANCHES = [["true_next", "true"], ["false_next", "false"]];
/** All edges of a body, as the gateway reads them. */
function edgesOf(body) {
	const nodes = nodesOf(body);
	const types = new Map(nodes.map((node) => [String(node.id), String(node.type)]));
	const written = isObject(body) ? body.edges : void 0;
	const found = (Array.isArray(written) ? written : []).flatMap((one, index) => {
		const edge = edgeOf(one, types);
		return edge ? {
			...edge,
			from: { index }
		} : [];
	});
	const branches = branchEdges(nodes, found);
	found.push(...branches);
	if (!Array.isArray(written)) found.push(...implied(nodes, branches));
	return found;
}
/** The port at which a node is left that an edge says nothing of. */
function usualPort(type) {
	return type === "human_review" ? "approved" : "out";
}
function edgeOf(written, types) {
	if (!isObject(written)) return null;
	const source = text(written.source ?? written.from);
	const target = text(written.target ?? written.to);
	if (!source || !target) return null;
	return {
		source,
		target,
		port: text(written.port ?? written.condition ?? written.sourcePort ?? written.source_port) || usualPort(types.get(source) ?? "")
	};
}
function text(value) {
	return value === null || value === void 0 || typeof value === "object" ? "" : String(value);
}
function nodesOf(body) {
	return (isObject(body) && Array.isArray(body.nodes) ? body.nodes : []).filter(isObject);
}
/** Edges that `true_next` and `false_next` of conditions say. */
function branchEdges(nodes, edges) {
	const taken = new Set(edges.map((edge) => `${edge.source} ${edge.port}`));
	return nodes.flatMap((node, place) => {
		const config = node.config;
		if (node.type !== "condition" || !isObject(config)) return [];
		return BRANCHES.flatMap(([key, port]) => {
			const target = text(config[key]);
			const source = text(node.id);
			if (!target || !source || taken.has(`${source} ${port}`)) return [];
			return [{
				source,
				target,
				port,
				from: { setting: [
					"nodes",
					place,
					"config",
					key
				] }
			}];
		});
	});
}
/** Each node leads to the next listed one that is no branch's target; what undoes others has no edges. */
function implied(nodes, branches) {
	const targets = new Set(branches.map((edge) => edge.target));
	const branching = new Set(branches.map((edge) => edge.source));
	const ids = new Set(nodes.map((node) => text(node.id)));
	const undoing = new Set(nodes.map((node) => [text(node.id), text(node.compensate)]).filter(([id, by]) => by && by !== id && ids.has(by)).map(([, by]) => by));
	const found = [];
	let follower = "";
	for (const node of [...nodes].reverse()) {
		const id = text(node.id);
		const type = text(node.type);
		if (undoing.has(id)) continue;
		if (follower && id && !branching.has(id) && !ENDINGS.has(type)) found.unshift({
			source: id,
			target: follower,
			port: usualPort(type),
			from: "order"
		});
		if (!targets.has(id)) follower = id || follower;
	}
	return found;
}
// src/graph/changes.ts
var IN_LINE = { inLine: true };
function addNode(document, body, node) {
	const nodes = document.at([...body, "nodes"]);
	return (!Array.isArray(nodes) || nodes.length === 0 ? document : withEdgesWritten(document, body)).add([...body, "nodes"], node);
}
/** The document with all edges of a body in its list; as it is when they are. */
function withEdgesWritten(document, body) {
	const all = edgesOf(document.at(body));
	const written = document.at([...body, "edges"]);
	const missing = all.filter((edge) => edge.from === "order" || "setting" in edge.from);
	if (Array.isArray(written) && missing.length === 0) return document;
	let made = Array.isArray(written) ? document : document.set([...body, "edges"], all.map(withoutOrigin).map(spelled(document, body)), IN_LINE);
	for (const edge of missing) {
		if (Array.isArray(written)) made = added(made, body, edge);
		if (edge.from !== "order" && "setting" in edge.from) made = made.remove([...body, ...edge.from.setting]);
	}
	return made;
}
function withoutOrigin({ source, target, port }) {
	return {
		source,
		target,
		port
	};
}
/** How an edge is written: as the body's others are, and with the port only where it is no matter of course. */
function spelled(document, body) {
	const value = document.at(body);
	const edges = isObject(value) && Array.isArray(value.edges) ? value.edges.filter(isObject) : [];
	const nodes = isObject(value) && Array.isArray(value.nodes) ? value.nodes.filter(isObject) : [];
	const from = edges.some((edge) => "from" in edge) ? "from" : "source";
	const to = edges.some((edge) => "to" in edge) ? "to" : "target";
	const port = [
		"port",
		"condition",
		"sourcePort",
		"source_port"
	].find((key) => edges.some((edge) => key in edge)) ?? "port";
	return (edge) => {
		const type = nodes.find((node) => node.id === edge.source)?.type;
		const isUsual = edge.port === usualPort(String(type)) && edge.port !== "approved";
		return {
			[from]: edge.source,
			[to]: edge.target,
			...isUsual ? {} : { [port]: edge.port }
		};
	};
}
function added(document, body, edge) {
	return document.add([...body, "edges"], spelled(document, body)(edge), IN_LINE);
}
function connect(document, body, edge) {
	return added(withEdgesWritten(document, body), body, edge);
}
function disconnect(document, body, gone) {
	const settled = withEdgesWritten(document, body);
	const indices = edgesOf(settled.at(body)).flatMap((edge) => gone.some((one) => isSameEdge(one, edge)) && edge.from !== "order" && "index" in edge.from ? [edge.from.index] : []);
	return settled.removeItems([...body, "edges"], indices);
}
function isSameEdge(a, b) {
	return a.source === b.source && a.target === b.target && a.port === b.port;
}
/** Put a node that is there between the ends of an edge. */
function putBetween(document, body, edge, id, port) {
	let made = disconnect(document, body, [edge]);
	made = connect(made, body, {
		source: edge.source,
		target: id,
		port: edge.port
	});
	return connect(made, body, {
		source: id,
		target: edge.target,
		port
	});
}
/** Remove nodes with the edges at them. */
function removeNodes(document, places, addresses) {
	const gone = new Set(addresses);
	const outermost = addresses.flatMap((address) => places.nodes.get(address) ?? []).filter((one) => !isInside(one.address, gone));
	let made = document;
	for (const [body, nodes] of byBody(outermost)) {
		const ids = new Set(nodes.map((node) => node.id));
		const edges = edgesOf(made.at(body.path)).filter((edge) => ids.has(edge.source) || ids.has(edge.target));
		if (edges.length > 0 || made.at([...body.path, "edges"]) === void 0) made = disconnect(made, body.path, edges);
		made = made.removeItems([...body.path, "nodes"], nodes.map((node) => Number(node.path.at(-1))));
	}
	return made;
}
function isInside(address, gone) {
	for (let at = address.lastIndexOf("/"); at > 0; at = address.lastIndexOf("/", at - 1)) {
		const around = address.slice(0, at);
		if (gone.has(around) || gone.has(around.replace(/\[[^[\]]*\]$/, ""))) return true;
	}
	return false;
}
function byBody(nodes) {
	const found = /* @__PURE__ */ new Map();
	for (const node of nodes) {
		const entry = found.get(node.body.address) ?? [node.body, []];
		entry[1].push(node);
		found.set(node.body.address, entry);
	}
	return [...found.values()].sort((a, b) => b[0].path.length - a[0].path.length);
}
/** What speaks against an edge between two addresses; null when nothing does. */
function refusalOf(value, places, source, port, target) {
	const from = places.nodes.get(source);
	const to = places.nodes.get(target);
	if (!from || !to) return "bodies";
	if (source === target) return "same";
	if (from.body !== to.body) return "bodies";
	const typeOf = (node) => valueAt(value, [...node.path, "type"]);
	if (typeOf(to) === "start") return "begins";
	if (typeOf(from) === "end") return "ends";
	const edges = edgesOf(valueAt(value, from.body.path));
	const edge = {
		source: from.id,
		target: to.id,
		port
	};
	if (edges.some((one) => isSameEdge(one, edge))) return "there";
	return leadsTo(edges, to.id, from.id) ? "cycle" : null;
}
function leadsTo(edges, from, to) {
	const seen = /* @__PURE__ */ new Set();
	const left = [from];
	for (let id = left.pop(); id !== void 0; id = left.pop()) {
		if (id === to) return true;
		if (seen.has(id)) continue;
		seen.add(id);
		for (const edge of edges) if (edge.source === id) left.push(edge.target);
	}
	return false;
}
/** An id made of a name that no node of a body has. */
function freeId(wanted, taken) {
	const used = new Set(taken);
	const base = wanted.replace(/[^\p{L}\p{M}\p{N}_-]+/gu, "_").replace(/^[-_]+/, "") || "node";
	if (!used.has(base)) return base;
	const stem = base.replace(/_\d+$/, "");
	for (let number = 2;; number += 1) if (!used.has(`${stem}_${number}`)) return `${stem}_${number}`;
}
/** Whether a text may be a node's id. */
function isId(text) {
	return /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]{0,63}$/u.test(text) && !RESERVED.has(text);
}
var RESERVED = /* @__PURE__ */ new Set([
	"sys",
	"env",
	"secrets",
	"conversation",
	"*",
	"item",
	"index"
]);
/** The definition with every edge of every body written out in one spelling, for a canvas. */
function withAllEdges(value, places) {
	const copy = structuredClone(value);
	for (const body of places.bodies.values()) {
		const here = valueAt(copy, body.path);
		if (isObject(here)) here.edges = edgesOf(here).map(withoutOrigin);
	}
	return copy;
}
// src/graph/source/parse.ts
/** A source text read as YAML, of which JSON is a part, as the gateway reads it; and where things stand in it. */
var MOST_ALIASES$1 = 100;
/** Whole numbers as the gateway has them: `007` and `1_000` are text. */
var WHOLE = /^(?:[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+|0o[0-7]+)$/;
/** Read a text.
*
* @returns what it is, or why it cannot be read.
*/
function read(text) {
	const document = parseDocument(text, {
		keepSourceTokens: true,
		merge: true,
		version: "1.2",
		schema: "core",
		strict: true,
		uniqueKeys: true,
		logLevel: "silent",
		customTags: (tags) => [...tags.filter((tag) => typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:int"), {
			identify: (value) => typeof value === "number" && Number.isInteger(value),
			default: true,
			tag: "tag:yaml.org,2002:int",
			test: WHOLE,
			resolve: (source) => Number(source.replace(/^\+/, "")),
			stringify: (item) => item instanceof Scalar ? String(item.value) : ""
		}]
	});
	const first = document.errors[0];
	if (first) return {
		message: first.message.split("\n")[0] ?? "",
		at: first.pos[0]
	};
	try {
		return {
			document,
			value: document.toJS({ maxAliasCount: MOST_ALIASES$1 })
		};
	} catch (error) {
		return {
			message: error instanceof Error ? error.message : String(error),
			at: 0
		};
	}
}
function isProblem(found) {
	return "message" in found;
}
/** The child of a collection; null when its text has none of that name, merged ones included. */
function child(parent, step) {
	if (isSeq(parent)) {
		const node = parent.items[Number(step)];
		return node === void 0 || typeof step !== "number" ? null : {
			node,
			pair: null,
			index: step
		};
	}
	const index = parent.items.findIndex((pair) => keyOf(pair) === String(step));
	if (index < 0) return null;
	const pair = parent.items[index];
	return {
		node: pair.value,
		pair,
		index
	};
}
/** A key as text, which all keys are to the gateway. */
function keyOf(pair) {
	if (!isPair(pair) || !isScalar(pair.key)) return "";
	return pair.key.source ?? String(pair.key.value);
}
function collectionOf(node) {
	return isMap(node) || isSeq(node) ? node : null;
}
/** The first character of a node, its anchor and tag included. */
function startOf(node) {
	const token = node.srcToken;
	return Math.min(node.range?.[0] ?? 0, token?.offset ?? Number.POSITIVE_INFINITY);
}
/** Behind the last character of a pair's value, or of its colon when it has none. */
function endOfPair(text, pair) {
	const value = pair.value;
	if (value && !isEmptyNull(value)) return endOf(text, value);
	return afterColon(text, pair);
}
/** A null that is written by writing nothing. */
function isEmptyNull(node) {
	return isScalar(node) && node.value === null && (node.source ?? "") === "" && !node.anchor;
}
/** Behind the colon of a pair; behind its key when it has no colon. */
function afterColon(text, pair) {
	const colon = pair.srcToken?.sep?.find((one) => one.type === "map-value-ind");
	return colon ? colon.offset + 1 : endOf(text, pair.key);
}
/** Behind the last character that belongs to a node; a block text ends before its last line feed. */
function endOf(text, node) {
	const to = node.range?.[1] ?? 0;
	const collection = collectionOf(node);
	if (collection && !collection.flow) {
		const last = collection.items.at(-1);
		if (last === void 0) return to;
		const end = isPair(last) ? endOfPair(text, last) : isEmptyNull(last) ? last.range?.[1] : endOf(text, last);
		return Math.max(end ?? to, startOf(node));
	}
	if (isScalar(node) && (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED)) return endOfBlock(text, node.range?.[0] ?? 0, to);
	return to;
}
/** A block text's end: with `+` its empty lines are a part of it, else they are not. */
function endOfBlock(text, from, to) {
	const header = text.slice(from, lineEnd(text, from));
	const whole = text.slice(from, to);
	const trimmed = /^[|>][1-9]?\+/.test(header) ? whole.replace(/\r?\n$/, "") : whole.replace(/[ \t\r\n]+$/, "");
	return from + Math.max(trimmed.length, header.length);
}
/** The end of the line that a node's end stands in, when nothing but a comment comes before it. */
function endWithComment(text, end) {
	const rest = text.slice(end, lineEnd(text, end));
	return /^[ \t]*(#.*)?$/.test(rest) && (rest === "" || /^[ \t]/.test(rest)) ? end + rest.length : end;
}
/** The first character of what stands at a path, or of the nearest on the way there. */
function offsetOf(document, path) {
	let node = document.contents;
	let at = node ? startOf(node) : 0;
	for (const step of path) {
		const parent = collectionOf(node);
		const found = parent && child(parent, step);
		if (!found) return at;
		if (found.pair) at = startOf(found.pair.key);
		else if (found.node) at = startOf(found.node);
		node = found.node;
	}
	return at;
}
/** The column of a place, from 0. */
function columnOf(text, at) {
	const start = text.lastIndexOf("\n", at - 1) + 1;
	const mark = start === 0 && text.startsWith("﻿") ? 1 : 0;
	return at - start - mark;
}
// src/graph/source/removing.ts
/** What of a text goes when items of a collection do: with their line, their comma and their comments. */
/** Where the dash of an item of a block list stands. */
function dashOf(list, index) {
	const dash = (list.srcToken?.items ?? []).flatMap((item) => item.start?.find((one) => one.type === "seq-item-ind") ?? [])[index];
	if (dash === void 0) throw new RangeError(`the list has no item ${index}`);
	return dash.offset;
}
/** Runs of numbers that follow each other, each with its first and last. */
function runs(numbers, count) {
	const found = [];
	for (let index = 0; index < count; index += 1) {
		if (!numbers.has(index)) continue;
		const last = found.at(-1);
		if (last && last[1] === index - 1) last[1] = index;
		else found.push([index, index]);
	}
	return found;
}
/** Within brackets an item goes with the comma before it, the first one with the comma behind it. */
function flowGap(text, list, first, last) {
	const before = list.items[first - 1];
	const end = itemEnd(text, list, last);
	if (before !== void 0) return {
		from: itemEnd(text, list, first - 1),
		to: end,
		insert: ""
	};
	return {
		from: itemStart(list, first),
		to: itemStart(list, last + 1),
		insert: ""
	};
}
/** In a block an item goes with its lines, and with the comment right above it. */
function blockGap(text, list, first, last) {
	const start = itemStart(list, first);
	const end = endWithComment(text, itemEnd(text, list, last));
	const line = lineStart(text, start);
	const before = text.slice(line, start).replace("﻿", "");
	if (before.trim() !== "") {
		const next = itemStart(list, last + 1);
		const between = text.slice(end, next);
		return {
			from: start,
			to: /#/.test(between) ? end : next,
			insert: ""
		};
	}
	const from = first === 0 ? start - before.length : withComments(text, line, columnOf(text, start));
	const feed = text.indexOf("\n", end);
	if (feed < 0) return {
		from: Math.max(lineEnd(text, Math.max(0, from - 2)), 0),
		to: end,
		insert: ""
	};
	return {
		from,
		to: feed + 1,
		insert: ""
	};
}
/** The first of the comment lines right above a line, in its column. */
function withComments(text, line, column) {
	let from = line;
	while (from > 0) {
		const above = lineStart(text, from - 1);
		const content = text.slice(above, from);
		if (content.length - content.trimStart().length !== column || content[column] !== "#") break;
		from = above;
	}
	return from;
}
function itemStart(list, index) {
	const item = list.items[index];
	if (item === void 0) throw new RangeError(`the collection has no item ${index}`);
	if (isSeq(list) && !list.flow) return dashOf(list, index);
	return isPair(item) ? startOf(item.key) : startOf(item);
}
function itemEnd(text, list, index) {
	const item = list.items[index];
	if (item === void 0) throw new RangeError(`the collection has no item ${index}`);
	if (isPair(item)) return endOfPair(text, item);
	if (isEmptyNull(item) && isSeq(list) && !list.flow) return dashOf(list, index) + 1;
	return endOf(text, item);
}
// src/graph/source/spell.ts
/** How values are spelled: as YAML in the style of what stands around them, or as JSON. */
var OPTIONS = {
	lineWidth: 0,
	flowCollectionPadding: false,
	nullStr: "null"
};
function options(style) {
	return {
		...OPTIONS,
		indent: style.indent,
		indentSeq: style.indentLists,
		blockQuote: "literal"
	};
}
/** Text of a value in one line, as it stands within `{…}` and `[…]`. */
function flowText(value, style) {
	if (style.json) return jsonLine(value);
	const document = new Document(value, { compat: "yaml-1.1" });
	visit(document, {
		Collection: (_, node) => {
			node.flow = true;
		},
		Scalar: (_, node) => {
			if (typeof node.value === "string" && /[\n\r]/.test(node.value)) node.type = Scalar.QUOTE_DOUBLE;
		}
	});
	if (!isCollection(document.contents)) return flowText([value], style).slice(1, -1);
	return textOf(document, style).trimEnd();
}
/** Line ends that only some readers of YAML take for such. */
var ODD_LINE_ENDS = /[\u0085\u2028\u2029]/g;
function textOf(document, style) {
	visit(document, { Scalar: (_, node) => {
		const text = typeof node.value === "string" ? node.value : "";
		if (/[\u0085\u2028\u2029\ufeff]/.test(text) || /^[^\n]*\t[^\n]*$/.test(text)) node.type = Scalar.QUOTE_DOUBLE;
	} });
	return document.toString(options(style)).replace(ODD_LINE_ENDS, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
/** JSON in one line, with a space behind commas and colons. */
function jsonLine(value) {
	if (Array.isArray(value)) return `[${value.map(jsonLine).join(", ")}]`;
	if (typeof value === "object" && value !== null) return `{${Object.entries(value).map(([key, inner]) => `${quoted(key)}: ${jsonLine(inner)}`).join(", ")}}`;
	return JSON.stringify(value ?? null);
}
/** JSON over lines, whose further lines begin at a column. */
function jsonBlock(value, style, column) {
	return indented(JSON.stringify(value ?? null, null, style.indent).split("\n"), column, style);
}
function quoted(text) {
	return JSON.stringify(text);
}
function keyText(key, style) {
	if (style.json) return quoted(key);
	const text = flowText({ [key]: 0 }, style);
	return text.slice(1, text.lastIndexOf(": 0}"));
}
/** What follows the colon of a pair that begins at a column: ` value`, or lines below it. */
function pairValue(value, style, column, look) {
	const document = new Document({ k: imitating(value, look.like) }, { compat: "yaml-1.1" });
	if (look.inLine) setInLine(document.get("k", true));
	return lines(document, style, column).slice(2);
}
/** What follows the dash of an item whose dash stands at a column. */
function itemValue(value, style, column, look) {
	const document = new Document([imitating(value, look.like)], { compat: "yaml-1.1" });
	if (look.inLine) setInLine(document.get(0, true));
	return lines(document, style, column).slice(1);
}
function setInLine(node) {
	if (isMap(node)) node.flow = true;
	else if (isSeq(node)) node.items.forEach(setInLine);
}
function lines(document, style, column) {
	return indented(textOf(document, style).replace(/\n$/, "").split("\n"), column, style);
}
function indented(all, column, style) {
	return all.map((line, index) => index === 0 || line === "" ? line : " ".repeat(column) + line).join(style.newline);
}
/** Text is spelled as the one before it was: in quotes, or as a block. */
function imitating(value, like) {
	if (typeof value !== "string" || !like?.type) return value;
	const made = new Scalar(value);
	made.type = like.type === Scalar.BLOCK_FOLDED ? Scalar.BLOCK_LITERAL : like.type;
	return made;
}
// src/graph/source/edit.ts
/** Edits of a source text as splices: a value set, removed or put in; all else keeps its characters. */
/** The text does not let itself be edited in this place; a person may edit the text itself. */
var CannotEdit = class extends Error {};
var MOST_ALIASES = 100;
/** Set a value; what is missing on the way to it is made. */
function setValue(source, path, value, look = {}) {
	const root = source.document.contents;
	return path.length === 0 || root === null ? [replaceRoot(source, withValue(void 0, path, value))] : [setBelow(source, root, path, value, look)];
}
function setBelow(source, node, path, value, look) {
	const parent = collectionOf(node);
	const [step, ...rest] = path;
	if (parent === null || step === void 0) throw new CannotEdit(path.join("."));
	const found = child(parent, step);
	if (found === null) return insert(source, parent, step, withValue(void 0, rest, value), rest.length === 0 ? look : {});
	const place = {
		...found,
		parent
	};
	if (rest.length === 0) return replace(source, place, value, look);
	if (found.node && collectionOf(found.node)?.items.length) return setBelow(source, found.node, rest, value, look);
	return replace(source, place, withValue(isAlias(found.node) ? found.node.toJS(source.document, { maxAliasCount: MOST_ALIASES }) : null, rest, value), look);
}
/** Remove what stands at a path; nothing when nothing does. */
function removeValue(source, path) {
	const parent = nodeAt(source, path.slice(0, -1));
	const found = parent && child(parent, path.at(-1) ?? "");
	return found ? removeItems(source, path.slice(0, -1), [found.index]) : [];
}
/** Remove several items of one collection, by their numbers in the text. */
function removeItems(source, path, indices) {
	const parent = nodeAt(source, path);
	const gone = new Set(indices);
	if (parent === null || gone.size === 0) return [];
	if (gone.size === parent.items.length) return setValue(source, path, isSeq(parent) ? [] : {});
	return runs(gone, parent.items.length).map(([first, last]) => parent.flow ? flowGap(source.text, parent, first, last) : blockGap(source.text, parent, first, last));
}
/** Put an item behind the last of a list, which is made when there is none. */
function addItem(source, path, value, look = {}) {
	const parent = nodeAt(source, path);
	if (parent === null || !isSeq(parent) || parent.items.length === 0) return setValue(source, path, [value], look);
	const last = collectionOf(parent.items.at(-1));
	const inLine = last ? last.flow === true : look.inLine;
	return [insert(source, parent, parent.items.length, value, { inLine })];
}
/** Give a key another name, in its place. */
function renameKey(source, path, name) {
	const parent = nodeAt(source, path.slice(0, -1));
	const key = parent && child(parent, path.at(-1) ?? "")?.pair?.key;
	if (!key) throw new CannotEdit(path.join("."));
	const insert = key.type === Scalar.QUOTE_SINGLE || key.type === Scalar.QUOTE_DOUBLE ? JSON.stringify(name) : keyText(name, source.style);
	return [{
		from: startOf(key),
		to: key.range?.[1] ?? startOf(key),
		insert
	}];
}
/** The collection at a path; null when there is none in the text itself. */
function nodeAt(source, path) {
	let node = source.document.contents;
	for (const step of path) {
		const collection = collectionOf(node);
		node = (collection && child(collection, step)?.node) ?? null;
	}
	return collectionOf(node);
}
/** Write what each alias stands for in its place. */
function unaliased(source) {
	const found = [];
	const look = (parent) => {
		for (const [index, item] of parent.items.entries()) {
			const pair = isPair(item) ? item : null;
			const node = pair ? pair.value : item;
			if (isAlias(node)) {
				const value = node.toJS(source.document, { maxAliasCount: MOST_ALIASES });
				found.push(replace(source, {
					parent,
					node,
					pair,
					index
				}, value, {}));
			} else if (collectionOf(node)) look(node);
		}
	};
	const root = collectionOf(source.document.contents);
	if (root) look(root);
	return found;
}
function replaceRoot(source, value) {
	const { text, style } = source;
	const root = source.document.contents;
	const made = style.json ? jsonBlock(value, style, 0) : itemValue(value, {
		...style,
		indent: 2
	}, 0, {}).replace(/^ /, "").replace(/\n {2}/g, "\n");
	if (root === null) return {
		from: text.length,
		to: text.length,
		insert: made + style.newline
	};
	return {
		from: startOf(root),
		to: endOf(text, root),
		insert: made
	};
}
function replace(source, place, value, look) {
	return place.parent.flow ? replaceInFlow(source, place, value) : replaceInBlock(source, place, value, look);
}
function replaceInFlow(source, { node, pair, parent }, value) {
	const { text } = source;
	if (pair) {
		const from = afterColon(text, pair);
		const insert = `${anchorOf(node)} ${inFlow(source, from, value)}`;
		return {
			from,
			to: endOfPair(text, pair),
			insert
		};
	}
	const from = node ? startOf(node) : endOf(text, parent) - 1;
	return {
		from,
		to: node ? endOf(text, node) : from,
		insert: inFlow(source, from, value)
	};
}
function replaceInBlock(source, place, value, look) {
	const { text, style } = source;
	const { node, pair, parent, index } = place;
	const how = {
		...look,
		like: look.like ?? (isScalar(node) ? node : void 0)
	};
	if (pair) {
		const made = pairValue(value, style, columnOf(text, startOf(pair.key)), how);
		const to = endOfPair(text, pair);
		return {
			from: afterColon(text, pair),
			to,
			insert: anchorOf(node) + made
		};
	}
	const dash = dashOf(parent, index);
	const to = node && !isEmptyNull(node) ? endOf(text, node) : dash + 1;
	const made = itemValue(value, style, columnOf(text, dash), how);
	return {
		from: dash + 1,
		to,
		insert: anchorOf(node) + made
	};
}
/** The anchor of a value, which others may refer to. */
function anchorOf(node) {
	return node && "anchor" in node && node.anchor ? ` &${node.anchor}` : "";
}
/** A value as it stands within brackets; JSON goes over lines where the line has nothing before it. */
function inFlow(source, at, value, isMultiLine) {
	const { text, style } = source;
	const line = text.slice(lineStart(text, at), at);
	const startsLine = isMultiLine ?? /^[ \t]*("(?:[^"\\]|\\.)*"\s*:)?\s*$/.test(line);
	const isPlain = typeof value !== "object" || value === null || Object.keys(value).length === 0;
	if (!style.json || isPlain || !startsLine) return flowText(value, style);
	return jsonBlock(value, style, line.length - line.trimStart().length);
}
function insert(source, parent, step, value, look) {
	if (isSeq(parent) !== (typeof step === "number")) throw new CannotEdit(String(step));
	return parent.flow ? insertFlow(source, parent, step, value) : insertBlock(source, parent, step, value, look);
}
function insertBlock(source, parent, step, value, look) {
	const { text, style } = source;
	const end = endOf(text, parent);
	const at = lineEnd(text, end);
	const first = parent.items[0];
	if (first === void 0 || !/^[ \t]*(#.*)?$/.test(text.slice(end, at))) throw new CannotEdit(String(step));
	const isList = typeof step === "number";
	const column = columnOf(text, isList ? dashOf(parent, 0) : startOf(first.key));
	const made = isList ? `-${itemValue(value, style, column, look)}` : `${keyText(step, style)}:${pairValue(value, style, column, look)}`;
	return {
		from: at,
		to: at,
		insert: style.newline + " ".repeat(column) + made
	};
}
function insertFlow(source, parent, step, value) {
	const { text, style } = source;
	const key = typeof step === "number" ? "" : `${keyText(step, style)}: `;
	const last = parent.items.at(-1);
	if (last === void 0) {
		const at = startOf(parent) + 1;
		return {
			from: at,
			to: at,
			insert: key + inFlow(source, at, value, false)
		};
	}
	const [start, end] = "key" in last ? [startOf(last.key), endOfPair(text, last)] : [startOf(last), endOf(text, last)];
	const line = text.slice(lineStart(text, start), start);
	const isMultiLine = /^[ \t]*$/.test(line) && lineStart(text, start) > startOf(parent);
	return {
		from: end,
		to: end,
		insert: `,${isMultiLine ? style.newline + line : " "}${key}${insertedValue(source, value, isMultiLine, line.length)}`
	};
}
function insertedValue(source, value, isMultiLine, column) {
	const { style } = source;
	return style.json && isMultiLine ? jsonBlock(value, style, column) : flowText(value, style);
}
// src/graph/source/style.ts
var USUAL = 2;
var WIDEST = 8;
function styleOf(text, json) {
	const lines = text.split(/\r?\n/, 400);
	return {
		json,
		indent: json ? jsonIndent(lines) ?? USUAL : yamlIndent(lines) ?? USUAL,
		indentLists: !lines.some((line, index) => isFlush(line, lines[index - 1] ?? "")),
		newline: newline(text)
	};
}
function jsonIndent(lines) {
	return lines.map(indentOf).find((indent) => indent > 0 && indent <= WIDEST);
}
/** The first step from a key to a key below it. */
function yamlIndent(lines) {
	let above = "";
	for (const line of lines) {
		if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
		const step = indentOf(line) - indentOf(above);
		if (/^\s*[^\s#-][^#]*:\s*$/.test(above) && /^\s*[^\s#-]/.test(line) && step > 1 && step <= WIDEST) return step;
		above = line;
	}
}
/** Whether a list's dash stands right below the key that it belongs to. */
function isFlush(line, above) {
	return /^\s*-(\s|$)/.test(line) && /^\s*[^\s#-][^#]*:\s*$/.test(above) && indentOf(line) === indentOf(above);
}
function indentOf(line) {
	return line.length - line.trimStart().length;
}
// src/graph/document.ts
/** The draft as its author wrote it: text, what it says, and edits of it that keep the rest of the text. */
/** One text, read. It never changes: an edit gives another one. */
var SourceDocument = class SourceDocument {
	text;
	json;
	#read;
	constructor(text, json) {
		this.text = text;
		this.json = json;
		this.#read = read(text);
	}
	/** @param json whether the text is to stay JSON; else as it looks. */
	static of(text, json = looksLikeJson(text)) {
		return new SourceDocument(text, json);
	}
	/** Why the text cannot be read; null when it can. */
	get problem() {
		return isProblem(this.#read) ? this.#read : null;
	}
	/** What the text says; undefined when it cannot be read. */
	get value() {
		return isProblem(this.#read) ? void 0 : this.#read.value;
	}
	at(path) {
		return valueAt(this.value, path);
	}
	set(path, value, look = {}) {
		return this.#edited((source) => setValue(source, path, value, look), this.#with(path, value));
	}
	/** Set several values at once; none of them stands in another. */
	setAll(changes) {
		const asked = changes.reduce((whole, { path, value }) => withValue(whole, path, value), this.value);
		return this.#edited((source) => changes.flatMap(({ path, value }) => setValue(source, path, value)), asked);
	}
	remove(path) {
		return this.#edited((source) => removeValue(source, path), withoutValue(this.value, path));
	}
	/** Remove several items of a list. */
	removeItems(path, indices) {
		if (indices.length === 0) return this;
		const list = this.at(path);
		const left = Array.isArray(list) ? list.filter((_, index) => !indices.includes(index)) : list;
		return this.#edited((source) => removeItems(source, path, indices), this.#with(path, left));
	}
	/** Put an item behind the last of a list, which is made when there is none. */
	add(path, value, look = {}) {
		const list = this.at(path);
		const made = Array.isArray(list) ? [...list, value] : [value];
		return this.#edited((source) => addItem(source, path, value, look), this.#with(path, made));
	}
	renameKey(path, name) {
		return this.#edited((source) => renameKey(source, path, name));
	}
	#with(path, value) {
		return withValue(this.value, path, value);
	}
	/** Where something stands, as a character; the nearest of its path that there is. */
	offsetOf(path) {
		return isProblem(this.#read) ? this.#read.at : offsetOf(this.#read.document, path);
	}
	/** Make an edit and look at what came of it: all else must say the same as before. */
	#edited(make, asked) {
		if (isProblem(this.#read)) throw new CannotEdit(this.#read.message);
		const made = this.#tried(make, asked);
		if (made) return made;
		const apart = this.#tried(unaliased);
		const again = apart && apart.text !== this.text ? apart.#tried(make, asked) : null;
		if (again === null) throw new CannotEdit("the text cannot be edited in this place");
		return again;
	}
	/** The document after an edit; null when it says something else than was asked for. */
	#tried(make, asked) {
		if (isProblem(this.#read)) return null;
		let text;
		try {
			text = spliced(this.text, make(this.#source(this.#read)));
		} catch (error) {
			if (error instanceof RangeError || error instanceof CannotEdit) return null;
			throw error;
		}
		const made = new SourceDocument(text, this.json);
		return made.problem || asked !== void 0 && !isSame(asked, made.value) ? null : made;
	}
	#source(parsed) {
		return {
			text: this.text,
			document: parsed.document,
			style: styleOf(this.text, this.json)
		};
	}
};
function looksLikeJson(text) {
	if (!/^\ufeff?\s*[{[]/.test(text)) return false;
	try {
		JSON.parse(text.replace(/^\ufeff/, ""));
		return true;
	} catch {
		return false;
	}
}
// src/graph/history.ts
/** Undo and redo of a text: steps that know what they replaced, merged while somebody types. */
/** Milliseconds after which typing is another step. */
var PAUSE = 1500;
function historyOf(text) {
	return {
		text,
		past: [],
		future: []
	};
}
/** The history after a change; what was undone before it is forgotten. */
function changed(history, text, kind, now) {
	if (text === history.text) return history;
	const last = history.past.at(-1);
	const isMore = kind !== "" && last?.kind === kind && now - last.at < PAUSE && history.future.length === 0;
	const before = isMore && last ? spliced(history.text, [last.undone]) : history.text;
	const past = isMore ? history.past.slice(0, -1) : history.past;
	if (before === text) return {
		text,
		past,
		future: []
	};
	const done = difference(before, text);
	const step = {
		done,
		undone: inverse(before, done),
		kind,
		at: now
	};
	return {
		text,
		past: [...past, step].slice(-500),
		future: []
	};
}
function undone(history) {
	const step = history.past.at(-1);
	if (step === void 0) return history;
	return {
		text: spliced(history.text, [step.undone]),
		past: history.past.slice(0, -1),
		future: [...history.future, step]
	};
}
function redone(history) {
	const step = history.future.at(-1);
	if (step === void 0) return history;
	return {
		text: spliced(history.text, [step.done]),
		past: [...history.past, {
			...step,
			kind: ""
		}],
		future: history.future.slice(0, -1)
	};
}
// src/screens/editor/session.ts
/** One workflow being edited: its text and history, what is drawn of it, what is selected. No React. */
function createSession(given) {
	const { workflowId, kinds, json, now = Date.now } = given;
	const document = SourceDocument.of(given.text, json);
	const store = createStore(() => ({
		history: keptHistory(workflowId, given.text),
		document,
		drawn: drawnOf(document, kinds, []),
		root: [],
		selected: [],
		layout: given.layout,
		saving: {
			state: "saved",
			at: null
		},
		checked: null,
		notice: ""
	}));
	const become = (history, made) => {
		const { drawn, root, selected } = store.getState();
		const next = made ?? SourceDocument.of(history.text, json);
		const shown = next.problem ? drawn : drawnOf(next, kinds, root);
		store.setState({
			history,
			document: next,
			drawn: shown,
			selected: selected.filter((address) => shown.places.nodes.has(address))
		});
	};
	return {
		workflowId,
		kinds,
		store,
		edit(change, kind = "") {
			const { document: before, history, drawn } = store.getState();
			try {
				const made = change(before, drawn.places);
				become(changed(history, made.text, kind, now()), made);
				store.setState({ notice: "" });
				return true;
			} catch (error) {
				if (!(error instanceof CannotEdit)) throw error;
				store.setState({ notice: given.cannot() });
				return false;
			}
		},
		setText: (text, kind) => become(changed(store.getState().history, text, kind, now())),
		undo: () => become(undone(store.getState().history)),
		redo: () => become(redone(store.getState().history)),
		select(addresses) {
			const before = store.getState().selected;
			if (before.length === addresses.length && before.every((one, at) => one === addresses[at])) return;
			store.setState({ selected: addresses });
		},
		show(root) {
			const { document: shown } = store.getState();
			store.setState({
				root,
				selected: [],
				drawn: drawnOf(shown, kinds, root)
			});
		},
		arrange: (change) => store.setState({ layout: change(store.getState().layout) }),
		patch: (change) => store.setState(change)
	};
}
/** What the addresses of a workflow begin with in findings and layouts: nothing, or `greeting:`. */
function prefixOf(root) {
	return root.length === 2 ? `${String(root[1])}:` : "";
}
function drawnOf(document, kinds, root) {
	const places = placesOf(document.value, kinds, root);
	const definition = valueAt(withAllEdges(document.value, places), root);
	return {
		document,
		places,
		graph: graphOf(definition, kinds)
	};
}
var KEPT = "runfold.history.";
/** Characters of a history that is kept over a reload. */
var MOST_KEPT = 2e6;
/** The history of this tab, where it leads to this very text. */
function keptHistory(workflowId, text) {
	const kept = sessionStorage.getItem(KEPT + workflowId);
	if (kept === null) return historyOf(text);
	try {
		const history = JSON.parse(kept);
		return history.text === text ? history : historyOf(text);
	} catch {
		return historyOf(text);
	}
}
function keepHistory(session) {
	const kept = JSON.stringify(session.store.getState().history);
	const name = KEPT + session.workflowId;
	if (kept.length > MOST_KEPT) sessionStorage.removeItem(name);
	else sessionStorage.setItem(name, kept);
}
// src/screens/editor/use-session.ts
/** Opens a session, keeps it saved and checked while it is on the screen. */
/** Milliseconds after the last change until the document is checked. */
var CHECK_PAUSE = 350;
function makeDesk(workflowId, opened) {
	const session = createSession({
		workflowId,
		text: opened.text,
		json: opened.json,
		layout: opened.layout,
		kinds: opened.kinds,
		cannot: () => texts(editorTexts).cannotEdit
	});
	const draft = new Saver({
		put: (text, etag) => saveDraft(workflowId, text, opened.json, etag),
		tell: (saving) => session.patch({ saving })
	}, opened.text, opened.etag);
	const layout = new Saver({
		put: (value, etag) => saveLayout(workflowId, value, etag),
		tell: (saving) => {
			if (saving.state === "conflict") settleLayout(session, layout, saving.problem);
			if (saving.state === "failed") session.patch({ notice: messageOf(saving.problem) });
		}
	}, opened.layout, opened.layoutEtag);
	const storeNow = async (text) => {
		const etag = await saveDraft(workflowId, text, opened.json, "");
		draft.adopt(text, etag, session.store.getState().document.text);
	};
	return {
		session,
		opened,
		draft,
		layout,
		storeNow
	};
}
function messageOf(problem) {
	return problem instanceof Error ? problem.message : String(problem);
}
/** Where somebody else moved boxes meanwhile, both moves count; of the same box this one does. */
function settleLayout(session, saver, problem) {
	const theirs = problem.document.layout ?? {};
	const base = saver.saved.nodes ?? {};
	const mine = session.store.getState().layout;
	const moved = Object.entries(mine.nodes ?? {}).filter(([address, place]) => JSON.stringify(place) !== JSON.stringify(base[address]));
	const notesChanged = JSON.stringify(mine.notes) !== JSON.stringify(saver.saved.notes);
	const merged = {
		...theirs,
		nodes: {
			...theirs.nodes,
			...Object.fromEntries(moved)
		},
		...notesChanged && mine.notes ? { notes: mine.notes } : {}
	};
	session.patch({ layout: merged });
	saver.adopt(theirs, String(problem.document.etag ?? ""), merged);
}
/** Save and check a session for as long as it is shown. */
function useDesk(desk) {
	(0, import_react.useEffect)(() => {
		const { session, draft, layout } = desk;
		let timer;
		let asked = null;
		const check = () => {
			clearTimeout(timer);
			timer = setTimeout(() => {
				asked?.abort();
				asked = new AbortController();
				checkNow(desk, asked.signal);
			}, CHECK_PAUSE);
		};
		check();
		const end = session.store.subscribe((now, before) => {
			if (now.document.text !== before.document.text) {
				draft.change(now.document.text);
				check();
			}
			if (now.layout !== before.layout) layout.change(now.layout);
		});
		const leave = () => {
			keepHistory(session);
			draft.flush();
			layout.flush();
		};
		const ask = (event) => {
			leave();
			if (draft.isDirty) event.preventDefault();
		};
		globalThis.addEventListener("beforeunload", ask);
		return () => {
			clearTimeout(timer);
			asked?.abort();
			end();
			globalThis.removeEventListener("beforeunload", ask);
			leave();
		};
	}, [desk]);
}
async function checkNow(desk, signal) {
	const { session, opened } = desk;
	const { text } = session.store.getState().document;
	try {
		const checked = await call("post", "/api/workflows/validate", {
			query: { scope: true },
			text: {
				body: text,
				type: mediaType(opened.json)
			},
			signal
		});
		const nodes = Object.keys(checked.data.nodes ?? {}).length ? checked.data.nodes : session.store.getState().checked?.nodes;
		if (!signal.aborted) session.patch({ checked: {
			...checked.data,
			nodes
		} });
	} catch (error) {
		if (signal.aborted) return;
		session.patch({ notice: messageOf(error) });
	}
}
/** The problem of an action that somebody asked for, until the next one. */
function useAction() {
	const [busy, setBusy] = (0, import_react.useState)(false);
	const [problem, setProblem] = (0, import_react.useState)(null);
	const run = (action) => {
		setBusy(true);
		setProblem(null);
		action().catch((error) => setProblem(error)).finally(() => setBusy(false));
	};
	return {
		busy,
		problem,
		run
	};
}
export { editorTexts as S, withValue as _, addNode as a, open as b, freeId as c, refusalOf as d, removeNodes as f, valueAt as g, isObject as h, prefixOf as i, isId as l, edgesOf as m, useAction as n, connect as o, withEdgesWritten as p, useDesk as r, disconnect as s, makeDesk as t, putBetween as u, withoutValue as v, sourceOf as x, mediaType as y };
