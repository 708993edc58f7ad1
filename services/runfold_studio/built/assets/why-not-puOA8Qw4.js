import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { n as whyNot } from "./why-BxxZT9FO.js";
import { r as statusTexts } from "./status-C2sby_He.js";
import { s as visible } from "./index-DgqGT2MN.js";
import { n as useWorkspace } from "./workspace-fWFoV-tM.js";
import { o as inspectorTexts } from "./workspace-view-BwVbuKVI.js";
import { t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
// src/screens/run/inspector/why-not.tsx
/** Why a node did not run: the event and the edge that decided it. */
var import_jsx_runtime = require_jsx_runtime();
function WhyNot({ address }) {
	const t = useTexts(inspectorTexts);
	const words = useTexts(statusTexts);
	const { moment, data, goTo, select } = useWorkspace();
	const reasons = whyNot(moment, address);
	if (reasons.length === 0) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.ranAfterAll });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
		className: "reasons",
		children: reasons.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: visible(sentenceOf(one, t, words)) }), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "row",
			children: [nodeOf(one) && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "plain mono",
				onClick: () => select(nodeOf(one)),
				children: visible(nodeOf(one))
			}), "seq" in one && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "plain mono",
				onClick: () => goTo(data.history.countUpTo(one.seq)),
				children: t.at(String(one.seq))
			})]
		})] }, `${one.kind} ${nodeOf(one)} ${"port" in one ? one.port : ""}`))
	});
}
function nodeOf(reason) {
	if ("source" in reason) return reason.source;
	if (reason.kind === "around") return reason.around;
	if (reason.kind === "given_up") return reason.by;
	return reason.kind === "undoes" ? reason.node : "";
}
function sentenceOf(reason, t, words) {
	switch (reason.kind) {
		case "not_taken": return t.notTaken(reason.source, reason.took.join(", "), reason.port);
		case "source_skipped": return t.sourceSkipped(reason.source);
		case "source_cancelled": return t.sourceCancelled(reason.source);
		case "source_failed": return t.sourceFailed(reason.source, reason.code);
		case "source_open": return t.sourceOpen(reason.source);
		case "source_absent": return t.sourceAbsent(reason.source);
		case "taken": return t.taken(reason.source, reason.port);
		case "around": return t.around(reason.around);
		case "given_up": return reason.by ? t.givenUp(reason.by) : t.stopped;
		case "run_ended": return t.runEnded(words[reason.status] ?? reason.status);
		case "undoes": return t.undoes(reason.node);
	}
}
export { WhyNot };
