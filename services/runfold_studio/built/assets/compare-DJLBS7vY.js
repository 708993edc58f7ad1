import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { o as Problem, p as useQuery, u as useNavigate } from "./index-DgqGT2MN.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { r as call } from "./client-wO5ukrQM.js";
import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { t as ago } from "./numbers-DREmUqdS.js";
import { t as Status } from "./status-C2sby_He.js";
import { g as runTexts } from "./workspace-view-BwVbuKVI.js";
import { n as useWorkspace } from "./workspace-fWFoV-tM.js";
import { t as ActDialog } from "./dialog-B9FryoFD.js";
// src/screens/run/actions/compare.tsx
/** Chooses the run that this one is compared with. */
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
var RECENT = 12;
function CompareDialog({ runId, close }) {
	const t = useTexts(runTexts);
	const { moment } = useWorkspace();
	const { origin, workflowId } = moment.state.head;
	const navigate = useNavigate();
	const [other, setOther] = (0, import_react.useState)(origin?.run_id ?? "");
	const recent = useQuery({
		queryKey: [
			"runs",
			"recent",
			workflowId
		],
		queryFn: async () => (await call("get", "/api/runs", { query: {
			workflow_id: workflowId,
			limit: RECENT
		} })).data.items
	});
	const others = recent.data?.filter((one) => one.run_id !== runId) ?? [];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(ActDialog, {
		title: t.compareTitle,
		go: t.compareGo,
		close,
		disabled: other.trim() === "",
		act: () => navigate({
			to: "/diff/$left/$right",
			params: {
				left: other.trim(),
				right: runId
			}
		}),
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("fieldset", {
			className: "bare stack",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("legend", { children: t.compareRecent }),
				recent.error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: recent.error }),
				recent.data && others.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "muted",
					children: t.none
				}),
				others.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", {
					className: "check row",
					children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
							type: "radio",
							name: "other",
							checked: other === one.run_id,
							onChange: () => setOther(one.run_id)
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "mono",
							children: one.run_id.slice(0, 13)
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Status, { status: one.status }),
						/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
							className: "muted",
							children: [
								t.version(one.version),
								" ",
								one.started_at !== null && ago(one.started_at)
							]
						})
					]
				}, one.run_id))
			]
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [t.compareId, /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
			type: "text",
			value: other,
			onChange: (event) => setOther(event.target.value)
		})] })]
	});
}
export { CompareDialog };
