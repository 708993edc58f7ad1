const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/markdown-rendered-BEg1v1rG.js","assets/rolldown-runtime-SbdDWaPq.js","assets/jsx-runtime-CgfO9KJ9.js","assets/markdown-rendered-BWOJbSNB.css"])))=>i.map(i=>d[i]);
import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { i as exchange } from "./client-wO5ukrQM.js";
import { n as defineTexts, s as useTexts } from "./language-Xe_YX1Uf.js";
import { n as bytes } from "./numbers-DREmUqdS.js";
import { o as Problem, s as visible, t as __vitePreload } from "./index-DgqGT2MN.js";
// src/api/files.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
/** Uploads: a file's bytes are stored, and a value that stands for them comes back. */
function isFile(value) {
	return typeof value === "object" && value !== null && typeof value.$file === "string";
}
async function upload(file) {
	const body = new FormData();
	body.append("file", file, file.name);
	return await (await exchange("post", "/api/files", { body })).json();
}
/** The bytes of a file, as the gateway has them. */
async function download(file) {
	return (await exchange("get", `/api/files/${encodeURIComponent(file.$file)}`, {
		query: { name: file.name },
		accept: "*/*"
	})).blob();
}
// src/ui/save.ts
/** Hands bytes to the browser as a download. */
function save(content, name) {
	const blob = typeof content === "string" ? new Blob([content], { type: "text/plain" }) : content;
	const url = URL.createObjectURL(blob);
	const link = document.createElement("a");
	link.href = url;
	link.download = name;
	link.click();
	URL.revokeObjectURL(url);
}
// src/ui/file-link.tsx
/** A file by its name, its type and its size, and the way to have it. */
var import_jsx_runtime = require_jsx_runtime();
function FileLink({ file }) {
	const [problem, setProblem] = (0, import_react.useState)(null);
	const name = file.name || file.$file;
	const get = async () => {
		setProblem(null);
		try {
			save(await download(file), name);
		} catch (error) {
			setProblem(error);
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
		type: "button",
		className: "file-link",
		title: file.media_type,
		onClick: () => void get(),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				"aria-hidden": "true",
				children: "↓"
			}),
			" ",
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "cut",
				children: visible(name)
			}),
			" ",
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "muted",
				children: bytes(file.size)
			})
		]
	}), problem !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: problem })] });
}
// src/ui/markdown.tsx
/** Markdown that a person or a model wrote: no HTML, no pictures from elsewhere, links of the web alone. */
var Rendered = (0, import_react.lazy)(() => __vitePreload(() => import("./markdown-rendered-BEg1v1rG.js"), __vite__mapDeps([0,1,2,3])));
/** Shown as it is written until what renders it is here. */
function Markdown({ text }) {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(import_react.Suspense, {
		fallback: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("pre", { children: visible(text) }),
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Rendered, { text: visible(text) })
	});
}
// src/ui/shown-texts.ts
var shownTexts = defineTexts({
	asMarkdown: "Show as Markdown",
	whole: "Download all of it"
}, {
	asMarkdown: "按 Markdown 显示",
	whole: "下载全文"
});
// src/ui/shown-value.tsx
/** A value as somebody looks at it: text as text or Markdown, all else as JSON; what is long is cut. */
/** Characters that are shown; the rest is in the download. */
var MOST = 2e4;
function ShownValue({ value, name = "value" }) {
	if (value === void 0 || value === null || value === "") return null;
	if (isFile(value)) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(FileLink, { file: value });
	if (typeof value === "string") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ShownText, {
		text: value,
		name: `${name}.txt`
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Cut, {
		text: JSON.stringify(value, null, 2),
		name: `${name}.json`
	});
}
/** Text with the choice to read it as Markdown. */
function ShownText({ text, name }) {
	const t = useTexts(shownTexts);
	const [rendered, setRendered] = (0, import_react.useState)(false);
	const long = text.length > MOST;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack small-gap",
		children: [rendered ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Markdown, { text: text.slice(0, MOST) }) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Cut, {
			text,
			name
		}), (!long && isProse(text) || rendered) && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", {
			className: "small",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					type: "checkbox",
					checked: rendered,
					onChange: (event) => setRendered(event.target.checked)
				}),
				" ",
				t.asMarkdown
			]
		})]
	});
}
/** Whether text may have marks of Markdown: an id or a word has none. */
function isProse(text) {
	return text.length > 80 || /[\n*_#`[|]/.test(text);
}
function Cut({ text, name }) {
	const t = useTexts(shownTexts);
	const long = text.length > MOST;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("pre", { children: [visible(text.slice(0, MOST)), long && "…"] }), long && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
		type: "button",
		onClick: () => save(text, name),
		children: [
			t.whole,
			" ",
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				className: "muted",
				children: bytes(new Blob([text]).size)
			})
		]
	})] });
}
export { download as a, save as i, Markdown as n, isFile as o, FileLink as r, upload as s, ShownValue as t };
