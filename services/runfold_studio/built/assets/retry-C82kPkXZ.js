import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { s as visible, u as useNavigate } from "./index-DgqGT2MN.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { r as call } from "./client-wO5ukrQM.js";
import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { g as runTexts } from "./workspace-view-BwVbuKVI.js";
import { n as useWorkspace } from "./workspace-fWFoV-tM.js";
import { t as ActDialog } from "./dialog-B9FryoFD.js";
import { n as touchedBy, t as listed } from "./under-way-DWIoRBtI.js";
import { t as VersionChoice } from "./version-BIS7UqUO.js";
// src/screens/run/actions/retry.tsx
/** An ended run is run again, from what failed or from a node on, as a new run. */
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
function RetryDialog({ runId, node = "", close }) {
	const t = useTexts(runTexts);
	const { moment, selected } = useWorkspace();
	const navigate = useNavigate();
	const [from, setFrom] = (0, import_react.useState)(node);
	const [version, setVersion] = (0, import_react.useState)("");
	const { failed } = touchedBy(moment);
	const chosen = [
		node,
		selected?.address ?? "",
		...failed
	].filter((address) => address && moment.state.nodes.get(address));
	const choices = [...new Set(chosen)];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(ActDialog, {
		title: t.retryTitle,
		go: t.retryGo,
		close,
		disabled: from === "" && failed.length === 0,
		act: async () => {
			const { data } = await call("post", "/api/runs/{run_id}/retry", {
				path: { run_id: runId },
				body: {
					node: from,
					version
				}
			});
			await navigate({
				to: "/r/$runId",
				params: { runId: data.run_id },
				search: {}
			});
		},
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.retryHelp }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [t.retryFrom, /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
				value: from,
				onChange: (event) => setFrom(event.target.value),
				children: [
					failed.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("option", {
						value: "",
						children: [
							t.retryFailed,
							": ",
							visible(listed(failed, 3))
						]
					}),
					failed.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", { value: "" }),
					choices.map((address) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
						value: address,
						children: visible(address)
					}, address))
				]
			})] }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(VersionChoice, {
				version,
				change: setVersion
			})
		]
	});
}
export { RetryDialog };
