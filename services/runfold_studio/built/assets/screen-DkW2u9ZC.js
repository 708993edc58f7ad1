import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { a as Loading, d as useSearch, f as useParams, i as Empty, o as Problem, p as useQuery, s as visible } from "./index-DgqGT2MN.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { c as forGood, l as forTab, s as useTexts } from "./language-Xe_YX1Uf.js";
import { c as newId } from "./due-Gq-u8eQO.js";
import { c as chatflowOf, n as Thread, r as chatTexts, t as useMarkdown } from "./use-markdown-D9KMdFSO.js";
// src/screens/embed/screen.tsx
/** A published workflow to talk to, alone on a page that other sites may frame. */
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
var USER = "runfold.embed.user";
var CONVERSATION = "runfold.embed.conversation";
/** Who talks here: a name of this browser's own, so that nobody reads what others said. */
function ownUser() {
	const known = forGood.get(USER) ?? `embed-${newId()}`;
	forGood.set(USER, known);
	return known;
}
function EmbedScreen() {
	const t = useTexts(chatTexts);
	const { workflowId } = useParams({ from: "/embed/$workflowId" });
	const { user_id } = useSearch({ from: "/embed/$workflowId" });
	const [own] = (0, import_react.useState)(ownUser);
	const user = user_id ?? own;
	const name = `${CONVERSATION} ${workflowId} ${user}`;
	const [conversation, setConversation] = (0, import_react.useState)(() => forTab.get(name) ?? "");
	const [markdown, MarkdownChoice] = useMarkdown();
	const { data, error, refetch } = useQuery({
		queryKey: [
			"workflows",
			"chatflow",
			workflowId,
			""
		],
		queryFn: ({ signal }) => chatflowOf(workflowId, "", signal)
	});
	const open = (next) => {
		forTab.set(name, next);
		setConversation(next);
	};
	if (error) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, {
		error,
		again: () => void refetch()
	});
	if (data === void 0) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {});
	if (data === null) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Empty, { children: t.notTaken });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "embed",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "row spread",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h1", {
				className: "cut",
				children: visible(data.name)
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row",
				children: [MarkdownChoice, /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
					type: "button",
					onClick: () => open(""),
					children: ["+ ", t.begin]
				})]
			})]
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Thread, {
			chatflow: data,
			version: "",
			user,
			conversation,
			begun: open,
			markdown,
			linked: false
		})]
	});
}
export { EmbedScreen };
