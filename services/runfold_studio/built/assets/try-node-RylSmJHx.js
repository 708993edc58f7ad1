import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { l as Link, o as Problem, p as useQuery, s as visible } from "./index-DgqGT2MN.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { r as call, t as ApiProblem } from "./client-wO5ukrQM.js";
import { n as TreeField } from "./value-field-DkTCUgQt.js";
import { S as editorTexts, _ as withValue, h as isObject, i as prefixOf, n as useAction } from "./use-session-DQZEl8qy.js";
import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { t as ago } from "./numbers-DREmUqdS.js";
import { t as Status } from "./status-C2sby_He.js";
import { i as useStore } from "./screen-DqDVlJ7i.js";
// src/screens/editor/trial.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
/** What a node reads, as the paths under which a trial is given values. */
var ROOTS_OF_THEIR_OWN = /* @__PURE__ */ new Set([
	"sys",
	"env",
	"secrets",
	"loop"
]);
var WORDS = /* @__PURE__ */ new Set([
	"true",
	"false",
	"none",
	"not",
	"and",
	"or",
	"in",
	"is",
	"if",
	"else"
]);
var PATH = /(?<![\p{L}\p{N}_.'"|-])(\p{L}[\p{L}\p{M}\p{N}_-]*)((?:\.\p{L}[\p{L}\p{M}\p{N}_-]*)*)/gu;
/** The plain paths within the braces of a node's settings; the server says what else is missing. */
function readNames(node) {
	const found = /* @__PURE__ */ new Map();
	const look = (value) => {
		if (typeof value === "string") for (const path of pathsIn(value)) found.set(path.join("."), path);
		else if (Array.isArray(value)) for (const one of value) look(one);
		else if (isObject(value)) for (const one of Object.values(value)) look(one);
	};
	look(isObject(node) ? node.config : void 0);
	const all = [...found.values()];
	return all.filter((path) => !all.some((other) => other.length > path.length && path.every((step, at) => other[at] === step)));
}
function pathsIn(text) {
	const found = [];
	for (const [, inside = ""] of text.matchAll(/\{\{([\s\S]*?)\}\}/g)) {
		const bare = inside.replace(/'[^']*'|"[^"]*"/g, "''").replace(/\|\s*[\w]+/g, "|");
		for (const [, root = "", rest = ""] of bare.matchAll(PATH)) {
			if (ROOTS_OF_THEIR_OWN.has(root) || WORDS.has(root.toLowerCase())) continue;
			found.push([root, ...rest.split(".").filter(Boolean)]);
		}
	}
	return found;
}
// src/screens/editor/try-node.tsx
/** Runs the selected node alone, with values that are written here or taken from a run. */
var import_jsx_runtime = require_jsx_runtime();
var RUNS = 10;
var WAIT = 30;
function TryNode({ desk, address }) {
	const { session } = desk;
	const t = useTexts(editorTexts);
	const action = useAction();
	const drawn = useStore(session.store, (state) => state.drawn);
	const place = drawn.places.nodes.get(address);
	const node = place ? drawn.document.at(place.path) : void 0;
	const scope = useStore(session.store, (state) => state.checked?.nodes?.[prefixOf(state.root) + address]?.in_scope);
	const names = (0, import_react.useMemo)(() => {
		const roots = scope && new Set(scope.map((one) => one.name.split(".")[0]));
		return readNames(node).filter(([root]) => !roots || roots.has(root));
	}, [node, scope]);
	const [context, setContext] = (0, import_react.useState)(void 0);
	const [run, setRun] = (0, import_react.useState)("");
	const [result, setResult] = (0, import_react.useState)(null);
	const runs = useQuery({
		queryKey: [
			"runs",
			session.workflowId,
			"newest"
		],
		queryFn: async () => (await call("get", "/api/runs", { query: {
			workflow_id: session.workflowId,
			limit: RUNS
		} })).data.items
	});
	const values = context ?? exampleContext(names);
	const start = async () => {
		setResult(null);
		const answer = await call("post", "/api/nodes/try", {
			query: { wait: WAIT },
			body: {
				node,
				...run ? {
					run_id: run,
					address
				} : {},
				...run && context === void 0 ? {} : { context: isObject(values) ? values : {} }
			}
		});
		setResult(resultOf(answer.data));
	};
	if (!isObject(node)) return null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "panel stack",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "muted",
				children: t.tryHelp
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [t.fromRun, /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
				value: run,
				onChange: (event) => setRun(event.target.value),
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
					value: "",
					children: t.noRun
				}), runs.data?.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("option", {
					value: one.run_id,
					children: [
						one.run_id.slice(0, 8),
						" · ",
						one.status,
						" · ",
						one.started_at ? ago(one.started_at) : ""
					]
				}, one.run_id))]
			})] }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: t.values }), names.length === 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "muted",
				children: t.noValues
			}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TreeField, {
				id: "trial-context",
				label: t.values,
				value: run && context === void 0 ? {} : values,
				set: (next) => setContext(next ?? {})
			})] }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "primary",
				disabled: action.busy,
				onClick: () => action.run(start),
				children: action.busy ? t.trying : t.tryNow
			}),
			action.problem !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: action.problem }),
			action.problem instanceof ApiProblem && Array.isArray(action.problem.document.missing) && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "mono",
				children: action.problem.document.missing.join(", ")
			}),
			result && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
				className: "stack",
				"aria-label": t.outputs,
				role: "status",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "row",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Status, { status: result.status }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
						to: "/r/$runId",
						params: { runId: result.runId },
						children: t.openRun
					})]
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("pre", {
					className: "result",
					children: shown(result.error ?? result.outputs)
				})]
			})
		]
	});
}
function exampleContext(names) {
	return names.reduce((made, path) => withValue(made, path, ""), {});
}
var LONGEST = 2e4;
function shown(value) {
	const text = typeof value === "string" ? value : JSON.stringify(value ?? null, null, 2);
	return visible(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}
function resultOf(answer) {
	const run = isObject(answer) ? answer : {};
	return {
		runId: String(run.run_id ?? ""),
		status: String(run.status ?? "running"),
		outputs: run.outputs,
		error: run.error || null
	};
}
export { TryNode };
