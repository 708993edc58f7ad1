import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { a as download, i as save, o as isFile, r as FileLink, t as ShownValue } from "./shown-value-B5SjmbdD.js";
import { n as defineTexts, s as useTexts } from "./language-Xe_YX1Uf.js";
import { o as Problem, s as visible } from "./index-DgqGT2MN.js";
import { a as count } from "./numbers-DREmUqdS.js";
// src/ui/value-texts.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var valueTexts = defineTexts({
	empty: "empty",
	more: (count) => `Show more (${count} left)`,
	whole: "Download all of it",
	tree: "Tree",
	table: "Table",
	json: "JSON",
	show: "Show as",
	picture: (name) => `The picture ${name}`,
	showPicture: "Show the picture",
	rowsLeft: (count) => `${count} more rows`
}, {
	empty: "空",
	more: (count) => `显示更多（剩余 ${count}）`,
	whole: "下载全部",
	tree: "树",
	table: "表格",
	json: "JSON",
	show: "显示为",
	picture: (name) => `图片 ${name}`,
	showPicture: "显示图片",
	rowsLeft: (count) => `还有 ${count} 行`
});
// src/ui/value-table.tsx
/** A list of objects, or rows of a query, as a table; what is long is cut. */
var import_jsx_runtime = require_jsx_runtime();
var ROWS = 200;
var COLUMNS = 30;
var CHARACTERS$1 = 200;
/** Whether a value is a list of objects with few enough names to be columns. */
function isTable(value) {
	if (!Array.isArray(value) || value.length === 0) return false;
	const first = value.slice(0, ROWS);
	return first.every((one) => one !== null && typeof one === "object" && !Array.isArray(one)) && columnsOf(first).length <= COLUMNS;
}
function columnsOf(rows) {
	return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}
function ValueTable({ rows }) {
	const t = useTexts(valueTexts);
	const shown = rows.slice(0, ROWS);
	const columns = columnsOf(shown);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "value-table",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("table", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("thead", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("tr", { children: columns.map((name) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", {
			scope: "col",
			children: visible(name)
		}, name)) }) }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("tbody", { children: shown.map((row, place) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("tr", { children: columns.map((name) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("td", { children: cell(row[name]) }, name)) }, place)) })] }), rows.length > ROWS && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
			className: "muted",
			children: t.rowsLeft(count(rows.length - ROWS))
		})]
	});
}
function cell(value) {
	if (value === void 0) return "";
	const text = typeof value === "string" ? value : JSON.stringify(value);
	return visible(text.length > CHARACTERS$1 ? `${text.slice(0, CHARACTERS$1)}…` : text);
}
// src/ui/value-tree.tsx
/** A value as a tree that is opened level by level: nothing is drawn that was not asked for. */
/** Entries of a level that are drawn at a time, and characters of a text. */
var ENTRIES = 100;
var CHARACTERS = 2e3;
function ValueTree({ value, open = true }) {
	if (isFile(value)) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(FileLink, { file: value });
	const entries = entriesOf(value);
	return entries ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Level, {
		entries,
		open
	}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Leaf, { value });
}
function entriesOf(value) {
	if (Array.isArray(value)) return value.map((one, place) => [String(place), one]);
	if (value !== null && typeof value === "object") return Object.entries(value);
	return null;
}
function Level({ entries, open }) {
	const t = useTexts(valueTexts);
	const [most, setMost] = (0, import_react.useState)(ENTRIES);
	if (entries.length === 0) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
		className: "muted",
		children: t.empty
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("ul", {
		className: "tree",
		children: [entries.slice(0, most).map(([name, value]) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Branch, {
			name,
			value,
			open: open && entries.length < 20
		}) }, name)), entries.length > most && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
			type: "button",
			onClick: () => setMost(most + ENTRIES),
			children: t.more(String(entries.length - most))
		}) })]
	});
}
function Branch({ name, value, open }) {
	const entries = isFile(value) ? null : entriesOf(value);
	const [opened, setOpened] = (0, import_react.useState)(open && (entries?.length ?? 0) < 20);
	if (!entries || entries.length === 0) return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
			className: "tree-name",
			children: [visible(name), ":"]
		}),
		" ",
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueTree, { value })
	] });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", {
		open: opened,
		onToggle: (event) => setOpened(event.currentTarget.open),
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("summary", { children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "tree-name",
				children: visible(name)
			}),
			" ",
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "muted",
				children: Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`
			})
		] }), opened && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Level, {
			entries,
			open: false
		})]
	});
}
function Leaf({ value }) {
	const t = useTexts(valueTexts);
	if (typeof value !== "string") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("code", {
		className: "tree-value",
		children: JSON.stringify(value)
	});
	const long = value.length > CHARACTERS;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
		className: "tree-text",
		children: [visible(value.slice(0, CHARACTERS)), long && "…"]
	}), long && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
		type: "button",
		onClick: () => save(value, "value.txt"),
		children: t.whole
	})] });
}
// src/ui/value.tsx
/** A value in the way that shows it best: text, a picture, a file, a table, a tree, or plain JSON. */
var WAYS = [
	"tree",
	"table",
	"json"
];
function Value({ value, name = "value" }) {
	if (isFile(value)) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Picture, { file: value });
	if (typeof value === "string") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ShownValue, {
		value,
		name
	});
	if (value === null || typeof value !== "object") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueTree, { value });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Structured, {
		value,
		name
	});
}
function Structured({ value, name }) {
	const t = useTexts(valueTexts);
	const table = isTable(value);
	const [way, setWay] = (0, import_react.useState)(table ? "table" : "tree");
	const ways = WAYS.filter((one) => one !== "table" || table);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack small-gap",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("fieldset", {
				className: "choice bare row",
				"aria-label": t.show,
				children: ways.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: "plain small",
					"aria-pressed": one === way,
					onClick: () => setWay(one),
					children: t[one]
				}, one))
			}),
			way === "tree" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueTree, { value }),
			way === "table" && table && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueTable, { rows: value }),
			way === "json" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ShownValue, {
				value,
				name
			})
		]
	});
}
/** A file; a picture is shown when somebody asks for it. */
function Picture({ file }) {
	const t = useTexts(valueTexts);
	const [url, setUrl] = (0, import_react.useState)("");
	const [problem, setProblem] = (0, import_react.useState)(null);
	(0, import_react.useEffect)(() => () => URL.revokeObjectURL(url), [url]);
	const isPicture = /^image\/(png|jpeg|gif|webp|avif|bmp)$/.test(file.media_type);
	const show = async () => {
		try {
			const bytes = await download(file);
			setUrl(URL.createObjectURL(new Blob([bytes], { type: file.media_type })));
		} catch (error) {
			setProblem(error);
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack small-gap",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(FileLink, { file }), isPicture && url === "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: () => void show(),
					children: t.showPicture
				})]
			}),
			url !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("img", {
				className: "picture",
				src: url,
				alt: t.picture(visible(file.name))
			}),
			problem !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: problem })
		]
	});
}
export { ValueTree as n, Value as t };
