const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/code-mirror-zxwEIo1K.js","assets/rolldown-runtime-SbdDWaPq.js","assets/jsx-runtime-CgfO9KJ9.js","assets/text-DGbDzIRL.js","assets/index-DgqGT2MN.js","assets/useRouter-BYKvPzlY.js","assets/matchContext-ddUZaM3t.js","assets/with-selector-CGDzH67W.js","assets/client-wO5ukrQM.js","assets/language-Xe_YX1Uf.js","assets/index-bunBGAdX.css","assets/code-mirror-C1TuNsJ5.css"])))=>i.map(i=>d[i]);
import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { i as stringify, n as parse } from "./browser-Db3gSaeH.js";
import { n as defineTexts, s as useTexts } from "./language-Xe_YX1Uf.js";
import { t as __vitePreload } from "./index-DgqGT2MN.js";
// src/forms/context.ts
var import_jsx_runtime = require_jsx_runtime();
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var FormContext = (0, import_react.createContext)({
	readable: [],
	templates: false,
	models: [],
	workflows: [],
	set: () => void 0,
	rename: () => void 0,
	key: ""
});
function useForm() {
	return (0, import_react.useContext)(FormContext);
}
// src/ui/code-editor.tsx
/** Text with line numbers and colours; the editor itself is loaded when the first one is shown. */
var Editor = (0, import_react.lazy)(() => __vitePreload(() => import("./code-mirror-zxwEIo1K.js"), __vite__mapDeps([0,1,2,3,4,5,6,7,8,9,10,11])));
function CodeEditor(props) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(import_react.Suspense, {
		fallback: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("pre", {
			className: "code-waiting",
			children: props.value
		}),
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Editor, { ...props })
	});
}
// src/forms/texts.ts
var formTexts = defineTexts({
	required: "required",
	insert: "Insert a reference",
	insertInto: (name) => `Insert a reference into ${name}`,
	search: "Search names",
	none: "There is nothing to refer to here.",
	noMatch: "Nothing has that name.",
	sometimes: "may be missing",
	asTemplate: "As a reference or template",
	asValue: "As a value",
	remove: (name) => `Remove ${name}`,
	add: "Add",
	addTo: (name) => `Add to ${name}`,
	name: "Name",
	value: "Value",
	up: (name) => `Move ${name} up`,
	notSet: "not set",
	example: (text) => `e.g. ${text}`,
	json: "JSON or YAML",
	unreadable: "This cannot be read:",
	kindOfValue: "Kind of value",
	text: "text",
	number: "number",
	boolean: "true or false",
	null: "null",
	list: "list",
	object: "object",
	other: "Other settings",
	otherHelp: "The form does not know these settings. They are kept as they are.",
	kindOf: (name) => `Kind of ${name}`,
	condition: "Condition",
	all: "all hold",
	any: "any holds",
	rule: "one comparison",
	expression: "expression",
	left: "Left",
	operator: "Operator",
	right: "Right",
	fields: "Fields",
	type: "Type",
	description: "Description",
	requiredField: "Required",
	default: "Default",
	onCanvas: (nodes) => nodes === 1 ? "1 node, edited on the canvas" : `${nodes} nodes, edited on the canvas`,
	addBody: "Add a body",
	badDuration: "A duration is seconds, or text such as 500ms, 90s, 1h30m.",
	badNumber: "This is not a number.",
	sameName: "This name is there already.",
	groups_limits: "Limits",
	groups_errors: "Errors",
	groups_more: "More",
	groups_request: "Request",
	groups_response: "Response",
	groups_conversation: "Conversation",
	groups_context: "Context",
	groups_sampling: "Sampling",
	groups_people: "People",
	groups_body: "Body",
	groups_prompt: "One prompt as the body",
	groups_tools: "Tools",
	groups_output: "Output",
	groups_answer: "Answer",
	groups_protection: "Protection"
}, {
	required: "必填",
	insert: "插入引用",
	insertInto: (name) => `在 ${name} 中插入引用`,
	search: "搜索名称",
	none: "这里没有可引用的内容。",
	noMatch: "没有这个名称。",
	sometimes: "可能缺失",
	asTemplate: "改用引用或模板",
	asValue: "改用固定值",
	remove: (name) => `移除 ${name}`,
	add: "添加",
	addTo: (name) => `添加到 ${name}`,
	name: "名称",
	value: "值",
	up: (name) => `上移 ${name}`,
	notSet: "未设置",
	example: (text) => `例如 ${text}`,
	json: "JSON 或 YAML",
	unreadable: "无法读取：",
	kindOfValue: "值的类型",
	text: "文本",
	number: "数字",
	boolean: "真或假",
	null: "空值",
	list: "列表",
	object: "对象",
	other: "其他设置",
	otherHelp: "表单不认识这些设置，会原样保留。",
	kindOf: (name) => `${name} 的类型`,
	condition: "条件",
	all: "全部成立",
	any: "任一成立",
	rule: "单个比较",
	expression: "表达式",
	left: "左值",
	operator: "运算符",
	right: "右值",
	fields: "字段",
	type: "类型",
	description: "说明",
	requiredField: "必填",
	default: "默认值",
	onCanvas: (nodes) => `${nodes} 个节点，在画布上编辑`,
	addBody: "添加分支",
	badDuration: "时长是秒数，或 500ms、90s、1h30m 这样的文本。",
	badNumber: "这不是数字。",
	sameName: "已有这个名称。",
	groups_limits: "限制",
	groups_errors: "错误",
	groups_more: "更多",
	groups_request: "请求",
	groups_response: "响应",
	groups_conversation: "会话",
	groups_context: "上下文",
	groups_sampling: "采样",
	groups_people: "人员",
	groups_body: "循环体",
	groups_prompt: "以一个提示词作为循环体",
	groups_tools: "工具",
	groups_output: "输出",
	groups_answer: "回答",
	groups_protection: "保护"
});
// src/forms/picker.tsx
/** Chooses a name that may be read here; what may be missing says so and is given a default. */
var SHOWN = 200;
function ReferencePicker({ choose, close }) {
	const t = useTexts(formTexts);
	const { readable } = useForm();
	const dialog = (0, import_react.useRef)(null);
	const [wanted, setWanted] = (0, import_react.useState)("");
	(0, import_react.useEffect)(() => dialog.current?.showModal(), []);
	const found = (0, import_react.useMemo)(() => matching(readable, wanted), [readable, wanted]);
	const take = (one) => choose(one.when === "always" ? one.name : `${one.name} | default('')`);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("dialog", {
		ref: dialog,
		className: "picker",
		"aria-label": t.insert,
		onClose: close,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
			className: "stack",
			onSubmit: (event) => {
				event.preventDefault();
				const [first] = found;
				if (first) take(first);
			},
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					type: "search",
					"aria-label": t.search,
					placeholder: t.search,
					value: wanted,
					onChange: (event) => setWanted(event.target.value)
				}),
				found.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "muted",
					children: readable.length ? t.noMatch : t.none
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
					className: "choices",
					children: found.slice(0, SHOWN).map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
						type: "button",
						className: "plain choice",
						onClick: () => take(one),
						children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "mono cut",
							children: one.name
						}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
							className: "muted",
							children: [one.type, one.when === "some_paths" && ` · ${t.sometimes}`]
						})]
					}) }, one.name))
				})
			]
		})
	});
}
/** The names that have all of the wanted words; nodes and inputs before what is always there. */
function matching(readable, wanted) {
	const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
	const rank = (one) => ORDER.indexOf(one.kind);
	return readable.filter((one) => words.every((word) => one.name.toLowerCase().includes(word))).sort((a, b) => rank(a) - rank(b));
}
var ORDER = [
	"item",
	"node",
	"input",
	"variable",
	"conversation",
	"env",
	"secret",
	"system"
];
// src/forms/typed.ts
/** Text that is being typed: shown at once, told on after a moment, and not lost when a field goes. */
/** Milliseconds without a key after which what was typed counts. */
var PAUSE = 250;
function useTyped(value, tell) {
	const [typed, setTyped] = (0, import_react.useState)(null);
	const timer = (0, import_react.useRef)(void 0);
	const latest = (0, import_react.useRef)({
		tell,
		pending: null
	});
	latest.current.tell = tell;
	const done = () => {
		clearTimeout(timer.current);
		const { pending } = latest.current;
		latest.current.pending = null;
		if (pending !== null) latest.current.tell(pending);
	};
	const finish = (0, import_react.useRef)(done);
	finish.current = done;
	(0, import_react.useEffect)(() => () => finish.current(), []);
	return {
		text: typed !== null && (typed.of === value || typed.text === value) ? typed.text : value,
		type(next) {
			setTyped({
				of: value,
				text: next
			});
			latest.current.pending = next;
			clearTimeout(timer.current);
			timer.current = setTimeout(() => finish.current(), PAUSE);
		},
		done
	};
}
// src/forms/text-field.tsx
/** A text, a template or a number as it is typed, with a way to put references in. */
var MOST_ROWS = 16;
function TextField(props) {
	const { id, label, value, tell, multiLine = false, placeholder, list, problem } = props;
	const form = useForm();
	const t = useTexts(formTexts);
	const typed = useTyped(value, tell);
	const box = (0, import_react.useRef)(null);
	const [picking, setPicking] = (0, import_react.useState)(false);
	const templates = form.templates && props.templates !== false;
	const type = (text) => {
		typed.type(text);
		const at = box.current?.selectionEnd ?? text.length;
		if (templates && text.length > typed.text.length && text.slice(0, at).endsWith("{{")) setPicking(true);
	};
	const insert = (reference) => {
		const at = box.current?.selectionEnd ?? typed.text.length;
		const before = typed.text.slice(0, at).replace(/\{\{\s*$/, "");
		typed.type(`${before}{{${reference}}}${typed.text.slice(at).replace(/^\s*\}\}/, "")}`);
		setPicking(false);
		box.current?.focus();
	};
	const rows = Math.min(MOST_ROWS, typed.text.split("\n").length + 1);
	const common = {
		id,
		ref: box,
		value: typed.text,
		placeholder,
		spellCheck: false,
		"aria-label": label,
		"aria-invalid": problem ? true : void 0,
		"aria-describedby": problem ? `${id}-problem` : void 0,
		onBlur: typed.done
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "text-field",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "text-field-row",
				children: [multiLine || typed.text.includes("\n") ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("textarea", {
					...common,
					rows: Math.max(rows, multiLine ? 3 : 2),
					onChange: (event) => type(event.target.value)
				}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					...common,
					list: list ? `${id}-list` : void 0,
					onChange: (event) => type(event.target.value)
				}), templates && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: "insert",
					title: t.insert,
					"aria-label": t.insertInto(label),
					onClick: () => setPicking(true),
					children: "{}"
				})]
			}),
			list && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("datalist", {
				id: `${id}-list`,
				children: list.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", { value: one }, one))
			}),
			problem && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				id: `${id}-problem`,
				className: "field-problem",
				children: problem
			}),
			picking && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ReferencePicker, {
				choose: insert,
				close: () => setPicking(false)
			})
		]
	});
}
// src/forms/value-field.tsx
/** Any value: text, number, truth, nothing, or a list or object written as YAML. */
var KINDS = [
	"text",
	"number",
	"boolean",
	"list",
	"object",
	"null"
];
function kindOfValue(value) {
	if (value === null) return "null";
	if (Array.isArray(value)) return "list";
	if (typeof value === "object") return "object";
	if (typeof value === "number") return "number";
	return typeof value === "boolean" ? "boolean" : "text";
}
var EMPTY = {
	text: "",
	number: 0,
	boolean: true,
	list: [],
	object: {},
	null: null
};
function ValueField(props) {
	const { label, value, set } = props;
	const t = useTexts(formTexts);
	const kind = kindOfValue(value ?? "");
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "value-field",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueInput, {
			...props,
			kind
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("select", {
			"aria-label": `${label}: ${t.kindOfValue}`,
			value: kind,
			onChange: (event) => set(converted(value, event.target.value)),
			children: KINDS.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: one,
				children: t[one]
			}, one))
		})]
	});
}
/** A value as another kind, where it can be read as such. */
function converted(value, kind) {
	if (kind === "text") return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
	if (kind === "number") return Number.isFinite(Number(value)) ? Number(value) : 0;
	if (typeof value === "string" && (kind === "list" || kind === "object")) {
		const read = readValue(value);
		if ("value" in read && kindOfValue(read.value) === kind) return read.value;
	}
	return EMPTY[kind];
}
function ValueInput({ id, label, value, set, kind, templates }) {
	if (kind === "null") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", {
		id,
		children: "null"
	});
	if (kind === "boolean") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
		id,
		type: "checkbox",
		"aria-label": label,
		checked: value === true,
		onChange: (event) => set(event.target.checked)
	});
	if (kind === "number") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NumberField, {
		id,
		label,
		value,
		set
	});
	if (kind === "text") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
		id,
		label,
		value: String(value ?? ""),
		tell: (text) => set(text, true),
		templates: templates ?? true
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TreeField, {
		id,
		label,
		value,
		set
	});
}
function NumberField({ id, label, value, set }) {
	const t = useTexts(formTexts);
	const [wrong, setWrong] = (0, import_react.useState)(false);
	const tell = (text) => {
		const number = Number(text);
		const bad = text.trim() !== "" && !Number.isFinite(number);
		setWrong(bad);
		if (!bad) set(text.trim() === "" ? void 0 : number, true);
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
		id,
		label,
		value: value === void 0 || value === null ? "" : String(value),
		tell,
		templates: false,
		problem: wrong ? t.badNumber : null
	});
}
/** A list or an object as YAML text; what cannot be read yet is kept here and said. */
function TreeField({ id, label, value, set }) {
	const t = useTexts(formTexts);
	const spelled = value === void 0 ? "" : stringify(value, { lineWidth: 0 }).trimEnd();
	const [draft, setDraft] = (0, import_react.useState)(null);
	const shown = draft !== null && draft.of === spelled ? draft.text : spelled;
	const change = (text) => {
		const read = readValue(text);
		if ("problem" in read) setDraft({
			of: spelled,
			text,
			problem: read.problem
		});
		else {
			const next = stringify(read.value, { lineWidth: 0 }).trimEnd();
			setDraft({
				of: next,
				text,
				problem: ""
			});
			set(text.trim() === "" ? void 0 : read.value, true);
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "grow",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(CodeEditor, {
			id,
			label: `${label} (${t.json})`,
			value: shown,
			change,
			language: "yaml"
		}), draft?.of === spelled && draft.problem && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
			className: "field-problem",
			role: "status",
			children: [
				t.unreadable,
				" ",
				draft.problem
			]
		})]
	});
}
function readValue(text) {
	try {
		return { value: parse(text, {
			schema: "core",
			maxAliasCount: 100
		}) };
	} catch (error) {
		return { problem: error instanceof Error ? error.message.split("\n")[0] ?? "" : String(error) };
	}
}
export { formTexts as a, useForm as c, TextField as i, TreeField as n, CodeEditor as o, ValueField as r, FormContext as s, NumberField as t };
