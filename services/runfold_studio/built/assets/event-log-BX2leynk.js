import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { a as count, r as clock } from "./numbers-DREmUqdS.js";
import { c as useEased, d as gistOf, l as GROUPS, s as useEvents, u as fitting } from "./workspace-view-BwVbuKVI.js";
import { t as ShownValue } from "./shown-value-B5SjmbdD.js";
import { s as visible } from "./index-DgqGT2MN.js";
import { t as useVisibleRows } from "./visible-rows-IePMY6ir.js";
import { t as timeTexts } from "./time-texts-B3Kbn7tH.js";
import { n as useWorkspace } from "./workspace-fWFoV-tM.js";
// src/screens/run/event-log.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
var ROW = 26;
/** Milliseconds between two drawings while events come. */
var EASED = 300;
function EventLog() {
	const t = useTexts(timeTexts);
	const { data, moment, selected, goTo, select } = useWorkspace();
	const [filter, setFilter] = (0, import_react.useState)({
		group: "all",
		text: ""
	});
	const [only, setOnly] = (0, import_react.useState)(false);
	const scroller = (0, import_react.useRef)(null);
	const { history } = data;
	const total = useEased(data.count, EASED);
	const node = only && selected ? selected.address : "";
	const places = (0, import_react.useMemo)(() => fitting(history, total, {
		...filter,
		node
	}), [
		history,
		total,
		filter,
		node
	]);
	const { first, end } = useVisibleRows(scroller, ROW, places.length);
	const rows = (0, import_react.useMemo)(() => places.slice(first, end), [
		places,
		first,
		end
	]);
	useEvents(data, rows);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "event-log",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row log-filter",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						type: "search",
						"aria-label": t.search,
						placeholder: t.search,
						value: filter.text,
						onChange: (event) => setFilter({
							...filter,
							text: event.target.value
						})
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("select", {
						"aria-label": t.type,
						value: filter.group,
						onChange: (event) => setFilter({
							...filter,
							group: event.target.value
						}),
						children: GROUPS.map((group) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
							value: group,
							children: t[group]
						}, group))
					}),
					selected && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", {
						className: "check",
						children: [
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
								type: "checkbox",
								checked: only,
								onChange: (event) => setOnly(event.target.checked)
							}),
							" ",
							t.onlySelected
						]
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "muted",
						children: t.shown(count(places.length), count(total))
					})
				]
			}),
			places.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "muted",
				children: t.noEvents
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
				className: "log-rows",
				ref: scroller,
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ol", {
					style: { height: places.length * ROW },
					children: rows.map((place, index) => {
						const about = history.aboutAt(place);
						const event = history.pages.at(place);
						return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", {
							style: {
								top: (first + index) * ROW,
								height: ROW
							},
							"data-at": place === moment.count - 1 || void 0,
							"data-later": place >= moment.count || void 0,
							children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
								type: "button",
								className: "plain",
								onClick: () => {
									goTo(place + 1);
									if (about) select(about);
								},
								children: [
									/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
										className: "mono muted seq",
										children: history.index.seq(place)
									}),
									/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
										className: "mono muted hide-narrow",
										children: clock(history.index.time(place))
									}),
									/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
										className: "mono type",
										children: history.index.type(place)
									}),
									/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
										className: "cut about",
										children: visible(about)
									}),
									/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
										className: "cut muted hide-narrow",
										children: event && visible(gistOf(event))
									})
								]
							})
						}, place);
					})
				})
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", {
				className: "at-head",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("summary", { children: [
					t.asJson,
					" ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "mono muted",
						children: moment.event.seq
					})
				] }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ShownValue, {
					value: moment.event,
					name: `event-${moment.event.seq}`
				})]
			})
		]
	});
}
export { EventLog };
