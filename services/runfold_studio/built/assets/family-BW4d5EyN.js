import { t as useInfiniteQuery } from "./useInfiniteQuery-C3fRwntk.js";
import { a as Loading, l as Link, o as Problem } from "./index-DgqGT2MN.js";
import { r as call } from "./client-wO5ukrQM.js";
import { n as defineTexts, s as useTexts } from "./language-Xe_YX1Uf.js";
import { o as dateTime } from "./numbers-DREmUqdS.js";
import { t as Status } from "./status-C2sby_He.js";
import { n as useWorkspace } from "./workspace-fWFoV-tM.js";
import { t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
// src/screens/run/family-order.ts
/** The runs of a family in the order of a tree. */
/** Each run below the one that it goes on from. */
function inOrder(members) {
	const known = new Set(members.map((one) => one.run_id));
	const below = /* @__PURE__ */ new Map();
	for (const one of members) {
		const origin = known.has(one.origin) ? one.origin : "";
		below.set(origin, [...below.get(origin) ?? [], one]);
	}
	const found = [];
	const add = (origin, depth) => {
		for (const member of below.get(origin) ?? []) {
			found.push({
				member,
				depth
			});
			add(member.run_id, depth + 1);
		}
	};
	add("", 0);
	return found;
}
// src/screens/run/family-texts.ts
var familyTexts = defineTexts({
	alone: "No run goes on from this one, and it goes on from none.",
	fork: "fork",
	retry: "retry",
	at: (seq) => `at ${seq}`,
	from: (node) => `from ${node}`,
	thisOne: "this one",
	compare: "Compare",
	more: "Show more"
}, {
	alone: "没有运行由它继续，它也不由别的运行继续。",
	fork: "分叉",
	retry: "重试",
	at: (seq) => `于 ${seq}`,
	from: (node) => `自 ${node}`,
	thisOne: "本次",
	compare: "比较",
	more: "显示更多"
});
// src/screens/run/family.tsx
/** The run that this one goes on from, and all that go on from it: forks and retries as a tree. */
var import_jsx_runtime = require_jsx_runtime();
function Family() {
	const { runId } = useWorkspace();
	return runId === null ? null : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Tree, { runId });
}
function Tree({ runId }) {
	const t = useTexts(familyTexts);
	const family = useInfiniteQuery({
		queryKey: [
			"run",
			runId,
			"family"
		],
		initialPageParam: "",
		queryFn: async ({ pageParam }) => (await call("get", "/api/runs/{run_id}/family", {
			path: { run_id: runId },
			query: { cursor: pageParam }
		})).data,
		getNextPageParam: (page) => page.next_cursor || void 0
	});
	if (family.isPending) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {});
	if (family.error) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, {
		error: family.error,
		again: () => void family.refetch()
	});
	const members = family.data.pages.flatMap((page) => page.items);
	if (members.length < 2) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "muted",
		children: t.alone
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
			className: "family",
			children: inOrder(members).map(({ member, depth }) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", {
				style: { paddingLeft: depth * 22 },
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(OneMember, {
					member,
					isThis: member.run_id === runId,
					runId
				})
			}, member.run_id))
		}), family.hasNextPage && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
			type: "button",
			onClick: () => void family.fetchNextPage(),
			children: t.more
		})]
	});
}
function OneMember({ member, isThis, runId }) {
	const t = useTexts(familyTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "row",
		children: [
			member.kind && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
				className: "muted",
				children: [
					member.kind === "retry" ? t.retry : t.fork,
					" ",
					member.from_node ? t.from(member.from_node) : t.at(String(member.at ?? ""))
				]
			}),
			isThis ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", {
				className: "mono",
				children: member.run_id.slice(0, 13)
			}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
				to: "/r/$runId",
				params: { runId: member.run_id },
				search: {},
				className: "mono",
				children: member.run_id.slice(0, 13)
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Status, { status: member.status }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "muted",
				children: dateTime(member.started_at)
			}),
			isThis ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "muted",
				children: t.thisOne
			}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
				to: "/diff/$left/$right",
				params: {
					left: member.run_id,
					right: runId
				},
				children: t.compare
			})
		]
	});
}
export { Family as default };
