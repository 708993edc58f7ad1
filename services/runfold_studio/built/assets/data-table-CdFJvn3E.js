import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { i as Empty } from "./index-DgqGT2MN.js";
import { r as uiTexts } from "./paged-DE5ldpfW.js";
import { t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
// src/ui/data-table.tsx
var import_jsx_runtime = require_jsx_runtime();
function DataTable({ caption, rows, columns, keyOf, none, selecting }) {
	if (rows.length === 0) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Empty, { children: none });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("section", {
		className: "table-scroller",
		"aria-label": caption,
		tabIndex: 0,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("table", { children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("caption", {
				className: "hidden-text",
				children: caption
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("thead", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("tr", { children: [selecting && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SelectAll, {
				keys: rows.map(keyOf),
				...selecting
			}), columns.map((column) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", {
				scope: "col",
				className: column.className,
				children: column.quiet ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "hidden-text",
					children: column.head
				}) : column.head
			}, column.head))] }) }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("tbody", { children: rows.map((row) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("tr", { children: [selecting && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SelectOne, {
				name: keyOf(row),
				...selecting
			}), columns.map((column) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("td", {
				className: column.className,
				children: column.cell(row)
			}, column.head))] }, keyOf(row))) })
		] })
	});
}
function SelectAll({ keys, selected, select }) {
	const t = useTexts(uiTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", {
		scope: "col",
		className: "tick",
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
			type: "checkbox",
			"aria-label": t.selectAll,
			checked: selected.size > 0,
			onChange: () => select(new Set(selected.size > 0 ? [] : keys))
		})
	});
}
function SelectOne({ name, selected, select }) {
	const t = useTexts(uiTexts);
	const toggle = () => {
		const next = new Set(selected);
		if (!next.delete(name)) next.add(name);
		select(next);
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("td", {
		className: "tick",
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
			type: "checkbox",
			"aria-label": t.select(name),
			checked: selected.has(name),
			onChange: toggle
		})
	});
}
export { DataTable as t };
