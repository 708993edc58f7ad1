import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { g as runTexts } from "./workspace-view-BwVbuKVI.js";
import { n as useWorkspace } from "./workspace-fWFoV-tM.js";
import { t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
// src/screens/run/actions/version.tsx
/** Which version of the workflow a new run goes on with. */
var import_jsx_runtime = require_jsx_runtime();
function VersionChoice({ version, change }) {
	const t = useTexts(runTexts);
	const { moment } = useWorkspace();
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [t.versionChoice, /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
		value: version,
		onChange: (event) => change(event.target.value),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: "",
				children: t.pinned(t.version(moment.state.head.version))
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: "newest",
				children: t.newest
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: "draft",
				children: t.draft
			})
		]
	})] });
}
export { VersionChoice as t };
