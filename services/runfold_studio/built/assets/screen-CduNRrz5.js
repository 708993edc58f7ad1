import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { d as useSearch, i as Empty, l as Link, n as useChanges, o as Problem, p as useQuery, s as visible, u as useNavigate, v as useQueryClient } from "./index-DgqGT2MN.js";
import { n as defineTexts, s as useTexts } from "./language-Xe_YX1Uf.js";
import { r as call } from "./client-wO5ukrQM.js";
import { a as count, o as dateTime, s as duration, t as ago } from "./numbers-DREmUqdS.js";
import { t as DataTable } from "./data-table-CdFJvn3E.js";
import { n as Confirm, t as Paged } from "./paged-DE5ldpfW.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { t as Status } from "./status-C2sby_He.js";
import { t as useVisibleRows } from "./visible-rows-IePMY6ir.js";
// src/screens/runs/filters.ts
/** What a list of runs is asked for, as it stands in the address and as the API takes it. */
var FILTERS = [
	"workflow_id",
	"status",
	"from",
	"to",
	"version",
	"label",
	"text",
	"node",
	"error_code",
	"origin"
];
/** Statuses in the order in which they are offered: what is under way, what went wrong, the rest. */
var STATUSES = [
	"queued",
	"running",
	"paused",
	"compensating",
	"failed",
	"compensation_failed",
	"partial_succeeded",
	"succeeded",
	"compensated",
	"cancelled"
];
var UNENDED = /* @__PURE__ */ new Set([
	"queued",
	"running",
	"paused",
	"compensating"
]);
/** Several labels stand in an address between line ends, which are in none of their names. */
function labelsOf(filters) {
	return filters.label?.split("\n").filter((label) => label !== "") ?? [];
}
function statusesOf(filters) {
	return filters.status?.split(",").filter((status) => status !== "") ?? [];
}
/** A list of values with one more, or without it where it had it. */
function toggled(values, value) {
	return values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
}
/** The filters as parameters of `GET /api/runs`. */
function asked(filters) {
	const query = {};
	for (const name of FILTERS) {
		const value = filters[name];
		if (value) query[name] = value;
	}
	const labels = labelsOf(filters);
	if (labels.length > 0) query.label = labels;
	return query;
}
/** A moment as a `datetime-local` field takes it: in the zone of the page, to the minute. */
function localOf(written) {
	if (!written) return "";
	const time = /^\d+(\.\d+)?$/.test(written) ? Number(written) * 1e3 : Date.parse(written);
	if (!Number.isFinite(time)) return "";
	const date = new Date(time);
	const two = (value) => String(value).padStart(2, "0");
	return `${`${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
/** What such a field says as the address has it, in UTC; undefined for an empty one. */
function instantOf(local) {
	const time = Date.parse(local);
	return Number.isFinite(time) ? new Date(time).toISOString().replace(".000Z", "Z") : void 0;
}
/** Filters that the runs of a group of failures fit, within the same time. */
function runsOfGroup({ workflow_id, node, error_code }, within) {
	const id = node.slice(node.lastIndexOf("/") + 1);
	return {
		workflow_id,
		error_code,
		status: "failed",
		...id && { node: id },
		...within.from && { from: within.from },
		...within.to && { to: within.to }
	};
}
// src/screens/runs/texts.ts
var runsTexts = defineTexts({
	title: "Runs",
	list: "List",
	failures: "By failure",
	view: "What is listed",
	filters: "Filters",
	more: "More filters",
	workflow: "Workflow",
	anyWorkflow: "all workflows",
	status: "Status",
	since: "Started",
	anyTime: "any time",
	hour: "in the last hour",
	day: "in the last day",
	week: "in the last week",
	month: "in the last 30 days",
	chosen: "between…",
	from: "from",
	to: "before",
	version: "Version",
	versionHelp: "a number, or draft",
	label: "Label",
	labelHelp: "name:value",
	removeLabel: (label) => `Remove the label ${label}`,
	text: "Text",
	textHelp: "in ids, inputs, outputs, error",
	node: "Node",
	nodeHelp: "failed or under way: draft, each[2]/call",
	errorCode: "Error code",
	origin: "Goes on from run",
	clear: "Clear filters",
	run: "Run",
	started: "Started",
	duration: "Duration",
	tokens: "Tokens",
	about: "About",
	select: (run) => `Select run ${run}`,
	selectShown: "Select all that are loaded, 500 at most",
	selected: (count) => `${count} selected`,
	unselect: "Unselect",
	cancel: (count) => `Cancel ${count}`,
	retry: (count) => `Retry ${count}`,
	compare: "Compare the two",
	cancelTitle: (count) => `Cancel ${count} runs?`,
	retryTitle: (count) => `Retry ${count} runs?`,
	cancelHelp: "What has begun in them is ended. Runs that have ended already stay as they are.",
	retryHelp: "Each becomes a new run that keeps what had succeeded. Runs that have not ended yet are left alone.",
	cancelGo: "Cancel them",
	retryGo: "Retry them",
	none: "No run fits",
	noneHelp: "Nothing has run yet, or the filters leave everything out.",
	newer: (count) => `${count} newer: show`,
	fork: "fork of",
	retryOf: "retry of",
	loading: "Reading runs…",
	limit: "This list ends here: narrow it down with the filters.",
	count: "Runs",
	newest: "Newest",
	message: "Message",
	noFailures: "No run failed",
	showRuns: "Show runs",
	parked: "parked"
}, {
	title: "运行",
	list: "列表",
	failures: "按失败分组",
	view: "显示内容",
	filters: "筛选",
	more: "更多筛选",
	workflow: "工作流",
	anyWorkflow: "全部工作流",
	status: "状态",
	since: "开始时间",
	anyTime: "不限",
	hour: "最近一小时",
	day: "最近一天",
	week: "最近一周",
	month: "最近 30 天",
	chosen: "指定范围…",
	from: "从",
	to: "早于",
	version: "版本",
	versionHelp: "数字或 draft",
	label: "标签",
	labelHelp: "名称:值",
	removeLabel: (label) => `移除标签 ${label}`,
	text: "文字",
	textHelp: "标识、输入、输出或错误中的文字",
	node: "节点",
	nodeHelp: "失败或进行中：draft、each[2]/call",
	errorCode: "错误代码",
	origin: "源自运行",
	clear: "清除筛选",
	run: "运行",
	started: "开始",
	duration: "用时",
	tokens: "Token",
	about: "说明",
	select: (run) => `选择运行 ${run}`,
	selectShown: "选择已加载的全部（最多 500 个）",
	selected: (count) => `已选 ${count} 个`,
	unselect: "取消选择",
	cancel: (count) => `取消 ${count} 个`,
	retry: (count) => `重试 ${count} 个`,
	compare: "对比这两个",
	cancelTitle: (count) => `取消 ${count} 个运行？`,
	retryTitle: (count) => `重试 ${count} 个运行？`,
	cancelHelp: "其中进行中的部分会结束。已经结束的运行保持不变。",
	retryHelp: "每个都会成为一个新的运行，保留已成功的部分。尚未结束的运行不受影响。",
	cancelGo: "全部取消",
	retryGo: "全部重试",
	none: "没有符合的运行",
	noneHelp: "还没有运行过，或者被筛选条件全部排除。",
	newer: (count) => `有 ${count} 个更新的运行：显示`,
	fork: "分支自",
	retryOf: "重试自",
	loading: "正在读取运行…",
	limit: "列表到此为止：请用筛选缩小范围。",
	count: "运行数",
	newest: "最近",
	message: "消息",
	noFailures: "没有失败的运行",
	showRuns: "查看运行",
	parked: "已搁置"
});
// src/screens/runs/failure-groups.tsx
/** Failed runs by what they failed of, the most frequent first. */
var import_jsx_runtime = require_jsx_runtime();
var PAGE$1 = 50;
/** Milliseconds between two looks at what failed meanwhile. */
var EVERY$1 = 3e3;
function FailureGroups({ filters }) {
	const t = useTexts(runsTexts);
	const queries = useQueryClient();
	const { workflow_id, from, to } = filters;
	const query = {
		workflow_id,
		from,
		to
	};
	const refresh = () => void queries.invalidateQueries({ queryKey: ["runs", "failures"] });
	useChanges(["run"], (changes) => {
		if (changes.some((one) => one.type === "run" && one.status === "failed")) refresh();
	}, EVERY$1);
	const columns = [
		{
			head: t.count,
			className: "number",
			cell: (one) => count(one.count)
		},
		{
			head: t.workflow,
			cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
				one.workflow_id,
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
					className: "mono muted",
					children: visible(one.node)
				})
			] })
		},
		{
			head: t.errorCode,
			className: "mono",
			cell: (one) => visible(one.error_code)
		},
		{
			head: t.message,
			className: "hide-narrow wrap",
			cell: (one) => visible(one.message)
		},
		{
			head: t.newest,
			cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
				to: "/r/$runId",
				params: { runId: one.example_run_id },
				title: dateTime(one.last_at),
				children: ago(one.last_at)
			})
		},
		{
			head: t.showRuns,
			quiet: true,
			cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
				to: "/runs",
				search: runsOfGroup(one, filters),
				children: t.showRuns
			})
		}
	];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: "scroller",
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Paged, {
			queryKey: [
				"runs",
				"failures",
				query
			],
			read: async (cursor, signal) => {
				const given = {
					query: {
						...query,
						cursor,
						limit: PAGE$1
					},
					signal
				};
				return (await call("get", "/api/runs/failures", given)).data;
			},
			children: (groups) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DataTable, {
				caption: t.failures,
				rows: groups,
				keyOf: (one) => JSON.stringify([
					one.workflow_id,
					one.node,
					one.error_code
				]),
				none: t.noFailures,
				columns
			})
		})
	});
}
// src/screens/runs/filter-bar.tsx
/** The filters of a list of runs. */
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var SPANS = {
	hour: 3600,
	day: 86400,
	week: 604800,
	month: 2592e3
};
var MORE = [
	"version",
	"label",
	"node",
	"error_code",
	"origin"
];
function FilterBar({ filters, change, few }) {
	const t = useTexts(runsTexts);
	const any = FILTERS.some((name) => filters[name]);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("search", {
		className: "filters",
		"aria-label": t.filters,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "row",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(WorkflowFilter, {
					filters,
					change
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TimeFilter, {
					filters,
					change
				}),
				!few && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextFilter, {
					name: "text",
					title: t.text,
					help: t.textHelp,
					value: filters.text,
					change
				}),
				any && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: () => change(Object.fromEntries(FILTERS.map((name) => [name, void 0]))),
					children: t.clear
				})
			]
		}), !few && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", {
			open: MORE.some((name) => filters[name]),
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", { children: t.more }), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextFilter, {
						name: "version",
						title: t.version,
						help: t.versionHelp,
						value: filters.version,
						change
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(LabelFilter, {
						filters,
						change
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextFilter, {
						name: "node",
						title: t.node,
						help: t.nodeHelp,
						value: filters.node,
						change
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextFilter, {
						name: "error_code",
						title: t.errorCode,
						help: "llm.rate_limited",
						value: filters.error_code,
						change
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextFilter, {
						name: "origin",
						title: t.origin,
						help: "",
						value: filters.origin,
						change
					})
				]
			})]
		})]
	});
}
function WorkflowFilter({ filters, change }) {
	const t = useTexts(runsTexts);
	const { data } = useQuery({
		queryKey: ["workflows", "names"],
		queryFn: async () => (await call("get", "/api/workflows", { query: { limit: 100 } })).data.items
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextFilter, {
		name: "workflow_id",
		title: t.workflow,
		help: t.anyWorkflow,
		value: filters.workflow_id,
		change,
		list: "workflow-ids"
	}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("datalist", {
		id: "workflow-ids",
		children: data?.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
			value: one.id,
			children: one.name
		}, one.id))
	})] });
}
/** A field whose text counts once it is left or entered. */
function TextFilter({ name, title, help, value = "", change, list }) {
	const take = (event) => {
		event.preventDefault();
		const said = String(new FormData(event.currentTarget).get(name) ?? "").trim();
		if (said !== value) change({ [name]: said || void 0 });
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("form", {
		onSubmit: take,
		onBlur: take,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: title }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
			name,
			defaultValue: value,
			placeholder: help,
			list
		}, value)] })
	});
}
function LabelFilter({ filters, change }) {
	const t = useTexts(runsTexts);
	const labels = labelsOf(filters);
	const put = (next) => change({ label: next.join("\n") || void 0 });
	const add = (event) => {
		event.preventDefault();
		const said = String(new FormData(event.currentTarget).get("label") ?? "").trim();
		if (said && !labels.includes(said)) put([...labels, said]);
		event.currentTarget.reset();
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
		onSubmit: add,
		onBlur: add,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: t.label }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
			name: "label",
			placeholder: t.labelHelp
		})] }), labels.map((label) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
			type: "button",
			className: "cut",
			title: label,
			"aria-label": t.removeLabel(label),
			onClick: () => put(labels.filter((one) => one !== label)),
			children: [label, " ×"]
		}, label))]
	});
}
function TimeFilter({ filters, change }) {
	const t = useTexts(runsTexts);
	const [choosing, setChoosing] = (0, import_react.useState)(false);
	const shown = choosing || Boolean(filters.from ?? filters.to);
	const choose = (span) => {
		setChoosing(span === "chosen");
		if (span === "chosen") return;
		const seconds = SPANS[span];
		change({
			from: seconds && (/* @__PURE__ */ new Date(Date.now() - seconds * 1e3)).toISOString() || void 0,
			to: void 0
		});
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: t.since }), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
		value: shown ? "chosen" : "",
		onChange: (event) => choose(event.target.value),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: "",
				children: t.anyTime
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: "hour",
				children: t.hour
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: "day",
				children: t.day
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: "week",
				children: t.week
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: "month",
				children: t.month
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: "chosen",
				children: t.chosen
			})
		]
	})] }), shown && ["from", "to"].map((name) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: t[name] }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
		type: "datetime-local",
		value: localOf(filters[name]),
		onChange: (event) => change({ [name]: instantOf(event.target.value) })
	})] }, name))] });
}
// src/screens/runs/pages.ts
function noPages() {
	return {
		pages: [],
		more: ""
	};
}
function rowCount(list) {
	return list.pages.reduce((sum, page) => sum + page.size, 0);
}
/** The place at which a page begins, or the next unread one when `index` is behind the last. */
function cursorOf(list, index) {
	return list.pages[index]?.cursor ?? (index === list.pages.length ? list.more : null);
}
/**
* The list with a page that was read, anew or for the first time.
*
* Where it now ends elsewhere, the pages behind it would repeat rows or leave some out: they are found again.
*/
function withPage(list, cursor, items, next) {
	const known = list.pages.findIndex((page) => page.cursor === cursor);
	if (known < 0 && cursor !== list.more) return list;
	const index = known < 0 ? list.pages.length : known;
	const page = {
		cursor,
		size: items.length,
		items
	};
	if (known >= 0 && cursorOf(list, index + 1) === next) return {
		...list,
		pages: list.pages.with(index, page)
	};
	return {
		pages: [...list.pages.slice(0, index), page],
		more: next
	};
}
/** Pages with a row in `first … end`, by index. */
function pagesIn(list, first, end) {
	const found = [];
	let at = 0;
	for (const [index, page] of list.pages.entries()) {
		if (at < end && at + page.size > first) found.push(index);
		at += page.size;
	}
	return found;
}
/** Cursors of what has to be read, so that these rows can be shown and some behind them. */
function wanted(list, first, end, ahead) {
	const missing = pagesIn(list, first, end).map((index) => list.pages[index]).filter((page) => page !== void 0 && page.items === null).map((page) => page?.cursor ?? "");
	if (list.more !== null && end + ahead >= rowCount(list)) missing.push(list.more);
	return missing;
}
/** The list without the items of pages that are further than `keep` rows from the window. */
function trimmed(list, first, end, keep) {
	const near = new Set(pagesIn(list, first - keep, end + keep));
	if (list.pages.every((page, index) => page.items === null || near.has(index))) return list;
	const pages = list.pages.map((page, index) => near.has(index) ? page : {
		...page,
		items: null
	});
	return {
		...list,
		pages
	};
}
/** The rows `first … end` with their items. */
function rowsOf(list, first, end) {
	const rows = [];
	let at = 0;
	for (const page of list.pages) {
		for (let row = Math.max(first, at); row < Math.min(end, at + page.size); row += 1) rows.push({
			row,
			item: page.items?.[row - at]
		});
		at += page.size;
	}
	return rows;
}
/** The list with some items changed in place; the same list where none is. */
function changed(list, change) {
	let any = false;
	const pages = list.pages.map((page) => {
		const items = page.items?.map(change);
		if (!items || items.every((item, index) => item === page.items?.[index])) return page;
		any = true;
		return {
			...page,
			items
		};
	});
	return any ? {
		...list,
		pages
	} : list;
}
// src/screens/runs/run-table.tsx
/** The rows of runs: only those in the window are in the page. */
/** Pixels of a row, as the style sheet has it. */
var ROW = 44;
/** Browsers draw no element that is higher than some 17 million pixels. */
var MOST_ROWS = 38e4;
var MOST_SELECTED = 500;
function RunTable({ list, state, selected, select }) {
	const t = useTexts(runsTexts);
	const scroller = (0, import_react.useRef)(null);
	const known = Math.min(rowCount(state.runs), MOST_ROWS);
	const { first, end } = useVisibleRows(scroller, ROW, known);
	(0, import_react.useEffect)(() => {
		if (known < MOST_ROWS) list.look(first, end);
	}, [
		list,
		first,
		end,
		known
	]);
	const rows = rowsOf(state.runs, first, end);
	const toggle = (run) => {
		const next = new Map(selected);
		if (!next.delete(run.run_id)) next.set(run.run_id, run.status);
		select(next);
	};
	const selectLoaded = () => {
		const loaded = state.runs.pages.flatMap((page) => page.items ?? []).slice(0, MOST_SELECTED);
		select(new Map(selected.size > 0 ? [] : loaded.map((run) => [run.run_id, run.status])));
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "scroller",
		ref: scroller,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("table", {
			className: "run-table",
			"aria-rowcount": state.runs.more === null ? known + 1 : -1,
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("thead", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("tr", {
				"aria-rowindex": 1,
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", {
						className: "tick",
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
							type: "checkbox",
							"aria-label": t.selectShown,
							checked: selected.size > 0,
							onChange: selectLoaded
						})
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", {
						className: "state",
						children: t.status
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", { children: t.run }),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", {
						className: "when",
						children: t.started
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", {
						className: "number hide-narrow",
						children: t.duration
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", {
						className: "number hide-narrow",
						children: t.tokens
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", {
						className: "hide-middle",
						children: t.about
					})
				]
			}) }), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("tbody", { children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Gap, { rows: first }),
				rows.map(({ row, item }) => item === void 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Gap, { rows: 1 }, row) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Row, {
					run: item,
					index: row,
					selected: selected.has(item.run_id),
					toggle
				}, item.run_id)),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Gap, { rows: known - end })
			] })]
		}), state.runs.more !== null && state.problem === null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
			className: "muted",
			role: "status",
			children: known < MOST_ROWS ? t.loading : t.limit
		})]
	});
}
function Gap({ rows }) {
	if (rows <= 0) return null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("tr", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("td", {
		colSpan: 7,
		className: "gap",
		style: { height: rows * ROW }
	}) });
}
function Row({ run, index, selected, toggle }) {
	const t = useTexts(runsTexts);
	const version = run.version === "draft" ? run.version : `v${run.version}`;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("tr", {
		"aria-rowindex": index + 2,
		"aria-selected": selected,
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("td", {
				className: "tick",
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					type: "checkbox",
					"aria-label": t.select(run.run_id),
					checked: selected,
					onChange: () => toggle(run)
				})
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("td", {
				className: "state",
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Status, { status: run.status })
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("td", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Link, {
				to: "/r/$runId",
				params: { runId: run.run_id },
				className: "cut",
				children: [
					run.workflow_id,
					" ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "muted",
						children: version
					})
				]
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "mono muted cut",
				children: run.run_id
			})] }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("td", {
				className: "when",
				title: dateTime(run.started_at),
				children: ago(run.started_at)
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("td", {
				className: "number hide-narrow",
				children: run.finished_at === null ? "" : duration(run.finished_at - run.started_at)
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("td", {
				className: "number hide-narrow",
				children: count(run.usage.total_tokens ?? 0)
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("td", {
				className: "hide-middle",
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(About, { run })
			})
		]
	});
}
/** What is worth knowing of a run before it is opened. */
function About({ run }) {
	const t = useTexts(runsTexts);
	const labels = Object.entries(run.labels).map(([name, value]) => `${name}:${value}`);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		run.error && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
			className: "cut",
			title: visible(run.error.message),
			children: [
				run.error_node,
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: run.error.code }),
				" ",
				visible(run.error.message)
			]
		}),
		run.pause_reason && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
			className: "cut",
			children: [run.parked && `${t.parked}: `, visible(run.pause_reason)]
		}),
		run.origin && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
			className: "cut",
			children: [
				run.origin.kind === "retry" ? t.retryOf : t.fork,
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
					to: "/r/$runId",
					params: { runId: run.origin.run_id },
					className: "mono",
					children: run.origin.run_id
				})
			]
		}),
		labels.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
			className: "cut muted",
			children: visible(labels.join("  "))
		})
	] });
}
// src/screens/runs/selection.tsx
/** What is done to several runs at once, and what came of each. */
function Selection({ selected, clear, done }) {
	const t = useTexts(runsTexts);
	const [act, setAct] = (0, import_react.useState)(null);
	if (selected.size === 0) return null;
	const ids = [...selected.keys()];
	const unended = ids.filter((id) => UNENDED.has(selected.get(id) ?? ""));
	const ended = ids.filter((id) => !unended.includes(id));
	const [left, right] = ids;
	const close = (any) => {
		setAct(null);
		if (!any) return;
		clear();
		done();
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "selection row",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				role: "status",
				children: t.selected(count(ids.length))
			}),
			left !== void 0 && right !== void 0 && ids.length === 2 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
				className: "button",
				to: "/diff/$left/$right",
				params: {
					left,
					right
				},
				children: t.compare
			}),
			unended.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "danger",
				onClick: () => setAct("cancel"),
				children: t.cancel(count(unended.length))
			}),
			ended.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => setAct("retry"),
				children: t.retry(count(ended.length))
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "plain",
				onClick: clear,
				children: t.unselect
			}),
			act === "cancel" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Confirm, {
				title: t.cancelTitle(count(unended.length)),
				go: t.cancelGo,
				danger: true,
				act: () => carriedOut(act, unended),
				close,
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.cancelHelp })
			}),
			act === "retry" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Confirm, {
				title: t.retryTitle(count(ended.length)),
				go: t.retryGo,
				act: () => carriedOut(act, ended),
				close,
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.retryHelp })
			})
		]
	});
}
async function carriedOut(act, run_ids) {
	const body = { run_ids };
	return (act === "cancel" ? await call("post", "/api/runs/cancel", { body }) : await call("post", "/api/runs/retry", { body })).data.items.map(({ run_id, problem }) => ({
		id: run_id,
		problem
	}));
}
// src/screens/runs/run-list.ts
var AHEAD = 40;
var KEEP = 400;
var RunList = class {
	#state = {
		runs: noPages(),
		counts: null,
		newer: 0,
		problem: null
	};
	#window = {
		first: 0,
		end: 0
	};
	/** The list's first run when its beginning was taken in last. */
	#top;
	#reading = /* @__PURE__ */ new Set();
	#listeners = /* @__PURE__ */ new Set();
	#ended = new AbortController();
	#read;
	constructor(read) {
		this.#read = read;
	}
	state = () => this.#state;
	subscribe = (listener) => {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	};
	/** Read the list from its beginning, after `close` as well. */
	open() {
		if (this.#ended.signal.aborted) {
			this.#ended = new AbortController();
			this.#reading.clear();
		}
		this.#fill();
	}
	/** End all reading. */
	close() {
		this.#ended.abort();
	}
	/** Say which rows are looked at: what is missing is read, what is far away is let go. */
	look(first, end) {
		this.#window = {
			first,
			end
		};
		const runs = trimmed(this.#state.runs, first, end, KEEP);
		if (runs !== this.#state.runs) this.#set({ runs });
		if (this.#state.problem === null) this.#fill();
	}
	/** Read again what failed to be read. */
	again() {
		this.#set({ problem: null });
		this.#fill();
	}
	/** Read the list from its beginning. */
	restart() {
		this.#window = {
			first: 0,
			end: 0
		};
		this.#set({
			runs: noPages(),
			newer: 0,
			problem: null
		});
		this.#fill();
	}
	/** Show what became of runs, and see what else is different now. */
	async apply(changes) {
		const newest = new Map(changes.map((change) => [change.run_id, change]));
		const touched = /* @__PURE__ */ new Set();
		const runs = changed(this.#state.runs, (run) => {
			const change = newest.get(run.run_id);
			if (!change) return run;
			touched.add(run.run_id);
			const status = change.status;
			return {
				...run,
				status,
				finished_at: change.ended_at ?? run.finished_at
			};
		});
		if (runs !== this.#state.runs) this.#set({ runs });
		const { first, end } = this.#window;
		const shown = pagesIn(runs, first, end).map((index) => runs.pages[index]).filter((page) => page?.items?.some((run) => touched.has(run.run_id))).map((page) => page?.cursor ?? "");
		await Promise.all([this.#readTop(), ...shown.filter((cursor) => cursor !== "").map((cursor) => this.#readPage(cursor))]);
	}
	#set(next) {
		this.#state = {
			...this.#state,
			...next
		};
		for (const listener of this.#listeners) listener();
	}
	#fill() {
		const { first, end } = this.#window;
		for (const cursor of wanted(this.#state.runs, first, end, AHEAD)) this.#readPage(cursor);
	}
	/** The newest page: taken into the list when its place is looked at, else only counted. */
	async #readTop() {
		if (this.#window.first === 0) {
			await this.#readPage("");
			return;
		}
		await this.#reads("", (answer) => {
			const at = answer.items.findIndex((run) => run.run_id === this.#top);
			this.#set({
				counts: answer.counts,
				newer: at < 0 ? answer.items.length : at
			});
		});
	}
	async #readPage(cursor) {
		await this.#reads(cursor, (answer) => {
			const runs = withPage(this.#state.runs, cursor, answer.items, answer.next_cursor);
			if (cursor === "") this.#top = answer.items[0]?.run_id;
			const top = cursor === "" ? {
				counts: answer.counts,
				newer: 0
			} : {};
			const { first, end } = this.#window;
			this.#set({
				runs: trimmed(runs, first, end, KEEP),
				...top,
				problem: null
			});
			this.#fill();
		});
	}
	async #reads(cursor, take) {
		const { signal } = this.#ended;
		if (this.#reading.has(cursor) || signal.aborted) return;
		this.#reading.add(cursor);
		try {
			const answer = await this.#read(cursor, cursor === "", signal);
			if (signal.aborted) return;
			this.#reading.delete(cursor);
			take(answer);
		} catch (problem) {
			if (signal.aborted) return;
			this.#reading.delete(cursor);
			this.#set({ problem });
		}
	}
};
// src/screens/runs/use-runs.ts
/** The list of runs that fit the filters of the address, live. */
var PAGE = 100;
/** Milliseconds between two looks at what changed. */
var EVERY = 1500;
function useRuns(filters) {
	const written = JSON.stringify(asked(filters));
	const list = (0, import_react.useMemo)(() => {
		const query = JSON.parse(written);
		return new RunList(async (cursor, counts, signal) => {
			const given = {
				query: {
					...query,
					cursor,
					counts,
					limit: PAGE
				},
				signal
			};
			return (await call("get", "/api/runs", given)).data;
		});
	}, [written]);
	(0, import_react.useEffect)(() => {
		list.open();
		return () => list.close();
	}, [list]);
	useChanges(["run"], (changes) => void list.apply(changes.filter((one) => one.type === "run")), EVERY);
	return {
		list,
		state: (0, import_react.useSyncExternalStore)(list.subscribe, list.state)
	};
}
// src/screens/runs/list-of-runs.tsx
/** The runs that fit, what they are counted by, and what is done to the selected ones. */
function ListOfRuns({ filters, change }) {
	const t = useTexts(runsTexts);
	const { list, state } = useRuns(filters);
	/** Ids with their status when they were chosen. */
	const [selected, setSelected] = (0, import_react.useState)(/* @__PURE__ */ new Map());
	const empty = rowCount(state.runs) === 0 && state.runs.more === null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Counts, {
			filters,
			counts: state.counts,
			change
		}),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Selection, {
			selected,
			clear: () => setSelected(/* @__PURE__ */ new Map()),
			done: () => list.restart()
		}),
		state.problem !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, {
			error: state.problem,
			again: () => list.again()
		}),
		state.newer > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
			type: "button",
			className: "newer primary",
			onClick: () => list.restart(),
			children: ["↑ ", t.newer(count(state.newer))]
		}),
		empty ? /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Empty, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t.none }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.noneHelp })] }) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RunTable, {
			list,
			state,
			selected,
			select: setSelected
		})
	] });
}
function Counts({ filters, counts, change }) {
	const t = useTexts(runsTexts);
	const chosen = statusesOf(filters);
	const shown = STATUSES.filter((status) => counts?.[status] || chosen.includes(status));
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("fieldset", {
		className: "counts",
		"aria-label": t.status,
		children: shown.map((status) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
			type: "button",
			"aria-pressed": chosen.includes(status),
			onClick: () => change({ status: toggled(chosen, status).join(",") || void 0 }),
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Status, { status }),
				" ",
				count(counts?.[status] ?? 0)
			]
		}, status))
	});
}
// src/screens/runs/screen.tsx
/** All runs: filtered by the address, live, as many as there are. */
function RunsScreen() {
	const t = useTexts(runsTexts);
	const { view, ...filters } = useSearch({ from: "/runs" });
	const navigate = useNavigate({ from: "/runs" });
	const change = (next) => void navigate({
		search: (before) => cleared({
			...before,
			...next
		}),
		replace: true
	});
	const byFailure = view === "failures";
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "runs",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row spread",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h1", { children: t.title }), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("fieldset", {
					className: "choice",
					"aria-label": t.view,
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						"aria-pressed": !byFailure,
						onClick: () => void navigate({ search: filters }),
						children: t.list
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						"aria-pressed": byFailure,
						onClick: () => void navigate({ search: {
							...filters,
							view: "failures"
						} }),
						children: t.failures
					})]
				})]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(FilterBar, {
				filters,
				change,
				few: byFailure
			}),
			byFailure ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(FailureGroups, { filters }) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ListOfRuns, {
				filters,
				change
			})
		]
	});
}
/** Without the filters that say nothing, so that they do not stand in the address. */
function cleared(search) {
	return Object.fromEntries(Object.entries(search).filter(([, value]) => value));
}
export { RunsScreen };
