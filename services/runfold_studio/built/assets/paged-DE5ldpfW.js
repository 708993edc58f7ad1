import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { t as useInfiniteQuery } from "./useInfiniteQuery-C3fRwntk.js";
import { n as defineTexts, s as useTexts } from "./language-Xe_YX1Uf.js";
import { a as Loading, o as Problem, s as visible } from "./index-DgqGT2MN.js";
import { a as count } from "./numbers-DREmUqdS.js";
// src/ui/texts.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var uiTexts = defineTexts({
	more: "Show more",
	keep: "Leave it",
	close: "Close",
	done: (count) => `${count} done`,
	refused: (count) => `${count} refused`,
	selected: (count) => `${count} selected`,
	selectAll: "Select all that are shown",
	select: (name) => `Select ${name}`
}, {
	more: "显示更多",
	keep: "不处理",
	close: "关闭",
	done: (count) => `${count} 个已完成`,
	refused: (count) => `${count} 个被拒绝`,
	selected: (count) => `已选 ${count} 个`,
	selectAll: "选择显示的全部",
	select: (name) => `选择 ${name}`
});
// src/ui/confirm.tsx
/** Asks before something is done that cannot be undone, and says what came of it. */
var import_jsx_runtime = require_jsx_runtime();
function Confirm({ title, children, go, danger = false, act, close }) {
	const t = useTexts(uiTexts);
	const dialog = (0, import_react.useRef)(null);
	const [busy, setBusy] = (0, import_react.useState)(false);
	const [outcomes, setOutcomes] = (0, import_react.useState)(null);
	const [refused, setRefused] = (0, import_react.useState)(null);
	const done = (0, import_react.useRef)(false);
	(0, import_react.useEffect)(() => dialog.current?.showModal(), []);
	const start = async () => {
		setBusy(true);
		setRefused(null);
		try {
			const became = await act();
			done.current = true;
			if (became) setOutcomes(became);
			else dialog.current?.close();
		} catch (problem) {
			setRefused(problem);
		} finally {
			setBusy(false);
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("dialog", {
		ref: dialog,
		onClose: () => close(done.current),
		className: "confirm",
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "stack",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: title }),
				children,
				refused !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: refused }),
				outcomes && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Outcomes, { outcomes }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "row",
					children: [outcomes === null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: danger ? "danger" : "primary",
						disabled: busy,
						onClick: () => void start(),
						children: go
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: () => dialog.current?.close(),
						children: outcomes === null ? t.keep : t.close
					})]
				})
			]
		})
	});
}
function Outcomes({ outcomes }) {
	const t = useTexts(uiTexts);
	const refused = outcomes.filter((one) => one.problem);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
		role: "status",
		children: [t.done(count(outcomes.length - refused.length)), refused.length > 0 && ` · ${t.refused(count(refused.length))}`]
	}), refused.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
		className: "outcomes",
		children: refused.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", { children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "mono",
				children: one.id
			}),
			" ",
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: one.problem?.code }),
			" ",
			visible(one.problem?.detail ?? "")
		] }, one.id))
	})] });
}
// src/ui/paged.tsx
/** A list of the API, a page at a time: what is there, what failed, and the way to more. */
function Paged({ queryKey, read, children }) {
	const t = useTexts(uiTexts);
	const list = useInfiniteQuery({
		queryKey,
		initialPageParam: "",
		queryFn: ({ pageParam, signal }) => read(pageParam, signal),
		getNextPageParam: (page) => page.next_cursor || void 0
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		list.isPending && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {}),
		list.error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, {
			error: list.error,
			again: () => void list.refetch()
		}),
		list.data && children(list.data.pages.flatMap((page) => page.items)),
		list.hasNextPage && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
			type: "button",
			disabled: list.isFetchingNextPage,
			onClick: () => void list.fetchNextPage(),
			children: t.more
		})
	] });
}
export { Confirm as n, uiTexts as r, Paged as t };
