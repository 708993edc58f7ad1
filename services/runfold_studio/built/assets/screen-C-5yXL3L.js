const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/diff-canvas-D_h-JyGb.js","assets/rolldown-runtime-SbdDWaPq.js","assets/index-DgqGT2MN.js","assets/jsx-runtime-CgfO9KJ9.js","assets/useRouter-BYKvPzlY.js","assets/matchContext-ddUZaM3t.js","assets/with-selector-CGDzH67W.js","assets/client-wO5ukrQM.js","assets/language-Xe_YX1Uf.js","assets/index-bunBGAdX.css","assets/canvas-BD_Xwwj9.js","assets/sizes-DTeVdb2Y.js","assets/status-C2sby_He.js","assets/canvas-B0M02-26.css","assets/use-drawing-CXZlst0H.js","assets/graph-BJzTqG0k.js","assets/lines-CAdY71Oe.js"])))=>i.map(i=>d[i]);
import { n as __exportAll, r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { a as Loading, d as useSearch, f as useParams, l as Link, o as Problem, p as useQuery, s as visible, t as __vitePreload, u as useNavigate } from "./index-DgqGT2MN.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { r as call, t as ApiProblem } from "./client-wO5ukrQM.js";
import { n as defineTexts, s as useTexts } from "./language-Xe_YX1Uf.js";
import { t as Status } from "./status-C2sby_He.js";
import { t as boxOf } from "./graph-BJzTqG0k.js";
import { t as Value } from "./value-DnIm9ZW2.js";
import { a as count, s as duration } from "./numbers-DREmUqdS.js";
import { t as useVisibleRows } from "./visible-rows-IePMY6ir.js";
// src/screens/diff/differences.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
/** How a node differs, in words that have a look of their own. */
var WORDS = {
	same: "same",
	status: "other_status",
	output: "other_output",
	only_a: "only_left",
	only_b: "only_right"
};
/** The gravest first: what a box says whose items differ in several ways. */
var GRAVEST = [
	"status",
	"only_a",
	"only_b",
	"output",
	"same"
];
/** The canvas of a comparison: it never changes. */
function differencesOn(nodes, differing) {
	const boxes = /* @__PURE__ */ new Map();
	for (const { address, change } of nodes) {
		const box = boxes.get(boxOf(address)) ?? {
			worst: "same",
			differ: 0,
			all: 0
		};
		if (GRAVEST.indexOf(change) < GRAVEST.indexOf(box.worst)) box.worst = change;
		box.differ += Number(change !== "same");
		box.all += 1;
		boxes.set(boxOf(address), box);
	}
	const states = /* @__PURE__ */ new Map();
	for (const [box, { worst, differ, all }] of boxes) {
		const line = all > 1 && differ > 0 ? differing(differ, all) : "";
		states.set(box, {
			status: WORDS[worst],
			line,
			attempts: 1,
			items: null
		});
	}
	return {
		box: (address) => states.get(address) ?? null,
		edge: () => null,
		subscribe: () => () => void 0
	};
}
/** Two objects name by name, what differs first. */
function compared(left, right) {
	const all = [.../* @__PURE__ */ new Set([...Object.keys(left), ...Object.keys(right)])].map((name) => ({
		name,
		left: left[name],
		right: right[name],
		same: isSame(left[name], right[name])
	}));
	return [...all.filter((one) => !one.same), ...all.filter((one) => one.same)];
}
/** Whether two JSON values are the same. The order of keys does not count. */
function isSame(a, b) {
	if (a === b) return true;
	if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
	if (Array.isArray(a) !== Array.isArray(b)) return false;
	const [left, right] = [a, b];
	const names = Object.keys(left);
	return names.length === Object.keys(right).length && names.every((name) => Object.hasOwn(right, name) && isSame(left[name], right[name]));
}
// src/screens/diff/texts.ts
var diffTexts = defineTexts({
	title: "Two runs compared",
	left: "Left",
	right: "Right",
	swap: "Swap",
	sameUntil: (event, seqA, seqB) => `The same for the first ${event} events, up to ${seqA} left and ${seqB} right.`,
	sameNever: "They differ from the first event on.",
	otherDefinition: "They ran different definitions.",
	sameOutputs: "Both came to the same outputs.",
	otherOutputs: "They came to different outputs.",
	showParting: "Show where they part",
	inputs: "Inputs that differ",
	outputs: "Outputs",
	given: "Inputs",
	onlyDifferences: "Only what differs",
	node: "Node",
	change: "Difference",
	status: "Status",
	duration: "Duration",
	tokens: "Tokens",
	absent: "not there",
	same: "the same",
	noneDiffer: "No node differs.",
	moreNodes: (count) => `${count} more nodes are not listed.`,
	differing: (some, all) => `${some} of ${all} differ`,
	choose: "Choose a node to see what it was given and gave in both.",
	notRun: "This run has not come to it.",
	canvas: "Definition of the right run",
	version: (version) => /^\d/.test(version) ? `v${version}` : version
}, {
	title: "比较两次运行",
	left: "左",
	right: "右",
	swap: "交换",
	sameUntil: (event, seqA, seqB) => `前 ${event} 个事件相同，到左侧 ${seqA}、右侧 ${seqB} 为止。`,
	sameNever: "从第一个事件起就不同。",
	otherDefinition: "它们运行的定义不同。",
	sameOutputs: "两者的输出相同。",
	otherOutputs: "两者的输出不同。",
	showParting: "查看分岔之处",
	inputs: "不同的输入",
	outputs: "输出",
	given: "输入",
	onlyDifferences: "只看不同之处",
	node: "节点",
	change: "差异",
	status: "状态",
	duration: "耗时",
	tokens: "Token",
	absent: "不存在",
	same: "相同",
	noneDiffer: "没有不同的节点。",
	moreNodes: (count) => `还有 ${count} 个节点未列出。`,
	differing: (some, all) => `${all} 个中有 ${some} 个不同`,
	choose: "选择一个节点，查看它在两次运行中的输入和输出。",
	notRun: "这次运行没有到达它。",
	canvas: "右侧运行的定义",
	version: (version) => /^\d/.test(version) ? `v${version}` : version
});
// src/screens/diff/pair.tsx
/** One value in both runs, side by side. */
var import_jsx_runtime = require_jsx_runtime();
function Pair({ one }) {
	const t = useTexts(diffTexts);
	if (one.same) return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", {
		className: "pair-same",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("summary", { children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: visible(one.name) }),
			" ",
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "muted",
				children: t.same
			})
		] }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Value, {
			value: one.left,
			name: one.name
		})]
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "pair",
		"aria-label": visible(one.name),
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", {
			className: "pair-name",
			children: visible(one.name)
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "sides",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Half, {
				title: t.left,
				value: one.left,
				name: one.name
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Half, {
				title: t.right,
				value: one.right,
				name: one.name
			})]
		})]
	});
}
function Half({ title, value, name }) {
	const t = useTexts(diffTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
		className: "hidden-text",
		children: title
	}), value === void 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
		className: "muted",
		children: t.absent
	}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Value, {
		value,
		name
	})] });
}
// src/screens/diff/compared-node.tsx
/** One node in both runs: what it was given and what it gave, differences first. */
function useNode(runId, address) {
	return useQuery({
		queryKey: [
			"run",
			runId,
			"node",
			address
		],
		queryFn: async () => {
			try {
				return (await call("get", "/api/runs/{run_id}/nodes/{address}", { path: {
					run_id: runId,
					address
				} })).data;
			} catch (problem) {
				if (problem instanceof ApiProblem && problem.code === "node.not_found") return null;
				throw problem;
			}
		}
	});
}
function ComparedNode({ diff, address }) {
	const t = useTexts(diffTexts);
	const left = useNode(diff.a.run_id, address);
	const right = useNode(diff.b.run_id, address);
	const problem = left.error ?? right.error;
	if (problem) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: problem });
	if (left.isPending || right.isPending) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {});
	const [a, b] = [left.data, right.data];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", {
				className: "cut",
				children: visible(address)
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
				className: "sides",
				children: [a, b].map((one, place) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", { children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "muted",
						children: place === 0 ? t.left : t.right
					}),
					" ",
					one ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Status, { status: one.status }) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "muted",
						children: t.notRun
					}),
					one?.error && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", { children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", { children: one.error.code }),
						" ",
						visible(one.error.message)
					] })
				] }, place === 0 ? t.left : t.right))
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Both, {
				title: t.outputs,
				left: a?.outputs ?? {},
				right: b?.outputs ?? {}
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Both, {
				title: t.given,
				left: a?.inputs?.config ?? {},
				right: b?.inputs?.config ?? {}
			})
		]
	});
}
function Both({ title, left, right }) {
	const pairs = compared(left, right);
	if (pairs.length === 0) return null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "stack small-gap",
		"aria-label": title,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: title }), pairs.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Pair, { one }, one.name))]
	});
}
// src/screens/diff/heads.tsx
/** The two runs, and what can be said of them as a whole. */
function Heads({ diff }) {
	const t = useTexts(diffTexts);
	const { a, b, same_until: until } = diff;
	const inputs = Object.entries(diff.inputs);
	const bothEnded = a.duration !== null && b.duration !== null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("header", {
		className: "diff-head",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row spread",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h1", { children: t.title }), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Link, {
					className: "button",
					to: "/diff/$left/$right",
					params: {
						left: b.run_id,
						right: a.run_id
					},
					children: ["⇄ ", t.swap]
				})]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "sides",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Side, {
					name: t.left,
					side: a
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Side, {
					name: t.right,
					side: b
				})]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", { children: [
				until ? t.sameUntil(count(until.event), String(until.seq_a), String(until.seq_b)) : t.sameNever,
				" ",
				!diff.same_definition && t.otherDefinition,
				" ",
				bothEnded && (diff.same_outputs ? t.sameOutputs : t.otherOutputs),
				" ",
				until && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
					to: "/r/$runId",
					params: { runId: b.run_id },
					search: { at: String(until.seq_b) },
					children: t.showParting
				})
			] }),
			inputs.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("summary", { children: [
				t.inputs,
				": ",
				visible(inputs.map(([name]) => name).join(", "))
			] }), inputs.map(([name, pair]) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Pair, { one: {
				name,
				left: pair.a,
				right: pair.b,
				same: false
			} }, name))] })
		]
	});
}
function Side({ name, side }) {
	const t = useTexts(diffTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "row",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "muted",
				children: name
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
				to: "/r/$runId",
				params: { runId: side.run_id },
				search: {},
				className: "mono",
				children: side.run_id.slice(0, 13)
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", { children: [
				visible(side.workflow_id),
				" ",
				t.version(side.version)
			] }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Status, { status: side.status }),
			side.duration !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "muted",
				children: duration(side.duration)
			}),
			side.tokens > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
				className: "muted",
				children: [
					count(side.tokens),
					" ",
					t.tokens
				]
			})
		]
	});
}
// src/screens/diff/node-table.tsx
/** The nodes of both runs, those that differ alone or all. */
var ROW = 30;
function NodeTable({ diff, node, select }) {
	const t = useTexts(diffTexts);
	const [only, setOnly] = (0, import_react.useState)(true);
	const scroller = (0, import_react.useRef)(null);
	const rows = only ? diff.nodes.filter((one) => one.change !== "same") : diff.nodes;
	const { first, end } = useVisibleRows(scroller, ROW, rows.length);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "diff-nodes",
		"aria-label": t.node,
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", {
				className: "check",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						type: "checkbox",
						checked: only,
						onChange: (event) => setOnly(event.target.checked)
					}),
					" ",
					t.onlyDifferences
				]
			}),
			rows.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "muted",
				children: t.noneDiffer
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
				className: "diff-rows",
				ref: scroller,
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
					style: { height: rows.length * ROW },
					children: rows.slice(first, end).map((row, place) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", {
						style: {
							top: (first + place) * ROW,
							height: ROW
						},
						"data-chosen": row.address === node || void 0,
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
							type: "button",
							className: "plain",
							onClick: () => select(row.address),
							children: [
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Status, { status: WORDS[row.change] }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
									className: "cut about",
									children: visible(row.address)
								}),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Statuses, { row }),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
									className: "muted hide-narrow",
									children: pair(row.duration_a, row.duration_b, duration)
								}),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
									className: "muted hide-narrow",
									children: pair(row.tokens_a, row.tokens_b, count)
								})
							]
						})
					}, row.address))
				})
			}),
			diff.more_nodes > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "muted",
				children: t.moreNodes(count(diff.more_nodes))
			})
		]
	});
}
function Statuses({ row }) {
	if (row.change !== "status") return null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
		className: "row hide-narrow",
		children: [
			row.status_a && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Status, { status: row.status_a }),
			"→",
			row.status_b && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Status, { status: row.status_b })
		]
	});
}
function pair(a, b, shown) {
	if (!a && !b) return "";
	return `${a === null ? "–" : shown(a)} → ${b === null ? "–" : shown(b)}`;
}
// src/screens/diff/screen.tsx
/** Two runs beside each other: where they part, which nodes differ, and in what. */
var screen_exports = /* @__PURE__ */ __exportAll({ DiffScreen: () => DiffScreen });
var DiffCanvas = (0, import_react.lazy)(() => __vitePreload(() => import("./diff-canvas-D_h-JyGb.js"), __vite__mapDeps([0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16])));
function DiffScreen() {
	const t = useTexts(diffTexts);
	const { left, right } = useParams({ from: "/diff/$left/$right" });
	const { node } = useSearch({ from: "/diff/$left/$right" });
	const navigate = useNavigate({ from: "/diff/$left/$right" });
	const select = (address) => void navigate({
		search: address ? { node: address } : {},
		replace: true
	});
	const found = useQuery({
		queryKey: [
			"diff",
			left,
			right
		],
		queryFn: async () => (await call("get", "/api/runs/{run_id}/diff/{other_id}", { path: {
			run_id: left,
			other_id: right
		} })).data
	});
	if (found.isPending) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {});
	if (found.error) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: "page",
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, {
			error: found.error,
			again: () => void found.refetch()
		})
	});
	const diff = found.data;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "diff",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Heads, { diff }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("section", {
				className: "diff-canvas hide-narrow",
				"aria-label": t.canvas,
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(import_react.Suspense, {
					fallback: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {}),
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DiffCanvas, {
						diff,
						node: node ?? null,
						select
					})
				})
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(NodeTable, {
				diff,
				node: node ?? null,
				select
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("aside", {
				className: "diff-node",
				"aria-label": t.node,
				children: node ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ComparedNode, {
					diff,
					address: node
				}, node) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.choose })
			})
		]
	});
}
export { DiffScreen, diffTexts as n, differencesOn as r, screen_exports as t };
