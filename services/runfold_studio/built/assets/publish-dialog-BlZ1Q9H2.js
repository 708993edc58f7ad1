import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { o as Problem, s as visible, v as useQueryClient } from "./index-DgqGT2MN.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { r as call, t as ApiProblem } from "./client-wO5ukrQM.js";
import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { r as Dialog } from "./screen-DqDVlJ7i.js";
import { S as editorTexts, n as useAction } from "./use-session-DQZEl8qy.js";
// src/screens/editor/publish-dialog.tsx
/** Publishes the draft with a note; what keeps it from that is listed. */
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
function PublishDialog({ desk, close }) {
	const { session } = desk;
	const t = useTexts(editorTexts);
	const queries = useQueryClient();
	const action = useAction();
	const [note, setNote] = (0, import_react.useState)("");
	const [version, setVersion] = (0, import_react.useState)("");
	const publish = async () => {
		if (!await desk.draft.flush()) throw new Error(t.unsavedRun);
		await desk.layout.flush();
		const { text } = session.store.getState().document;
		const path = { workflow_id: session.workflowId };
		if (desk.draft.etag === "") await desk.storeNow(text);
		const saved = await call("post", "/api/workflows/{workflow_id}/publish", {
			path,
			query: { note },
			etag: desk.draft.etag
		});
		if (saved.etag) desk.draft.adopt(text, saved.etag, session.store.getState().document.text);
		desk.opened.version = Number(saved.data.version);
		setVersion(saved.data.version);
		await queries.invalidateQueries({ queryKey: ["workflows"] });
		await queries.invalidateQueries({ queryKey: ["versions", session.workflowId] });
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dialog, {
		title: t.publishTitle,
		close,
		children: version ? /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "stack",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				role: "status",
				children: t.published(version)
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "primary",
				onClick: close,
				children: t.close
			})]
		}) : /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
			className: "stack",
			onSubmit: (event) => {
				event.preventDefault();
				action.run(publish);
			},
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [t.noteLabel, /* @__PURE__ */ (0, import_jsx_runtime.jsx)("textarea", {
					"data-first": true,
					rows: 3,
					value: note,
					onChange: (event) => setNote(event.target.value)
				})] }),
				action.problem !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: action.problem }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Refused, { problem: action.problem }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "row",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "submit",
						className: "primary",
						disabled: action.busy,
						children: t.publish
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: close,
						children: t.cancel
					})]
				})
			]
		})
	});
}
/** The findings that a refusal comes with. */
function Refused({ problem }) {
	const all = problem instanceof ApiProblem ? problem.document.findings : null;
	if (!Array.isArray(all)) return null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", { children: all.filter((one) => one.level === "error").map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", { children: [
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
			className: "mono",
			children: visible(one.node || one.path || "")
		}),
		" ",
		visible(one.message)
	] }, `${one.code} ${one.path}`)) });
}
export { PublishDialog };
