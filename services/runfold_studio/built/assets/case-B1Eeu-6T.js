import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { r as call } from "./client-wO5ukrQM.js";
import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { i as save } from "./shown-value-B5SjmbdD.js";
import { o as Problem, s as visible } from "./index-DgqGT2MN.js";
import { g as runTexts } from "./workspace-view-BwVbuKVI.js";
// src/screens/run/actions/case.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
function CaseDialog({ runId, close }) {
	const t = useTexts(runTexts);
	const dialog = (0, import_react.useRef)(null);
	const [name, setName] = (0, import_react.useState)("");
	const [made, setMade] = (0, import_react.useState)(null);
	const [refused, setRefused] = (0, import_react.useState)(null);
	(0, import_react.useEffect)(() => dialog.current?.showModal(), []);
	const make = async () => {
		setRefused(null);
		try {
			const answer = await call("post", "/api/runs/{run_id}/case", {
				path: { run_id: runId },
				query: { name }
			});
			setMade({
				yaml: answer.data.yaml,
				left_out: answer.data.left_out ?? []
			});
		} catch (problem) {
			setRefused(problem);
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("dialog", {
		ref: dialog,
		onClose: close,
		"aria-label": t.caseTitle,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
			className: "stack",
			onSubmit: (event) => {
				event.preventDefault();
				make();
			},
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t.caseTitle }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.caseHelp }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [t.caseName, /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					value: name,
					onChange: (event) => setName(event.target.value)
				})] }),
				refused !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: refused }),
				made && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("pre", {
					className: "case-text",
					tabIndex: 0,
					children: visible(made.yaml)
				}), made.left_out.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", { children: [
					t.caseLeftOut,
					" ",
					visible(made.left_out.map((one) => `${one.node}: ${one.reason}`).join(" · "))
				] })] }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "row",
					children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							type: "submit",
							className: made ? "" : "primary",
							children: t.caseGo
						}),
						made && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							type: "button",
							className: "primary",
							onClick: () => void navigator.clipboard.writeText(made.yaml),
							children: t.copy
						}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							type: "button",
							onClick: () => save(made.yaml, `${name || runId}.yaml`),
							children: t.download
						})] }),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							type: "button",
							onClick: () => dialog.current?.close(),
							children: t.back
						})
					]
				})
			]
		})
	});
}
export { CaseDialog };
