import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { a as Loading, o as Problem, p as useQuery, s as visible } from "./index-DgqGT2MN.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { r as call } from "./client-wO5ukrQM.js";
import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { o as dateTime } from "./numbers-DREmUqdS.js";
import { r as Dialog } from "./screen-DqDVlJ7i.js";
import { t as Canvas } from "./canvas-BD_Xwwj9.js";
import { n as graphOf } from "./graph-BJzTqG0k.js";
import { S as editorTexts, n as useAction, x as sourceOf } from "./use-session-DQZEl8qy.js";
// src/screens/editor/diff-graph.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
function diffGraph(before, after, diff) {
	const removed = new Set(diff.nodes.removed.map((one) => one.node));
	const there = new Set(after.nodes.map((node) => node.address));
	const gone = before.nodes.filter((node) => removed.has(node.address) && !there.has(node.address));
	const nodes = [...after.nodes, ...gone.filter((node) => isPlaced(node, there, gone))];
	const addresses = new Set(nodes.map((node) => node.address));
	const lines = new Set(after.edges.map((edge) => edge.id));
	const edges = before.edges.filter((edge) => !lines.has(edge.id) && (removed.has(edge.source) || removed.has(edge.target)) && addresses.has(edge.source) && addresses.has(edge.target));
	const marks = new Map([
		...diff.nodes.changed.map((one) => [one.node, "changed"]),
		...diff.nodes.added.map((one) => [one.node, "added"]),
		...diff.nodes.removed.map((one) => [one.node, "removed"])
	]);
	return {
		graph: {
			nodes,
			edges: [...after.edges, ...edges]
		},
		marks
	};
}
/** Whether the composite around a removed node is drawn. */
function isPlaced(node, there, gone) {
	return node.parent === null || there.has(node.parent) || gone.some((one) => one.address === node.parent);
}
// src/screens/editor/differences.tsx
/** What differs between two versions: marked on the canvas, and listed setting by setting. */
var import_jsx_runtime = require_jsx_runtime();
function Differences({ desk, from, to }) {
	const t = useTexts(editorTexts);
	const { workflowId, kinds } = desk.session;
	const path = { workflow_id: workflowId };
	const diff = useQuery({
		queryKey: [
			"diff",
			workflowId,
			from,
			to,
			desk.draft.etag
		],
		queryFn: async () => (await call("get", "/api/workflows/{workflow_id}/diff", {
			path,
			query: {
				from,
				to
			}
		})).data
	});
	const before = useDefinition(desk, from);
	const after = useDefinition(desk, to);
	const [selected, setSelected] = (0, import_react.useState)([]);
	const drawn = (0, import_react.useMemo)(() => diff.data && before !== void 0 && after !== void 0 ? diffGraph(graphOf(before, kinds), graphOf(after, kinds), diff.data) : null, [
		before,
		after,
		kinds,
		diff.data
	]);
	if (diff.error) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: diff.error });
	if (!diff.data) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {});
	const name = (version) => version === "draft" ? t.runDraft : t.runVersion(Number(version));
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "stack",
		"aria-label": t.differences(name(from), name(to)),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: t.differences(name(from), name(to)) }),
			diff.data.same && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "muted",
				children: t.theSame
			}),
			drawn && !diff.data.same && drawn.graph.nodes.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
				className: "diff-canvas hide-narrow",
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Canvas, {
					graph: drawn.graph,
					marks: drawn.marks,
					selected,
					onSelect: (addresses) => setSelected(addresses)
				})
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Lists, {
				diff: diff.data,
				only: selected[0] ?? ""
			})
		]
	});
}
/** The canonical definition of a version; undefined while it is read, null of a draft with mistakes. */
function useDefinition(desk, version) {
	const path = { workflow_id: desk.session.workflowId };
	return useQuery({
		queryKey: [
			"definition",
			path.workflow_id,
			version,
			desk.draft.etag
		],
		queryFn: async () => {
			const answer = await call("get", "/api/workflows/{workflow_id}", {
				path,
				query: { version }
			});
			return typeof answer.data === "object" ? answer.data.definition : null;
		}
	}).data;
}
function Lists({ diff, only }) {
	const t = useTexts(editorTexts);
	const isShown = (node) => only === "" || node === only;
	const edge = (one) => `${one.source} ${one.port ?? ""} → ${one.target}`;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		diff.nodes.removed.filter((one) => isShown(one.node)).map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
			className: "diff-removed",
			children: [
				"− ",
				t.removed,
				": ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "mono",
					children: one.node
				}),
				" (",
				one.type,
				")"
			]
		}, one.node)),
		diff.nodes.added.filter((one) => isShown(one.node)).map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
			className: "diff-added",
			children: [
				"+ ",
				t.added,
				": ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "mono",
					children: one.node
				}),
				" (",
				one.type,
				")"
			]
		}, one.node)),
		diff.nodes.changed.filter((one) => isShown(one.node)).map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", {
			open: only !== "",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("summary", { children: [
				"~ ",
				t.changedNode,
				": ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "mono",
					children: one.node
				}),
				" (",
				one.type,
				")"
			] }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Changes, { changes: one.changes })]
		}, one.node)),
		diff.edges.removed.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
			className: "diff-removed mono",
			children: ["− ", edge(one)]
		}, edge(one))),
		diff.edges.added.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
			className: "diff-added mono",
			children: ["+ ", edge(one)]
		}, edge(one))),
		[
			"inputs",
			"outputs",
			"settings",
			"other"
		].map((part) => diff[part].length === 0 ? null : /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", {
			open: true,
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", { children: t[part] }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Changes, { changes: diff[part] })]
		}, part))
	] });
}
function Changes({ changes }) {
	const t = useTexts(editorTexts);
	return changes.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "diff-change",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "mono",
				children: one.path
			}),
			one.before !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("pre", {
				className: "diff-removed",
				children: [
					"− ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
						className: "hidden-text",
						children: [t.before, " "]
					}),
					shown(one.before)
				]
			}),
			one.after !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("pre", {
				className: "diff-added",
				children: [
					"+ ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
						className: "hidden-text",
						children: [t.after, " "]
					}),
					shown(one.after)
				]
			})
		]
	}, one.path));
}
var LONGEST = 2e4;
function shown(value) {
	const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
	return visible(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}
// src/screens/editor/versions.tsx
/** The published versions: what each is, how they differ, and the way back to one. */
function Versions({ desk, close }) {
	const { session } = desk;
	const t = useTexts(editorTexts);
	const action = useAction();
	const [pair, setPair] = (0, import_react.useState)(null);
	const [wanted, setWanted] = (0, import_react.useState)(null);
	const path = { workflow_id: session.workflowId };
	const list = useQuery({
		queryKey: ["versions", session.workflowId],
		queryFn: async () => (await call("get", "/api/workflows/{workflow_id}/versions", { path })).data.items
	});
	const restore = async (version) => {
		if (!await desk.draft.flush()) throw new Error(t.unsavedRun);
		await desk.layout.flush();
		await call("post", "/api/workflows/{workflow_id}/restore", {
			path,
			body: { version },
			etag: desk.draft.etag || void 0
		});
		const [source, layout] = await Promise.all([sourceOf(session.workflowId), call("get", "/api/workflows/{workflow_id}/layout", { path })]);
		session.setText(source.text, "");
		session.patch({ layout: layout.data });
		desk.draft.adopt(source.text, source.etag, source.text);
		desk.layout.adopt(layout.data, layout.etag, layout.data);
		close();
	};
	const compare = (from, to) => action.run(async () => {
		if (to === "draft") await desk.draft.flush();
		setPair([from, to]);
	});
	const all = [...list.data ?? []].reverse();
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Dialog, {
		title: t.versions,
		close,
		wide: true,
		children: [
			list.isPending && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {}),
			list.error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: list.error }),
			list.data?.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "muted",
				children: t.noVersions
			}),
			action.problem !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: action.problem }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
				className: "versions",
				children: all.map((one, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
					className: "row",
					children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: t.runVersion(one.version) }),
						index === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "badge",
							children: t.newest
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "muted",
							children: dateTime(one.published_at)
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "grow",
							children: visible(one.note)
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							type: "button",
							onClick: () => compare(String(one.version), "draft"),
							children: t.compare
						}),
						one.version > 1 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							type: "button",
							onClick: () => compare(String(one.version - 1), String(one.version)),
							children: t.compareBefore
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							type: "button",
							onClick: () => setWanted(one.version),
							children: t.restore
						}),
						wanted === one.version && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
							className: "row",
							role: "alert",
							children: [
								t.restoreSure(one.version),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
									type: "button",
									className: "primary",
									disabled: action.busy,
									onClick: () => action.run(() => restore(one.version)),
									children: t.restore
								}),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
									type: "button",
									onClick: () => setWanted(null),
									children: t.cancel
								})
							]
						})
					]
				}, one.version))
			}),
			pair && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Differences, {
				desk,
				from: pair[0],
				to: pair[1]
			})
		]
	});
}
export { Versions as default };
