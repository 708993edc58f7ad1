import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { n as childScope } from "./addresses-CxXYaze4.js";
import { c as bodyName } from "./rounds-BezN1JPI.js";
import { t as ShownValue } from "./shown-value-B5SjmbdD.js";
import { t as Status } from "./status-C2sby_He.js";
import { n as ValueTree } from "./value-DnIm9ZW2.js";
import { s as visible } from "./index-DgqGT2MN.js";
import { n as useWorkspace } from "./workspace-fWFoV-tM.js";
import { o as inspectorTexts } from "./workspace-view-BwVbuKVI.js";
import { t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
// src/screens/run/inspector/agent-steps.tsx
/** An agent's rounds: what its model thought and said, the calls it asked for, and what came of them. */
var import_jsx_runtime = require_jsx_runtime();
function AgentSteps({ node }) {
	const t = useTexts(inspectorTexts);
	const { select } = useWorkspace();
	const agent = node.composite;
	if (agent?.kind !== "agent") return null;
	if (agent.rounds.length === 0) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "muted",
		children: t.noSteps
	});
	const inside = (scope) => `${childScope(node.address, scope, bodyName(agent, scope))}/call`;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ol", {
		className: "steps",
		children: agent.rounds.map((round, place) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
			className: "stack small-gap",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: "plain",
					onClick: () => select(inside(round.scope)),
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: t.round(place + 1) })
				}),
				round.reasoning && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", {
					className: "muted",
					children: t.thought
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ShownValue, {
					value: round.reasoning,
					name: "thought"
				})] }),
				round.content && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ShownValue, {
					value: round.content,
					name: "said"
				}),
				round.calls.map((call) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Call, {
					call,
					open: call.scope < 0 ? null : () => select(inside(call.scope))
				}, call.id))
			]
		}, round.scope))
	});
}
var STATUS = {
	planned: "pending",
	asked: "waiting",
	approved: "ready",
	running: "running",
	done: "succeeded"
};
function Call({ call, open }) {
	const t = useTexts(inspectorTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "card stack small-gap",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row",
				children: [open ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: "plain mono",
					onClick: open,
					children: visible(call.name)
				}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "mono",
					children: visible(call.name)
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Status, { status: call.error ? "failed" : STATUS[call.status] })]
			}),
			call.arguments && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueTree, { value: call.arguments }),
			call.told && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", {
				className: "muted",
				children: t.toModel
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ShownValue, {
				value: call.told,
				name: "told"
			})] })
		]
	});
}
export { AgentSteps };
