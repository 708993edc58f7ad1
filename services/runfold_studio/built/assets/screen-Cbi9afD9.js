import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { t as useInfiniteQuery } from "./useInfiniteQuery-C3fRwntk.js";
import { a as Loading, i as Empty, l as Link, n as useChanges, o as Problem, p as useQuery, s as visible, u as useNavigate, v as useQueryClient } from "./index-DgqGT2MN.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { r as call, t as ApiProblem } from "./client-wO5ukrQM.js";
import { n as defineTexts, s as useTexts } from "./language-Xe_YX1Uf.js";
import { t as ago } from "./numbers-DREmUqdS.js";
// src/screens/workflows/import-texts.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var importTexts = defineTexts({
	importFile: "Import a file",
	drop: "Drop the file to import it",
	title: "Import",
	reading: "Reading…",
	refused: (name) => `${name} could not be read:`,
	complete: "Every node has its counterpart here.",
	approximated: "Some nodes are not quite the same here.",
	incomplete: "Some nodes could not be taken over; they stand there as placeholders.",
	from: (format) => `from ${format}`,
	nodes: (count) => count === 1 ? "1 node" : `${count} nodes`,
	mapped: "the same",
	unsupported: "placeholder",
	nearly: "not quite the same",
	needs: "What has to be given here",
	exists: (id) => `There is a workflow ${id} already. Storing this replaces its draft; its versions stay.`,
	store: "Store as a draft and open it",
	storeAll: "Store as drafts",
	replace: "Replace the draft",
	close: "Close",
	allNodes: "All nodes"
}, {
	importFile: "导入文件",
	drop: "松开以导入文件",
	title: "导入",
	reading: "读取中…",
	refused: (name) => `${name} 无法读取：`,
	complete: "每个节点在这里都有对应。",
	approximated: "有些节点在这里不完全相同。",
	incomplete: "有些节点无法转换，以占位节点代替。",
	from: (format) => `来自 ${format}`,
	nodes: (count) => `${count} 个节点`,
	mapped: "相同",
	unsupported: "占位",
	nearly: "不完全相同",
	needs: "需要在这里提供的内容",
	exists: (id) => `已有工作流 ${id}。保存会替换它的草稿，已发布的版本不变。`,
	store: "存为草稿并打开",
	storeAll: "存为草稿",
	replace: "替换草稿",
	close: "关闭",
	allNodes: "全部节点"
});
// src/screens/workflows/importing.ts
/** Imports of files: read without storing first, stored when somebody has seen the report. */
var PAGE$1 = 1e3;
function formOf(files) {
	const form = new FormData();
	for (const file of files) form.append("file", file, file.name);
	return form;
}
async function readFiles(files) {
	const done = (await call("post", "/api/import/files", { body: formOf(files) })).data;
	return {
		files,
		items: done.items,
		refused: done.refused,
		taken: await storedIds()
	};
}
/** The ids of all workflows, archived ones too. */
async function storedIds() {
	const found = /* @__PURE__ */ new Set();
	for (const archived of [false, true]) {
		let cursor = "";
		while (cursor !== null) {
			const page = (await call("get", "/api/workflows", { query: {
				archived,
				limit: PAGE$1,
				cursor
			} })).data;
			for (const one of page.items) found.add(one.id);
			cursor = page.next_cursor || null;
		}
	}
	return found;
}
/** Store what was read as drafts; a native file as its text is, comments and all. */
async function storeImport(given) {
	const [only] = given.items;
	const [file] = given.files;
	if (only?.format === "native" && given.items.length === 1 && given.files.length === 1 && file) {
		const isJson = /\.json$/i.test(file.name);
		return [(await call("post", "/api/workflows", {
			query: { draft: true },
			text: {
				body: await file.text(),
				type: isJson ? "application/json" : "application/yaml"
			}
		})).data.id];
	}
	const done = await call("post", "/api/import/files", {
		query: { store: "draft" },
		body: formOf(given.files)
	});
	const refused = new Set(done.data.refused.map((one) => one.name));
	return done.data.items.map((one) => one.workflow_id).filter((id) => !refused.has(id));
}
// src/screens/workflows/import.tsx
/** Takes files of this and other systems, dropped anywhere on the screen or chosen, and shows what became of them. */
var import_jsx_runtime = require_jsx_runtime();
/** A part of the page on which files may be dropped. */
function ImportDrop({ children }) {
	const t = useTexts(importTexts);
	const [files, setFiles] = (0, import_react.useState)(null);
	const [over, setOver] = (0, import_react.useState)(false);
	const input = (0, import_react.useRef)(null);
	const drag = (event) => {
		if (!event.dataTransfer.types.includes("Files")) return;
		event.preventDefault();
		setOver(true);
	};
	const drop = (event) => {
		setOver(false);
		if (event.dataTransfer.files.length === 0) return;
		event.preventDefault();
		setFiles([...event.dataTransfer.files]);
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "import-drop",
		"aria-label": t.importFile,
		"data-over": over || void 0,
		onDragOver: drag,
		onDragLeave: () => setOver(false),
		onDrop: drop,
		children: [
			over && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "import-hint",
				children: t.drop
			}),
			children(/* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => input.current?.click(),
				children: t.importFile
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				ref: input,
				type: "file",
				multiple: true,
				hidden: true,
				accept: ".yaml,.yml,.json,.zip",
				onChange: (event) => {
					setFiles([...event.target.files ?? []]);
					event.target.value = "";
				}
			})] })),
			files && files.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ImportDialog, {
				files,
				close: () => setFiles(null)
			})
		]
	});
}
function ImportDialog({ files, close }) {
	const t = useTexts(importTexts);
	const navigate = useNavigate();
	const queries = useQueryClient();
	const dialog = (0, import_react.useRef)(null);
	const [read, setRead] = (0, import_react.useState)(null);
	const [problem, setProblem] = (0, import_react.useState)(null);
	(0, import_react.useEffect)(() => {
		dialog.current?.showModal();
		readFiles(files).then(setRead, setProblem);
	}, [files]);
	const store = async (given) => {
		setProblem(null);
		try {
			const ids = await storeImport(given);
			await queries.invalidateQueries({ queryKey: ["workflows"] });
			const [only] = ids;
			if (ids.length === 1 && only) await navigate({
				to: "/w/$workflowId",
				params: { workflowId: only }
			});
			else close();
		} catch (refused) {
			setProblem(refused);
		}
	};
	const taken = read?.items.filter((one) => read.taken.has(one.workflow_id)) ?? [];
	const label = taken.length ? t.replace : read?.items.length === 1 ? t.store : t.storeAll;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("dialog", {
		ref: dialog,
		className: "import",
		"aria-labelledby": "import-title",
		onClose: close,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "stack",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", {
					id: "import-title",
					children: t.title
				}),
				read === null && problem === null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					role: "status",
					children: t.reading
				}),
				problem !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: problem }),
				read?.refused.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
					className: "problem",
					children: [
						t.refused(one.name),
						" ",
						one.message
					]
				}, one.name)),
				read?.items.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Report, { item: one }, one.workflow_id)),
				taken.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "import-taken",
					role: "alert",
					children: t.exists(one.workflow_id)
				}, one.workflow_id)),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "row",
					children: [read && read.items.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "primary",
						onClick: () => void store(read),
						children: label
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: close,
						children: t.close
					})]
				})
			]
		})
	});
}
var LOOKS = {
	mapped: "✓",
	approximated: "≈",
	unsupported: "✕"
};
/** What became of each node of one document, the difficult ones first. */
function Report({ item }) {
	const t = useTexts(importTexts);
	const words = {
		mapped: t.mapped,
		approximated: t.nearly,
		unsupported: t.unsupported
	};
	const difficult = item.report.filter((line) => line.result !== "mapped");
	const lines = (all) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
		className: "import-lines",
		children: all.map((line) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
			className: `import-${line.result}`,
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					"aria-hidden": "true",
					children: LOOKS[line.result]
				}),
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: line.node }),
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "kind",
					children: line.type
				}),
				" ",
				words[line.result],
				line.reason && `: ${line.reason}`
			]
		}, `${line.node} ${line.type} ${line.reason}`))
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "stack",
		"aria-label": item.workflow_id,
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("h3", { children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "mono",
					children: item.workflow_id
				}),
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
					className: "muted",
					children: [
						t.from(item.format),
						" · ",
						t.nodes(item.report.length)
					]
				})
			] }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t[item.status] }),
			lines(difficult),
			item.needs.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h4", { children: t.needs }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
				className: "import-lines",
				children: item.needs.map((need) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", { children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "kind",
						children: need.kind
					}),
					" ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: need.name }),
					" ",
					need.hint
				] }, `${need.kind} ${need.name}`))
			})] }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", { children: t.allNodes }), lines(item.report)] })
		]
	});
}
// src/screens/workflows/texts.ts
var workflowsTexts = defineTexts({
	title: "Workflows",
	create: "New workflow",
	name: "Name",
	id: "Id",
	version: "Version",
	changed: "Changed",
	description: "Description",
	draft: "draft",
	open: "Open",
	runs: "Runs",
	run: "Run",
	none: "No workflow yet",
	noneHelp: "Begin with a ready one below, make a new one, or drop a file of runfold, Dify, Coze or n8n here.",
	templates: "Ready workflows",
	use: "Use",
	idHelp: "Letters, digits, _ and - of any script. Runs and addresses call the workflow by it.",
	exists: (id) => `There is a workflow ${id} already: choose another id, or open that one.`,
	make: "Make it",
	close: "Close",
	more: "Show more",
	archived: "Show archived",
	search: "Search workflows"
}, {
	title: "工作流",
	create: "新建工作流",
	name: "名称",
	id: "标识",
	version: "版本",
	changed: "修改时间",
	description: "说明",
	draft: "草稿",
	open: "打开",
	runs: "运行记录",
	run: "运行",
	none: "还没有工作流",
	noneHelp: "从下面的现成工作流开始，新建一个，或把 runfold、Dify、Coze、n8n 的文件拖到这里。",
	templates: "现成的工作流",
	use: "使用",
	idHelp: "任意文字的字母、数字、_ 和 -。运行和地址都用它称呼工作流。",
	exists: (id) => `已有工作流 ${id}：请换一个标识，或打开那个工作流。`,
	make: "创建",
	close: "关闭",
	more: "显示更多",
	archived: "显示已归档",
	search: "搜索工作流"
});
// src/screens/workflows/new-workflow.tsx
/** Asks for the name and id of a new workflow, and stores its first draft. */
/** An id made of a name: what an id may not have becomes `_`. */
function idOf(name) {
	return name.trim().toLowerCase().replace(/[^\p{L}\p{N}_-]+/gu, "_").replace(/^_+|_+$/g, "");
}
/** The YAML of a workflow that begins and ends; text within quotes of JSON is YAML too. */
function firstDraft(id, name) {
	return [
		`id: ${JSON.stringify(id)}`,
		`name: ${JSON.stringify(name)}`,
		"nodes:",
		"  - {id: start, type: start}",
		"  - {id: end, type: end}",
		"edges:",
		"  - {source: start, target: end}",
		""
	].join("\n");
}
async function isThere(id) {
	try {
		await call("get", "/api/workflows/{workflow_id}", { path: { workflow_id: id } });
		return true;
	} catch (problem) {
		if (problem instanceof ApiProblem && problem.code === "workflow.not_found") return false;
		throw problem;
	}
}
function NewWorkflow({ close }) {
	const t = useTexts(workflowsTexts);
	const navigate = useNavigate();
	const queries = useQueryClient();
	const dialog = (0, import_react.useRef)(null);
	const [name, setName] = (0, import_react.useState)("");
	const [id, setId] = (0, import_react.useState)("");
	const [refused, setRefused] = (0, import_react.useState)(null);
	(0, import_react.useEffect)(() => dialog.current?.showModal(), []);
	const make = async (event) => {
		event.preventDefault();
		const workflowId = id || idOf(name);
		const text = firstDraft(workflowId, name);
		try {
			if (await isThere(workflowId)) {
				setRefused(new Error(t.exists(workflowId)));
				return;
			}
			await call("post", "/api/workflows", {
				query: { draft: true },
				text: {
					body: text,
					type: "application/yaml"
				}
			});
			await queries.invalidateQueries({ queryKey: ["workflows"] });
			await navigate({
				to: "/w/$workflowId",
				params: { workflowId }
			});
		} catch (problem) {
			setRefused(problem);
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("dialog", {
		ref: dialog,
		onClose: close,
		"aria-labelledby": "new-workflow",
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
			className: "stack",
			onSubmit: (event) => void make(event),
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", {
					id: "new-workflow",
					children: t.create
				}),
				refused !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: refused }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [t.name, /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					required: true,
					value: name,
					onChange: (event) => setName(event.target.value)
				})] }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [t.id, /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					className: "mono",
					placeholder: idOf(name),
					value: id,
					onChange: (event) => setId(event.target.value)
				})] }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "muted",
					children: t.idHelp
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "row",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						className: "primary",
						type: "submit",
						children: t.make
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: close,
						children: t.close
					})]
				})
			]
		})
	});
}
// src/screens/workflows/screen.tsx
/** The stored workflows, and ready ones to begin with. */
var PAGE = 50;
/** Milliseconds between two looks at what changed. */
var EVERY = 1500;
function WorkflowsScreen() {
	const t = useTexts(workflowsTexts);
	const [making, setMaking] = (0, import_react.useState)(false);
	const list = useInfiniteQuery({
		queryKey: ["workflows", "list"],
		initialPageParam: "",
		queryFn: async ({ pageParam }) => (await call("get", "/api/workflows", { query: {
			limit: PAGE,
			cursor: pageParam
		} })).data,
		getNextPageParam: (page) => page.next_cursor || void 0
	});
	const queries = useQueryClient();
	const refresh = () => void queries.invalidateQueries({ queryKey: ["workflows", "list"] });
	useChanges(["workflow"], refresh, EVERY);
	const items = list.data?.pages.flatMap((page) => page.items) ?? [];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ImportDrop, { children: (choose) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "page stack",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row spread",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h1", { children: t.title }), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "row",
					children: [choose, /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "primary",
						onClick: () => setMaking(true),
						children: t.create
					})]
				})]
			}),
			making && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NewWorkflow, { close: () => setMaking(false) }),
			list.isPending && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {}),
			list.error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, {
				error: list.error,
				again: () => void list.refetch()
			}),
			list.data && items.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Empty, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t.none }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.noneHelp })] }),
			items.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("table", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("thead", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("tr", { children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", { children: t.name }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", { children: t.version }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", {
					className: "hide-narrow",
					children: t.changed
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("th", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "hidden-text",
					children: t.runs
				}) })
			] }) }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("tbody", { children: items.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("tr", { children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("td", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
					to: "/w/$workflowId",
					params: { workflowId: one.id },
					children: visible(one.name || one.id)
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
					className: "muted mono",
					children: one.id
				})] }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("td", { children: [
					one.version ?? "",
					" ",
					one.has_draft && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "badge",
						children: t.draft
					})
				] }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("td", {
					className: "hide-narrow",
					children: ago(one.updated_at)
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("td", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
					to: "/runs",
					search: { workflow_id: one.id },
					children: t.runs
				}) })
			] }, one.id)) })] }),
			list.hasNextPage && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => void list.fetchNextPage(),
				children: t.more
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Templates, {})
		]
	}) });
}
function Templates() {
	const t = useTexts(workflowsTexts);
	const navigate = useNavigate();
	const queries = useQueryClient();
	const { data, error } = useQuery({
		queryKey: ["templates"],
		queryFn: async () => (await call("get", "/api/templates")).data.items
	});
	const [refused, setRefused] = (0, import_react.useState)(null);
	const use = async (id) => {
		try {
			const stored = await call("post", "/api/workflows/from-template/{template_id}", {
				path: { template_id: id },
				body: {}
			});
			await queries.invalidateQueries({ queryKey: ["workflows"] });
			await navigate({
				to: "/w/$workflowId",
				params: { workflowId: stored.data.id }
			});
		} catch (problem) {
			setRefused(problem);
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "stack",
		"aria-labelledby": "templates",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", {
				id: "templates",
				children: t.templates
			}),
			refused ?? error ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: refused ?? error }) : null,
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
				className: "cards",
				children: data?.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
					className: "card stack",
					children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: one.name }),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
							className: "muted",
							children: one.description
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
							type: "button",
							onClick: () => void use(one.id),
							children: [
								t.use,
								" ",
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
									className: "hidden-text",
									children: one.name
								})
							]
						})
					]
				}, one.id))
			})
		]
	});
}
export { WorkflowsScreen };
