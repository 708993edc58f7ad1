import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { t as LineProblem } from "./lines-CAdY71Oe.js";
import { g as runTexts, i as openLog, t as WorkspaceView } from "./workspace-view-BwVbuKVI.js";
import { o as Problem } from "./index-DgqGT2MN.js";
// src/screens/run/log-file.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
function LogFileScreen() {
	const t = useTexts(runTexts);
	const [store, setStore] = (0, import_react.useState)(null);
	const [problem, setProblem] = (0, import_react.useState)(null);
	const read = async (file) => {
		if (!file) return;
		try {
			const opened = openLog(await file.text());
			if (opened.get().count === 0) throw new Error(t.logEmpty);
			setStore(opened);
			setProblem(null);
		} catch (error) {
			setProblem(error);
		}
	};
	const drop = (event) => {
		event.preventDefault();
		read(event.dataTransfer.files[0]);
	};
	const choose = /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", {
		className: "button",
		children: [store ? t.logAnother : t.logChoose, /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
			type: "file",
			accept: ".jsonl,.ndjson,.json,.txt",
			className: "hidden-text",
			onChange: (event) => void read(event.target.files?.[0])
		})]
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "log-file",
		"aria-label": t.logTitle,
		onDragOver: (event) => event.preventDefault(),
		onDrop: drop,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "page-like stack",
			children: [
				!store && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h1", { children: t.logTitle }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "drop-here muted",
					children: t.logHelp
				})] }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
					className: "row",
					children: choose
				}),
				problem !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: sentenceOf(problem, t) })
			]
		}), store && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Opened, { store })]
	});
}
function sentenceOf(problem, t) {
	if (!(problem instanceof LineProblem)) return problem;
	const why = problem.reason === "event" ? t.logFields : problem.message;
	return new Error(t.logLine(String(problem.line), why));
}
function Opened({ store }) {
	const data = (0, import_react.useSyncExternalStore)(store.subscribe, store.get);
	const [view, setView] = (0, import_react.useState)({});
	const [change] = (0, import_react.useState)(() => (changes) => setView((old) => ({
		...old,
		...changes
	})));
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(WorkspaceView, {
		runId: null,
		data,
		view,
		change
	});
}
export { LogFileScreen };
