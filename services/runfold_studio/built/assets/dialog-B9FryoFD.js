import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { o as Problem } from "./index-DgqGT2MN.js";
import { g as runTexts } from "./workspace-view-BwVbuKVI.js";
// src/screens/run/actions/dialog.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
function ActDialog({ title, go, danger, disabled = false, act, close, children }) {
	const t = useTexts(runTexts);
	const dialog = (0, import_react.useRef)(null);
	const [busy, setBusy] = (0, import_react.useState)(false);
	const [refused, setRefused] = (0, import_react.useState)(null);
	(0, import_react.useEffect)(() => dialog.current?.showModal(), []);
	const submit = async () => {
		setBusy(true);
		setRefused(null);
		try {
			await act();
			dialog.current?.close();
		} catch (problem) {
			setRefused(problem);
		} finally {
			setBusy(false);
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("dialog", {
		ref: dialog,
		onClose: close,
		"aria-label": title,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
			className: "stack",
			onSubmit: (event) => {
				event.preventDefault();
				submit();
			},
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: title }),
				children,
				refused !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: refused }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "row",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "submit",
						className: danger ? "danger" : "primary",
						disabled: busy || disabled,
						children: go
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: () => dialog.current?.close(),
						children: t.back
					})]
				})
			]
		})
	});
}
export { ActDialog as t };
