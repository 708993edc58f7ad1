import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { r as call } from "./client-wO5ukrQM.js";
import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { s as visible } from "./index-DgqGT2MN.js";
import { g as runTexts } from "./workspace-view-BwVbuKVI.js";
import { n as useWorkspace } from "./workspace-fWFoV-tM.js";
import { t as ActDialog } from "./dialog-B9FryoFD.js";
import { n as touchedBy, t as listed } from "./under-way-DWIoRBtI.js";
// src/screens/run/actions/cancel.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
function CancelDialog({ runId, close }) {
	const t = useTexts(runTexts);
	const { moment } = useWorkspace();
	const [reason, setReason] = (0, import_react.useState)("");
	const touched = touchedBy(moment);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(ActDialog, {
		title: t.cancelTitle,
		go: t.cancelGo,
		danger: true,
		close,
		act: async () => {
			await call("post", "/api/runs/{run_id}/cancel", {
				path: { run_id: runId },
				query: { reason }
			});
		},
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.cancelHelp }),
			touched.running.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.cancelUnderWay(visible(listed(touched.running))) }),
			touched.waiting.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.cancelWaiting(visible(listed(touched.waiting))) }),
			touched.undone.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.cancelUndoes(visible(listed(touched.undone))) }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [t.reason, /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				type: "text",
				maxLength: 500,
				value: reason,
				onChange: (event) => setReason(event.target.value)
			})] })
		]
	});
}
export { CancelDialog };
