import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { a as Loading, d as useSearch, i as Empty, l as Link, n as useChanges, o as Problem, p as useQuery, s as visible, u as useNavigate, v as useQueryClient } from "./index-DgqGT2MN.js";
import { n as defineTexts, s as useTexts } from "./language-Xe_YX1Uf.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { i as exchange, r as call, t as ApiProblem } from "./client-wO5ukrQM.js";
import { n as Confirm, r as uiTexts, t as Paged } from "./paged-DE5ldpfW.js";
import { t as DataTable } from "./data-table-CdFJvn3E.js";
import { n as ValueField, r as problemsByPlace, t as ObjectFields } from "./value-field-DK01RK0K.js";
import { a as count, n as bytes, o as dateTime, s as duration, t as ago } from "./numbers-DREmUqdS.js";
import { r as FileLink, s as upload, t as ShownValue } from "./shown-value-B5SjmbdD.js";
import { t as Status } from "./status-C2sby_He.js";
// src/screens/operations/connection-texts.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var connectionTexts = defineTexts({
	connections: "Connections",
	none: "No connection is stored",
	name: "Name",
	type: "Type",
	hosts: "Sent to",
	hostsHelp: "api.example.com, *.example.com; with a scheme for plain HTTP",
	status: "State",
	ready: "ready",
	not_authorized: "waits for a person",
	authorizing: "being allowed",
	expired: "expired",
	authorize: "Allow…",
	authorizeHelp: "Open this address within ten minutes and allow the connection:",
	remove: "Delete",
	removeTitle: (name) => `Delete the connection ${name} and its tokens?`,
	create: "Store a connection",
	createHelp: "Secrets are written and never read back. A connection of the same name is replaced.",
	store: "Store it",
	api_key: "API key",
	basic: "user and password",
	bearer: "bearer token",
	oauth2_client_credentials: "OAuth2, as this program",
	oauth2_authorization_code: "OAuth2, allowed by a person",
	upload: "Upload files",
	uploadHelp: "A file's bytes are stored once. What stands for it goes into inputs, answers and events.",
	value: "What stands for it",
	noFiles: "Files that you upload here are listed until you leave."
}, {
	connections: "连接",
	none: "还没有连接",
	name: "名称",
	type: "类型",
	hosts: "可发往",
	hostsHelp: "api.example.com、*.example.com；普通 HTTP 需写明协议",
	status: "状态",
	ready: "可用",
	not_authorized: "等待授权",
	authorizing: "授权中",
	expired: "已过期",
	authorize: "授权…",
	authorizeHelp: "请在十分钟内打开此地址并允许该连接：",
	remove: "删除",
	removeTitle: (name) => `删除连接 ${name} 及其令牌？`,
	create: "保存连接",
	createHelp: "密钥只写入，不会再读出。同名的连接会被替换。",
	store: "保存",
	api_key: "API 密钥",
	basic: "用户名和密码",
	bearer: "Bearer 令牌",
	oauth2_client_credentials: "OAuth2（程序自身）",
	oauth2_authorization_code: "OAuth2（由人授权）",
	upload: "上传文件",
	uploadHelp: "文件内容只存一份。代表它的值可用于输入、回答和事件。",
	value: "代表它的值",
	noFiles: "在此上传的文件会一直列出，直到离开此页。"
});
// src/screens/operations/connection-types.ts
var text = {
	type: "string",
	maxLength: 80
};
var secret = {
	type: "string",
	format: "password"
};
var url = {
	type: "string",
	format: "uri"
};
var oauth = {
	token_url: url,
	client_id: text,
	client_secret: secret,
	scope: text,
	audience: text,
	resource: text,
	client_auth: { enum: ["client_secret_basic", "client_secret_post"] }
};
function object(properties, required) {
	return {
		type: "object",
		properties,
		required
	};
}
var CONNECTION_TYPES = {
	api_key: object({
		value: secret,
		name: text,
		in: { enum: [
			"header",
			"query",
			"cookie"
		] }
	}, ["value"]),
	basic: object({
		username: text,
		password: secret
	}, ["username"]),
	bearer: object({ token: secret }, ["token"]),
	oauth2_client_credentials: object(oauth, [
		"token_url",
		"client_id",
		"client_secret"
	]),
	oauth2_authorization_code: object({
		authorization_url: url,
		...oauth,
		authorization_params: { type: "object" }
	}, [
		"authorization_url",
		"token_url",
		"client_id"
	])
};
/** Hosts as they are written, between commas, spaces or line ends. */
function hostsOf(written) {
	return written.split(/[\s,]+/).filter((host) => host !== "");
}
// src/screens/operations/new-connection.tsx
/** Stores a connection; its secrets are sent once and kept nowhere in the page. */
var import_jsx_runtime = require_jsx_runtime();
function NewConnection({ stored }) {
	const t = useTexts(connectionTexts);
	const [name, setName] = (0, import_react.useState)("");
	const [hosts, setHosts] = (0, import_react.useState)("");
	const [type, setType] = (0, import_react.useState)("api_key");
	const [fields, setFields] = (0, import_react.useState)({});
	const [refused, setRefused] = (0, import_react.useState)(null);
	const store = async () => {
		setRefused(null);
		try {
			const body = {
				...fields,
				type,
				hosts: hostsOf(hosts)
			};
			await exchange("put", `/api/connections/${encodeURIComponent(name)}`, { body });
			setName("");
			setHosts("");
			setFields({});
			stored();
		} catch (problem) {
			setRefused(problem);
		}
	};
	const problems = refused instanceof ApiProblem ? problemsByPlace(refused.document) : /* @__PURE__ */ new Map();
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", { children: t.create }), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
		className: "fields",
		autoComplete: "off",
		onSubmit: (event) => {
			event.preventDefault();
			store();
		},
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "muted",
				children: t.createHelp
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [t.name, /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				required: true,
				value: name,
				onChange: (event) => setName(event.target.value)
			})] }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [t.hosts, /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				required: true,
				placeholder: t.hostsHelp,
				value: hosts,
				onChange: (event) => setHosts(event.target.value)
			})] }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [t.type, /* @__PURE__ */ (0, import_jsx_runtime.jsx)("select", {
				value: type,
				onChange: (event) => {
					setType(event.target.value);
					setFields({});
				},
				children: Object.keys(CONNECTION_TYPES).map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
					value: one,
					children: t[one]
				}, one))
			})] }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(ObjectFields, {
				schema: CONNECTION_TYPES[type],
				value: fields,
				change: setFields,
				place: "",
				problems,
				depth: 0
			}, type),
			refused !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: refused }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "submit",
				className: "primary start",
				children: t.store
			})
		]
	})] });
}
// src/screens/operations/connections.tsx
/** Credentials by name: which there are, whether they can be used, and who has to allow them. */
var LOOKS$1 = {
	ready: {
		tone: "good",
		icon: "✓"
	},
	not_authorized: {
		tone: "warn",
		icon: "…"
	},
	authorizing: {
		tone: "live",
		icon: "▶"
	},
	expired: {
		tone: "bad",
		icon: "✕"
	}
};
function ConnectionsTab() {
	const t = useTexts(connectionTexts);
	const queries = useQueryClient();
	const [removing, setRemoving] = (0, import_react.useState)("");
	const [asked, setAsked] = (0, import_react.useState)(null);
	const [refused, setRefused] = (0, import_react.useState)(null);
	const { data, error } = useQuery({
		queryKey: ["connections"],
		queryFn: async () => (await call("get", "/api/connections")).data.items
	});
	const refresh = () => void queries.invalidateQueries({ queryKey: ["connections"] });
	const authorize = async (connection) => {
		setRefused(null);
		try {
			setAsked((await call("post", "/api/connections/{connection}/authorize", { path: { connection } })).data);
			refresh();
		} catch (problem) {
			setRefused(problem);
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		(error || refused !== null) && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: error ?? refused }),
		asked && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Allow, { asked }),
		data ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Connections, {
			connections: data,
			authorize: (name) => void authorize(name),
			remove: setRemoving
		}) : !error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {}),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(NewConnection, { stored: refresh }),
		removing && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Confirm, {
			title: t.removeTitle(removing),
			go: t.remove,
			danger: true,
			act: async () => {
				await call("delete", "/api/connections/{connection}", { path: { connection: removing } });
			},
			close: (done) => {
				setRemoving("");
				if (done) refresh();
			}
		})
	] });
}
/** The address comes from the stored connection: only one of the web is made a link. */
function Allow({ asked }) {
	const t = useTexts(connectionTexts);
	const isWeb = /^https?:/i.test(asked.url);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
		role: "status",
		className: "wrap",
		children: [
			t.authorizeHelp,
			" ",
			isWeb ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("a", {
				href: asked.url,
				target: "_blank",
				rel: "noreferrer",
				children: asked.url
			}) : visible(asked.url)
		]
	});
}
function Connections({ connections, authorize, remove }) {
	const t = useTexts(connectionTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DataTable, {
		caption: t.connections,
		rows: connections,
		keyOf: (one) => one.name,
		none: t.none,
		columns: [
			{
				head: t.name,
				cell: (one) => one.name
			},
			{
				head: t.type,
				className: "hide-narrow",
				cell: (one) => one.type in CONNECTION_TYPES ? t[one.type] : one.type
			},
			{
				head: t.hosts,
				className: "hide-narrow wrap",
				cell: (one) => one.hosts.join(" ")
			},
			{
				head: t.status,
				cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
					className: `status tone-${LOOKS$1[one.status].tone}`,
					children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							"aria-hidden": "true",
							children: LOOKS$1[one.status].icon
						}),
						" ",
						t[one.status]
					]
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
					className: "muted",
					children: visible(one.error)
				})] })
			},
			{
				head: t.remove,
				quiet: true,
				cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "row",
					children: [one.type === "oauth2_authorization_code" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: () => authorize(one.name),
						children: t.authorize
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "danger",
						onClick: () => remove(one.name),
						children: t.remove
					})]
				})
			}
		]
	});
}
// src/screens/operations/dead-texts.ts
var deadTexts = defineTexts({
	caption: "Messages that could not be handled, newest first",
	none: "No message was given up",
	seq: "No.",
	time: "When",
	reason: "Why",
	source: "Subject",
	run: "Run",
	size: "Size",
	open: "Open",
	filterReason: "Code or reason contains",
	filterRun: "Run",
	requeue: (count) => `Requeue ${count}`,
	drop: (count) => `Drop ${count}`,
	requeueTitle: (count) => `Put ${count} back in the queue?`,
	dropTitle: (count) => `Drop ${count} for good?`,
	requeueHelp: "Tasks and requests are handled once more. Others stay here.",
	dropHelp: "They and their bodies are removed.",
	go: "Put back",
	goDrop: "Drop",
	service: "Service",
	body: "Body",
	cut: "Only the beginning of the body was kept.",
	letter: (seq) => `Dead letter ${seq}`,
	newer: "More came meanwhile: read again"
}, {
	caption: "无法处理的消息，最新的在前",
	none: "没有被放弃的消息",
	seq: "序号",
	time: "时间",
	reason: "原因",
	source: "主题",
	run: "运行",
	size: "大小",
	open: "查看",
	filterReason: "代码或原因包含",
	filterRun: "运行",
	requeue: (count) => `重新入队 ${count} 个`,
	drop: (count) => `丢弃 ${count} 个`,
	requeueTitle: (count) => `把 ${count} 个放回队列？`,
	dropTitle: (count) => `永久丢弃 ${count} 个？`,
	requeueHelp: "任务和请求会再处理一次，其他的留在这里。",
	dropHelp: "消息及其内容会被移除。",
	go: "放回",
	goDrop: "丢弃",
	service: "服务",
	body: "内容",
	cut: "只保留了内容的开头部分。",
	letter: (seq) => `死信 ${seq}`,
	newer: "其间又有新的：重新读取"
});
// src/screens/operations/dead-letter.tsx
/** One dead letter with its body. */
function DeadLetter({ seq, close }) {
	const t = useTexts(deadTexts);
	const ui = useTexts(uiTexts);
	const dialog = (0, import_react.useRef)(null);
	(0, import_react.useEffect)(() => dialog.current?.showModal(), []);
	const letter = useQuery({
		queryKey: [
			"dead",
			"one",
			seq
		],
		queryFn: async () => (await call("get", "/api/dead/{seq}", { path: { seq } })).data
	});
	const found = letter.data;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("dialog", {
		ref: dialog,
		onClose: close,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "stack",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t.letter(String(seq)) }),
				letter.isPending && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {}),
				letter.error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: letter.error }),
				found && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
						className: "wrap",
						children: [
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: found.code }),
							" ",
							visible(found.reason)
						]
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
						className: "muted wrap",
						children: [
							dateTime(found.time),
							" · ",
							t.service,
							" ",
							found.service,
							" · ",
							visible(found.source)
						]
					}),
					!found.whole && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
						className: "muted",
						children: t.cut
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("section", {
						"aria-label": t.body,
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ShownValue, {
							value: found.body,
							name: `dead-${seq}`
						})
					})
				] }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
					className: "row",
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: () => dialog.current?.close(),
						children: ui.close
					})
				})
			]
		})
	});
}
// src/screens/operations/dead-letters.tsx
/** Messages that could not be handled: read, put back in their queue, or dropped. */
var PAGE$4 = 50;
function DeadLettersTab() {
	const t = useTexts(deadTexts);
	const { reason, run_id } = useSearch({ from: "/operations" });
	const queries = useQueryClient();
	const [selected, select] = (0, import_react.useState)(/* @__PURE__ */ new Set());
	const [act, setAct] = (0, import_react.useState)(null);
	const [open, setOpen] = (0, import_react.useState)(null);
	const refresh = () => void queries.invalidateQueries({ queryKey: ["dead"] });
	useChanges(["dead"], refresh, 2e3);
	const number = count(selected.size);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(DeadFilters, {}),
		selected.size > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "row",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => setAct("requeue"),
				children: t.requeue(number)
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "danger",
				onClick: () => setAct("drop"),
				children: t.drop(number)
			})]
		}),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Paged, {
			queryKey: [
				"dead",
				reason,
				run_id
			],
			read: async (cursor, signal) => {
				const page = (await call("get", "/api/dead", {
					query: {
						reason,
						run_id,
						cursor,
						limit: PAGE$4
					},
					signal
				})).data;
				return {
					...page,
					items: page.items.toReversed()
				};
			},
			children: (letters) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Letters, {
				letters,
				selecting: {
					selected,
					select
				},
				open: setOpen
			})
		}),
		act && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Confirm, {
			title: act === "drop" ? t.dropTitle(number) : t.requeueTitle(number),
			go: act === "drop" ? t.goDrop : t.go,
			danger: act === "drop",
			act: () => carriedOut(act, selected),
			close: (done) => {
				setAct(null);
				if (!done) return;
				select(/* @__PURE__ */ new Set());
				refresh();
			},
			children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: act === "drop" ? t.dropHelp : t.requeueHelp })
		}),
		open !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DeadLetter, {
			seq: open,
			close: () => setOpen(null)
		})
	] });
}
async function carriedOut(act, selected) {
	const body = { seqs: [...selected].map(Number) };
	return (act === "drop" ? await call("post", "/api/dead/drop", { body }) : await call("post", "/api/dead/requeue", { body })).data.items.map(({ seq, problem }) => ({
		id: String(seq),
		problem
	}));
}
function Letters({ letters, selecting, open }) {
	const t = useTexts(deadTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DataTable, {
		caption: t.caption,
		rows: letters,
		keyOf: (letter) => String(letter.seq),
		none: t.none,
		selecting,
		columns: [
			{
				head: t.seq,
				className: "number",
				cell: (letter) => letter.seq
			},
			{
				head: t.time,
				cell: (letter) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					title: dateTime(letter.time),
					children: ago(letter.time)
				})
			},
			{
				head: t.reason,
				className: "wrap",
				cell: (letter) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: letter.code }),
					" ",
					visible(letter.reason)
				] })
			},
			{
				head: t.source,
				className: "hide-narrow wrap mono",
				cell: (letter) => visible(letter.source)
			},
			{
				head: t.run,
				className: "hide-narrow",
				cell: (letter) => letter.run_id && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Link, {
					to: "/r/$runId",
					params: { runId: letter.run_id },
					className: "mono",
					children: [letter.run_id.slice(0, 8), "…"]
				})
			},
			{
				head: t.size,
				className: "number hide-narrow",
				cell: (letter) => bytes(letter.size)
			},
			{
				head: t.open,
				quiet: true,
				cell: (letter) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: () => open(letter.seq),
					children: t.open
				})
			}
		]
	});
}
function DeadFilters() {
	const t = useTexts(deadTexts);
	const search = useSearch({ from: "/operations" });
	const navigate = useNavigate({ from: "/operations" });
	const put = (name, value) => void navigate({
		search: ({ [name]: _, ...others }) => value ? {
			...others,
			[name]: value
		} : others,
		replace: true
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("search", {
		className: "row",
		children: ["reason", "run_id"].map((name) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [
			name === "reason" ? t.filterReason : t.filterRun,
			" ",
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				defaultValue: search[name],
				onBlur: (event) => put(name, event.target.value.trim()),
				onKeyDown: (event) => {
					if (event.key === "Enter") put(name, event.currentTarget.value.trim());
				}
			}, search[name] ?? "")
		] }, name))
	});
}
// src/screens/operations/files.tsx
/** Files: uploaded, and shown as what stands for them. */
function FilesTab() {
	const t = useTexts(connectionTexts);
	const [files, setFiles] = (0, import_react.useState)([]);
	const [busy, setBusy] = (0, import_react.useState)(false);
	const [refused, setRefused] = (0, import_react.useState)(null);
	const store = async (chosen) => {
		setBusy(true);
		setRefused(null);
		for (const file of chosen ?? []) try {
			const stored = await upload(file);
			setFiles((before) => [stored, ...before.filter((one) => one.$file !== stored.$file)]);
		} catch (problem) {
			setRefused(problem);
		}
		setBusy(false);
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
			className: "muted",
			children: t.uploadHelp
		}),
		/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [
			t.upload,
			" ",
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				type: "file",
				multiple: true,
				disabled: busy,
				onChange: (event) => void store(event.target.files)
			})
		] }),
		refused !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: refused }),
		files.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Empty, { children: t.noFiles }),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
			className: "plain",
			children: files.map((file) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
				className: "card stack",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
					className: "row",
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(FileLink, { file })
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "muted",
					children: t.value
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("pre", { children: JSON.stringify(file) })] })]
			}, file.$file))
		})
	] });
}
// src/screens/operations/knowledge-texts.ts
var knowledgeTexts = defineTexts({
	bases: "Knowledge bases",
	none: "No knowledge base yet",
	name: "Name",
	documents: "Documents",
	chunks: "Passages",
	model: "Embedding model",
	fullText: "full text alone",
	create: "New knowledge base",
	make: "Make it",
	description: "Description",
	modelHelp: "name, or provider/name; empty: full text alone",
	remove: "Delete",
	removeBase: (base) => `Delete the base ${base} with all that is in it?`,
	removeDocument: (document) => `Delete the document ${document}?`,
	back: "All knowledge bases",
	backToBase: "All documents",
	noDocuments: "Nothing is indexed yet",
	indexed: "Indexed",
	source: "Source",
	search: "Search",
	query: "What is looked for",
	mode: "How",
	best: "by itself",
	full_text: "by words",
	semantic: "by meaning",
	hybrid: "by both",
	most: "At most",
	nothing: "Nothing was found",
	score: "score",
	addFiles: "Add files",
	addUrl: "Add an address",
	add: "Add",
	indexing: "It is being indexed by the run",
	noChunks: "It has no passages"
}, {
	bases: "知识库",
	none: "还没有知识库",
	name: "名称",
	documents: "文档",
	chunks: "片段",
	model: "嵌入模型",
	fullText: "仅全文检索",
	create: "新建知识库",
	make: "创建",
	description: "说明",
	modelHelp: "名称或 提供方/名称；留空则仅全文检索",
	remove: "删除",
	removeBase: (base) => `删除知识库 ${base} 及其全部内容？`,
	removeDocument: (document) => `删除文档 ${document}？`,
	back: "全部知识库",
	backToBase: "全部文档",
	noDocuments: "还没有索引任何内容",
	indexed: "索引时间",
	source: "来源",
	search: "检索",
	query: "检索内容",
	mode: "方式",
	best: "自动",
	full_text: "按词语",
	semantic: "按语义",
	hybrid: "两者结合",
	most: "最多",
	nothing: "没有找到",
	score: "得分",
	addFiles: "添加文件",
	addUrl: "添加网址",
	add: "添加",
	indexing: "正在由此运行索引",
	noChunks: "没有片段"
});
// src/screens/operations/knowledge-search.tsx
/** Looks for passages in a knowledge base, as a workflow would. */
var MODES = [
	"hybrid",
	"semantic",
	"full_text"
];
var MOST = 100;
function KnowledgeSearch({ base }) {
	const t = useTexts(knowledgeTexts);
	const [found, setFound] = (0, import_react.useState)(null);
	const [refused, setRefused] = (0, import_react.useState)(null);
	const search = async (event) => {
		event.preventDefault();
		const said = new FormData(event.currentTarget);
		const mode = String(said.get("mode"));
		const body = {
			query: String(said.get("query")),
			top_k: Number(said.get("top_k")),
			...mode && { mode }
		};
		setRefused(null);
		try {
			setFound((await call("post", "/api/knowledge/{base}/search", {
				path: { base },
				body
			})).data.items);
		} catch (problem) {
			setRefused(problem);
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("search", {
		className: "stack",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
				className: "row",
				onSubmit: (event) => void search(event),
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [
						t.query,
						" ",
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
							name: "query",
							required: true
						})
					] }),
					/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [
						t.mode,
						" ",
						/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
							name: "mode",
							children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
								value: "",
								children: t.best
							}), MODES.map((mode) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
								value: mode,
								children: t[mode]
							}, mode))]
						})
					] }),
					/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [
						t.most,
						" ",
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
							name: "top_k",
							type: "number",
							min: 1,
							max: MOST,
							defaultValue: 5
						})
					] }),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "submit",
						className: "primary",
						children: t.search
					})
				]
			}),
			refused !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: refused }),
			found?.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Empty, { children: t.nothing }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ol", { children: found?.map((passage, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
				className: "card",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "row spread",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: visible(String(passage.title ?? "")) }), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
						className: "muted",
						children: [
							t.score,
							" ",
							Number(passage.score ?? 0).toFixed(3)
						]
					})]
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("pre", { children: visible(String(passage.content ?? "")) })]
			}, index)) })
		]
	});
}
// src/screens/operations/knowledge-base.tsx
/** One knowledge base: its documents, what is added to it, and searching it. */
var PAGE$3 = 50;
function KnowledgeBase({ base }) {
	const t = useTexts(knowledgeTexts);
	const queries = useQueryClient();
	const [removing, setRemoving] = (0, import_react.useState)("");
	const [indexing, setIndexing] = (0, import_react.useState)("");
	const refresh = () => void queries.invalidateQueries({ queryKey: ["knowledge"] });
	useChanges(["run"], (changes) => {
		if (changes.some((one) => one.type === "run" && one.run_id === indexing && one.ended_at !== null)) refresh();
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Link, {
			to: "/operations",
			search: { tab: "knowledge" },
			children: ["← ", t.back]
		}) }),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: base }),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(KnowledgeSearch, { base }),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t.documents }),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Adding, {
			base,
			begun: setIndexing
		}),
		indexing && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
			role: "status",
			children: [
				t.indexing,
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
					to: "/r/$runId",
					params: { runId: indexing },
					className: "mono",
					children: indexing
				})
			]
		}),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Paged, {
			queryKey: [
				"knowledge",
				"documents",
				base
			],
			read: async (cursor, signal) => {
				return (await call("get", "/api/knowledge/{base}/documents", {
					path: { base },
					query: {
						cursor,
						limit: PAGE$3
					},
					signal
				})).data;
			},
			children: (documents) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Documents, {
				documents,
				remove: setRemoving
			})
		}),
		removing && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Confirm, {
			title: t.removeDocument(removing),
			go: t.remove,
			danger: true,
			act: async () => {
				await call("post", "/api/knowledge/{base}/delete", {
					path: { base },
					body: { ids: [removing] }
				});
			},
			close: (done) => {
				setRemoving("");
				if (done) refresh();
			}
		})
	] });
}
function Documents({ documents, remove }) {
	const t = useTexts(knowledgeTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DataTable, {
		caption: t.documents,
		rows: documents,
		keyOf: (one) => one.id,
		none: t.noDocuments,
		columns: [
			{
				head: t.name,
				className: "wrap",
				cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
					to: "/operations",
					search: {
						tab: "knowledge",
						base: one.base,
						document: one.id
					},
					children: visible(one.name || one.id)
				})
			},
			{
				head: t.chunks,
				className: "number",
				cell: (one) => count(one.chunks)
			},
			{
				head: t.source,
				className: "hide-narrow wrap",
				cell: (one) => visible(one.source)
			},
			{
				head: t.indexed,
				className: "hide-narrow",
				cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					title: dateTime(one.indexed_at),
					children: ago(one.indexed_at)
				})
			},
			{
				head: t.remove,
				quiet: true,
				cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: "danger",
					onClick: () => remove(one.id),
					children: t.remove
				})
			}
		]
	});
}
function Adding({ base, begun }) {
	const t = useTexts(knowledgeTexts);
	const [url, setUrl] = (0, import_react.useState)("");
	const [busy, setBusy] = (0, import_react.useState)(false);
	const [refused, setRefused] = (0, import_react.useState)(null);
	const act = async (what) => {
		setBusy(true);
		setRefused(null);
		try {
			begun(await what());
		} catch (problem) {
			setRefused(problem);
		} finally {
			setBusy(false);
		}
	};
	const addFiles = (files) => act(async () => {
		const body = new FormData();
		for (const file of files ?? []) body.append("file", file, file.name);
		const path = `/api/knowledge/${encodeURIComponent(base)}/files`;
		return (await (await exchange("post", path, { body })).json()).run_id;
	});
	const addUrl = () => act(async () => {
		const { run_id } = (await call("post", "/api/knowledge/{base}/documents", {
			path: { base },
			body: { urls: [url] }
		})).data;
		setUrl("");
		return run_id;
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "row",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [
			t.addFiles,
			" ",
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				type: "file",
				multiple: true,
				disabled: busy,
				onChange: (event) => void addFiles(event.target.files)
			})
		] }), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
			className: "row",
			onSubmit: (event) => {
				event.preventDefault();
				addUrl();
			},
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [
				t.addUrl,
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					type: "url",
					required: true,
					value: url,
					onChange: (event) => setUrl(event.target.value)
				})
			] }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "submit",
				disabled: busy,
				children: t.add
			})]
		})]
	}), refused !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: refused })] });
}
// src/screens/operations/knowledge-document.tsx
/** A document of a knowledge base with the passages that it was cut into. */
var PAGE$2 = 50;
function KnowledgeDocument({ base, document }) {
	const t = useTexts(knowledgeTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Link, {
			to: "/operations",
			search: {
				tab: "knowledge",
				base
			},
			children: ["← ", t.backToBase]
		}) }),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", {
			className: "wrap",
			children: visible(document)
		}),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Paged, {
			queryKey: [
				"knowledge",
				"chunks",
				base,
				document
			],
			read: async (cursor, signal) => {
				return (await call("get", "/api/knowledge/{base}/chunks", {
					path: { base },
					query: {
						document,
						cursor,
						limit: PAGE$2
					},
					signal
				})).data;
			},
			children: (chunks) => chunks.length === 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Empty, { children: t.noChunks }) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ol", { children: chunks.map((chunk) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
				className: "card",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "muted",
					children: [
						chunk.index + 1,
						" ",
						visible((chunk.headings ?? []).join(" › "))
					]
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("pre", { children: visible(chunk.text) })]
			}, chunk.id)) })
		})
	] });
}
// src/screens/operations/knowledge.tsx
/** Knowledge bases: which there are, and the way into each. */
var PAGE$1 = 50;
function KnowledgeTab() {
	const { base, document } = useSearch({ from: "/operations" });
	if (base && document) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(KnowledgeDocument, {
		base,
		document
	});
	return base ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(KnowledgeBase, { base }, base) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Bases, {});
}
function Bases() {
	const t = useTexts(knowledgeTexts);
	const queries = useQueryClient();
	const [removing, setRemoving] = (0, import_react.useState)("");
	const refresh = () => void queries.invalidateQueries({ queryKey: ["knowledge"] });
	const columns = [
		{
			head: t.name,
			cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
				to: "/operations",
				search: {
					tab: "knowledge",
					base: one.name
				},
				children: visible(one.name)
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
				className: "muted",
				children: visible(one.description)
			})] })
		},
		{
			head: t.documents,
			className: "number",
			cell: (one) => count(one.documents)
		},
		{
			head: t.chunks,
			className: "number",
			cell: (one) => count(one.chunks)
		},
		{
			head: t.model,
			className: "hide-narrow",
			cell: (one) => one.embedding?.model ?? t.fullText
		},
		{
			head: t.remove,
			quiet: true,
			cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "danger",
				onClick: () => setRemoving(one.name),
				children: t.remove
			})
		}
	];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Paged, {
			queryKey: ["knowledge", "bases"],
			read: async (cursor, signal) => (await call("get", "/api/knowledge", {
				query: {
					cursor,
					limit: PAGE$1
				},
				signal
			})).data,
			children: (bases) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DataTable, {
				caption: t.bases,
				rows: bases,
				keyOf: (one) => one.name,
				none: t.none,
				columns
			})
		}),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(NewBase, { made: refresh }),
		removing && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Confirm, {
			title: t.removeBase(removing),
			go: t.remove,
			danger: true,
			act: async () => {
				await call("delete", "/api/knowledge/{base}", { path: { base: removing } });
			},
			close: (done) => {
				setRemoving("");
				if (done) refresh();
			}
		})
	] });
}
var NO_PROBLEMS = /* @__PURE__ */ new Map();
function NewBase({ made }) {
	const t = useTexts(knowledgeTexts);
	const empty = {
		name: "",
		description: "",
		embedding_model: ""
	};
	const [value, setValue] = (0, import_react.useState)(empty);
	const [refused, setRefused] = (0, import_react.useState)(null);
	const make = async () => {
		setRefused(null);
		try {
			await call("post", "/api/knowledge", { body: value });
			setValue(empty);
			made();
		} catch (problem) {
			setRefused(problem);
		}
	};
	const field = (name, title, description = "") => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueField, {
		name: title,
		schema: {
			type: "string",
			maxLength: 80,
			description
		},
		required: name === "name",
		value: value[name],
		change: (next) => setValue({
			...value,
			[name]: next ?? ""
		}),
		place: name,
		problems: NO_PROBLEMS
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", { children: t.create }), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
		className: "fields",
		onSubmit: (event) => {
			event.preventDefault();
			make();
		},
		children: [
			field("name", t.name),
			field("description", t.description),
			field("embedding_model", t.model, t.modelHelp),
			refused !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: refused }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "submit",
				className: "primary start",
				children: t.make
			})
		]
	})] });
}
// src/screens/operations/use-operations.ts
/** What the broker knows of the deployment, asked every few seconds while somebody looks at it. */
/** Milliseconds; executors say every three seconds that they are there. */
var EVERY = 5e3;
function useOperations() {
	return useQuery({
		queryKey: ["operations"],
		refetchInterval: EVERY,
		queryFn: async ({ signal }) => (await call("get", "/api/operations", { signal })).data
	});
}
// src/screens/operations/standing.tsx
function Standing({ children }) {
	const { data, error, refetch } = useOperations();
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, {
		error,
		again: () => void refetch()
	}), data ? children(data) : !error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {})] });
}
// src/screens/operations/texts.ts
var operationsTexts = defineTexts({
	title: "Operations",
	tabs: "Parts of operations",
	queues: "Queues",
	schedulers: "Schedulers",
	dead: "Dead letters",
	schedules: "Schedules",
	triggers: "Triggers",
	protection: "Protection",
	storage: "Storage",
	knowledge: "Knowledge",
	connections: "Connections",
	files: "Files",
	group: "Group",
	pending: "Waiting",
	inFlight: "In hand",
	redelivered: "Handed out again",
	oldest: "Oldest",
	kinds: "By kind",
	executors: "Executors",
	noQueues: "No queue has tasks or executors",
	noExecutors: "No executor is there",
	id: "Id",
	host: "Host",
	version: "Version",
	busy: "Busy",
	of: (busy, slots) => `${busy} of ${slots}`,
	lastSeen: "Last seen",
	partitions: "Partitions",
	partitionCount: "Number",
	noSchedulers: "No scheduler is there: runs wait",
	breakers: "Circuit breakers",
	breaker: "Node",
	state: "State",
	closed: "closed",
	open: "open",
	half_open: "half open",
	failures: "Failures",
	until: "Open until",
	reset: "Close it",
	noBreakers: "No breaker has met failures",
	limits: "Concurrency keys in use",
	key: "Key",
	holding: "Running",
	noLimits: "No concurrency key is in use",
	stream: "Stream",
	messages: "Messages",
	size: "Size",
	limit: "Limit",
	sequences: "Sequences",
	noStreams: "No stream is there",
	workflow: "Workflow"
}, {
	title: "运维",
	tabs: "运维各部分",
	queues: "队列",
	schedulers: "调度器",
	dead: "死信",
	schedules: "定时",
	triggers: "触发器",
	protection: "保护",
	storage: "存储",
	knowledge: "知识库",
	connections: "连接",
	files: "文件",
	group: "组",
	pending: "等待",
	inFlight: "处理中",
	redelivered: "重新派发",
	oldest: "最久",
	kinds: "按类型",
	executors: "执行器",
	noQueues: "没有任何队列有任务或执行器",
	noExecutors: "没有执行器",
	id: "标识",
	host: "主机",
	version: "版本",
	busy: "占用",
	of: (busy, slots) => `${busy} / ${slots}`,
	lastSeen: "最近出现",
	partitions: "分区",
	partitionCount: "数量",
	noSchedulers: "没有调度器：运行都在等待",
	breakers: "熔断器",
	breaker: "节点",
	state: "状态",
	closed: "关闭",
	open: "断开",
	half_open: "半开",
	failures: "失败数",
	until: "断开至",
	reset: "恢复",
	noBreakers: "没有熔断器遇到失败",
	limits: "使用中的并发键",
	key: "键",
	holding: "运行中",
	noLimits: "没有使用中的并发键",
	stream: "流",
	messages: "消息数",
	size: "大小",
	limit: "上限",
	sequences: "序号",
	noStreams: "没有流",
	workflow: "工作流"
});
// src/screens/operations/protection.tsx
/** What keeps calls back: circuit breakers and concurrency keys. */
function ProtectionTab() {
	const t = useTexts(operationsTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Standing, { children: ({ breakers, limits }) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t.breakers }),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Breakers, { breakers }),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t.limits }),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(DataTable, {
			caption: t.limits,
			rows: limits,
			keyOf: (one) => `${one.workflow_id} ${one.key}`,
			none: t.noLimits,
			columns: [
				{
					head: t.workflow,
					cell: (one) => one.workflow_id
				},
				{
					head: t.key,
					className: "wrap",
					cell: (one) => one.key
				},
				{
					head: t.holding,
					className: "number",
					cell: (one) => count(one.holding)
				},
				{
					head: t.pending,
					className: "number",
					cell: (one) => count(one.waiting)
				}
			]
		})
	] }) });
}
var LOOKS = {
	closed: {
		tone: "good",
		icon: "✓"
	},
	open: {
		tone: "bad",
		icon: "✕"
	},
	half_open: {
		tone: "warn",
		icon: "…"
	}
};
function Breakers({ breakers }) {
	const t = useTexts(operationsTexts);
	const queries = useQueryClient();
	const [refused, setRefused] = (0, import_react.useState)(null);
	const reset = async (id) => {
		setRefused(null);
		try {
			await call("post", "/api/operations/breakers/reset", { body: { ids: [id] } });
			await queries.invalidateQueries({ queryKey: ["operations"] });
		} catch (problem) {
			setRefused(problem);
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [refused !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: refused }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DataTable, {
		caption: t.breakers,
		rows: breakers,
		keyOf: (one) => one.id,
		none: t.noBreakers,
		columns: [
			{
				head: t.breaker,
				cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
					one.workflow_id,
					" ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
						className: "mono muted",
						children: one.node
					})
				] })
			},
			{
				head: t.state,
				cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
					className: `status tone-${LOOKS[one.state].tone}`,
					children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							"aria-hidden": "true",
							children: LOOKS[one.state].icon
						}),
						" ",
						t[one.state]
					]
				})
			},
			{
				head: t.failures,
				className: "number",
				cell: (one) => count(one.failures)
			},
			{
				head: t.until,
				className: "hide-narrow",
				cell: (one) => one.opens_until !== null && dateTime(one.opens_until)
			},
			{
				head: t.reset,
				quiet: true,
				cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: () => void reset(one.id),
					children: t.reset
				})
			}
		]
	})] });
}
// src/screens/operations/queues.tsx
/** The queues of executor groups, and who works on them. */
function QueuesTab() {
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Standing, { children: ({ groups }) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Queues, { groups }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Executors, { groups })] }) });
}
var age = (seconds) => seconds === null ? "" : duration(seconds);
function Queues({ groups }) {
	const t = useTexts(operationsTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DataTable, {
		caption: t.queues,
		rows: groups,
		keyOf: (group) => group.group,
		none: t.noQueues,
		columns: [
			{
				head: t.group,
				cell: (group) => group.group
			},
			{
				head: t.pending,
				className: "number",
				cell: (group) => count(group.pending)
			},
			{
				head: t.inFlight,
				className: "number",
				cell: (group) => count(group.in_flight)
			},
			{
				head: t.redelivered,
				className: "number hide-narrow",
				cell: (group) => count(group.redelivered)
			},
			{
				head: t.oldest,
				className: "number",
				cell: (group) => age(group.oldest_seconds)
			},
			{
				head: t.kinds,
				className: "hide-narrow",
				cell: (group) => group.types.map((type) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "muted",
					children: [
						type.type,
						" ",
						count(type.tasks),
						" ",
						age(type.oldest_seconds)
					]
				}, type.type))
			}
		]
	});
}
function Executors({ groups }) {
	const t = useTexts(operationsTexts);
	const executors = groups.flatMap((group) => group.executors.map((executor) => ({
		...executor,
		group: group.group
	})));
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t.executors }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DataTable, {
		caption: t.executors,
		rows: executors,
		keyOf: (executor) => `${executor.group} ${executor.id}`,
		none: t.noExecutors,
		columns: [
			{
				head: t.id,
				cell: (executor) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "mono",
					children: executor.id
				})
			},
			{
				head: t.group,
				cell: (executor) => executor.group
			},
			{
				head: t.host,
				className: "hide-narrow",
				cell: (executor) => executor.host
			},
			{
				head: t.version,
				className: "hide-narrow",
				cell: (executor) => executor.version
			},
			{
				head: t.busy,
				className: "number",
				cell: (executor) => t.of(count(executor.busy), count(executor.slots))
			},
			{
				head: t.lastSeen,
				cell: (executor) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					title: dateTime(executor.last_seen),
					children: ago(executor.last_seen)
				})
			}
		]
	})] });
}
// src/screens/operations/partitions.ts
/** Numbers of partitions as people write them. */
/** `[0, 1, 2, 5]` as `0–2, 5`. */
function spans(numbers) {
	const found = [];
	for (const number of [...numbers].sort((a, b) => a - b)) {
		const last = found.at(-1);
		if (last && number <= last[1] + 1) last[1] = number;
		else found.push([number, number]);
	}
	return found.map(([first, end]) => first === end ? `${first}` : `${first}–${end}`).join(", ");
}
// src/screens/operations/schedulers.tsx
/** Which scheduler holds which partitions. */
function SchedulersTab() {
	const t = useTexts(operationsTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Standing, { children: ({ schedulers }) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DataTable, {
		caption: t.schedulers,
		rows: schedulers,
		keyOf: (one) => one.id,
		none: t.noSchedulers,
		columns: [
			{
				head: t.id,
				cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "mono",
					children: one.id
				})
			},
			{
				head: t.host,
				className: "hide-narrow",
				cell: (one) => one.host
			},
			{
				head: t.partitionCount,
				className: "number",
				cell: (one) => count(one.partitions.length)
			},
			{
				head: t.partitions,
				className: "wrap",
				cell: (one) => spans(one.partitions)
			},
			{
				head: t.lastSeen,
				cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					title: dateTime(one.last_seen),
					children: ago(one.last_seen)
				})
			}
		]
	}) });
}
// src/screens/operations/schedule-texts.ts
var scheduleTexts = defineTexts({
	schedules: "Schedules of the newest published versions",
	none: "No workflow runs by the clock",
	workflow: "Workflow",
	when: "When",
	next: "Next",
	last: "Last run",
	act: "Do",
	pause: "Pause",
	resume: "Resume",
	run: "Run now",
	paused: (since) => `paused ${since}`,
	inactive: "the broker does not have it",
	begun: "It runs:",
	pauseTitle: (workflow) => `Pause the schedules of ${workflow}?`,
	pauseHelp: "What would have run meanwhile is not made up for.",
	reason: "Reason",
	unreadable: "The schedules of these workflows cannot be read:",
	webhooks: "Webhooks",
	noWebhooks: "No workflow has a webhook",
	path: "Address",
	methods: "Methods",
	auth: "Senders prove themselves by",
	answer: "Answer",
	conflict: "two workflows have this path: none answers",
	subjects: "Subjects",
	noSubjects: "No workflow begins with messages",
	subject: "Subject",
	stream: "Stream",
	waiting: "Waiting",
	inHand: "In hand",
	state: "State",
	active: "comes"
}, {
	schedules: "各工作流最新发布版本的定时",
	none: "没有按时运行的工作流",
	workflow: "工作流",
	when: "时间",
	next: "下次",
	last: "上次运行",
	act: "操作",
	pause: "暂停",
	resume: "恢复",
	run: "立即运行",
	paused: (since) => `${since}暂停`,
	inactive: "消息服务器上没有它",
	begun: "已开始运行：",
	pauseTitle: (workflow) => `暂停 ${workflow} 的定时？`,
	pauseHelp: "期间错过的运行不会补上。",
	reason: "原因",
	unreadable: "以下工作流的定时无法读取：",
	webhooks: "Webhook",
	noWebhooks: "没有工作流使用 Webhook",
	path: "地址",
	methods: "方法",
	auth: "发送方验证方式",
	answer: "应答",
	conflict: "有两个工作流使用此路径：都不应答",
	subjects: "主题",
	noSubjects: "没有由消息启动的工作流",
	subject: "主题",
	stream: "流",
	waiting: "等待",
	inHand: "处理中",
	state: "状态",
	active: "正常接收"
});
// src/screens/operations/schedules.tsx
/** Workflows that run by the clock: when next, and the means to pause them or run them now. */
var PAGE = 50;
function SchedulesTab() {
	const t = useTexts(scheduleTexts);
	const queries = useQueryClient();
	const [pausing, setPausing] = (0, import_react.useState)("");
	const [begun, setBegun] = (0, import_react.useState)("");
	const [refused, setRefused] = (0, import_react.useState)(null);
	const [unreadable, setUnreadable] = (0, import_react.useState)([]);
	const refresh = () => void queries.invalidateQueries({ queryKey: ["schedules"] });
	useChanges(["workflow"], refresh, 2e3);
	const act = async (what) => {
		setRefused(null);
		setBegun("");
		try {
			await what();
			refresh();
		} catch (problem) {
			setRefused(problem);
		}
	};
	const resume = (workflow) => act(() => call("post", "/api/schedules/{workflow_id}/resume", { path: { workflow_id: workflow } }));
	const run = ({ workflow_id, id: schedule_id }) => act(async () => {
		const answer = await call("post", "/api/schedules/{workflow_id}/{schedule_id}/run", { path: {
			workflow_id,
			schedule_id
		} });
		setBegun(answer.data.run_id);
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		refused !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: refused }),
		begun && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
			role: "status",
			children: [
				t.begun,
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
					to: "/r/$runId",
					params: { runId: begun },
					className: "mono",
					children: begun
				})
			]
		}),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Paged, {
			queryKey: ["schedules"],
			read: async (cursor, signal) => {
				const page = (await call("get", "/api/schedules", {
					query: {
						cursor,
						limit: PAGE
					},
					signal
				})).data;
				setUnreadable(page.unreadable);
				return page;
			},
			children: (schedules) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Schedules, {
				schedules,
				pause: setPausing,
				resume: (workflow) => void resume(workflow),
				run: (schedule) => void run(schedule)
			})
		}),
		unreadable.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.unreadable }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", { children: unreadable.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", { children: [
			one.workflow_id,
			": ",
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", { children: one.code }),
			" ",
			one.reason
		] }, one.workflow_id)) })] }),
		pausing && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Pausing, {
			workflow: pausing,
			close: (done) => {
				setPausing("");
				if (done) refresh();
			}
		})
	] });
}
function Pausing({ workflow, close }) {
	const t = useTexts(scheduleTexts);
	const [reason, setReason] = (0, import_react.useState)("");
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Confirm, {
		title: t.pauseTitle(workflow),
		go: t.pause,
		act: async () => {
			await call("post", "/api/schedules/{workflow_id}/pause", {
				path: { workflow_id: workflow },
				query: { reason }
			});
		},
		close,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.pauseHelp }), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [
			t.reason,
			" ",
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				value: reason,
				onChange: (event) => setReason(event.target.value)
			})
		] })]
	});
}
function Schedules({ schedules, pause, resume, run }) {
	const t = useTexts(scheduleTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DataTable, {
		caption: t.schedules,
		rows: schedules,
		keyOf: (one) => `${one.workflow_id} ${one.id}`,
		none: t.none,
		columns: [
			{
				head: t.workflow,
				cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
					to: "/w/$workflowId",
					params: { workflowId: one.workflow_id },
					children: one.workflow_id
				})
			},
			{
				head: t.when,
				cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "mono",
						children: one.cron
					}),
					" ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "muted",
						children: one.timezone || "UTC"
					})
				] })
			},
			{
				head: t.next,
				cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Next, { schedule: one })
			},
			{
				head: t.last,
				className: "hide-narrow",
				cell: (one) => one.last_run && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Link, {
					to: "/r/$runId",
					params: { runId: one.last_run.run_id },
					children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Status, { status: one.last_run.status }),
						" ",
						one.last_run.started_at !== null && ago(one.last_run.started_at)
					]
				})
			},
			{
				head: t.act,
				quiet: true,
				cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "row",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: () => run(one),
						children: t.run
					}), one.paused_at === null ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: () => pause(one.workflow_id),
						children: t.pause
					}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: () => resume(one.workflow_id),
						children: t.resume
					})]
				})
			}
		]
	});
}
function Next({ schedule }) {
	const t = useTexts(scheduleTexts);
	if (schedule.paused_at !== null) return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", { children: [
		"‖ ",
		t.paused(ago(schedule.paused_at)),
		" ",
		visible(schedule.pause_reason)
	] });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [schedule.next_at !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
		title: ago(schedule.next_at),
		children: dateTime(schedule.next_at)
	}), !schedule.active && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: "muted",
		children: t.inactive
	})] });
}
// src/screens/operations/storage.tsx
/** The streams of the broker: how much is in them, and how much may be. */
function StorageTab() {
	const t = useTexts(operationsTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Standing, { children: ({ streams }) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DataTable, {
		caption: t.storage,
		rows: streams,
		keyOf: (stream) => stream.name,
		none: t.noStreams,
		columns: [
			{
				head: t.stream,
				cell: (stream) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "mono",
					children: stream.name
				})
			},
			{
				head: t.messages,
				className: "number",
				cell: (stream) => count(stream.messages)
			},
			{
				head: t.size,
				className: "number",
				cell: (stream) => bytes(stream.bytes)
			},
			{
				head: t.limit,
				className: "number hide-narrow",
				cell: (stream) => stream.limit_bytes && bytes(stream.limit_bytes)
			},
			{
				head: t.sequences,
				className: "number hide-narrow",
				cell: (stream) => `${count(stream.first_seq)} – ${count(stream.last_seq)}`
			}
		]
	}) });
}
// src/screens/operations/triggers.tsx
/** What begins runs from outside: webhooks, and subjects of the broker. */
function TriggersTab() {
	const t = useTexts(scheduleTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t.webhooks }),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Webhooks, {}),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t.subjects }),
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Subjects, {})
	] });
}
var workflow = (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
	to: "/w/$workflowId",
	params: { workflowId: one.workflow_id },
	children: one.workflow_id
});
function Webhooks() {
	const t = useTexts(scheduleTexts);
	const { data, error } = useQuery({
		queryKey: ["webhooks"],
		queryFn: async () => (await call("get", "/api/webhooks")).data.items
	});
	if (error) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error });
	if (!data) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DataTable, {
		caption: t.webhooks,
		rows: data,
		keyOf: (one) => `${one.workflow_id} ${one.path}`,
		none: t.noWebhooks,
		columns: [
			{
				head: t.path,
				className: "wrap",
				cell: (one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "mono",
					children: `${location.origin}/hooks/${visible(one.path)}`
				}), one.conflict && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "field-problem",
					children: ["✕ ", t.conflict]
				})] })
			},
			{
				head: t.workflow,
				cell: workflow
			},
			{
				head: t.methods,
				className: "hide-narrow",
				cell: (one) => one.methods.join(" ")
			},
			{
				head: t.auth,
				className: "hide-narrow",
				cell: (one) => one.auth
			},
			{
				head: t.answer,
				className: "hide-narrow",
				cell: (one) => one.answer
			}
		]
	});
}
function Subjects() {
	const t = useTexts(scheduleTexts);
	const { data, error } = useQuery({
		queryKey: ["subjects"],
		queryFn: async () => (await call("get", "/api/subjects")).data.items
	});
	if (error) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error });
	if (!data) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(DataTable, {
		caption: t.subjects,
		rows: data,
		keyOf: (one) => `${one.workflow_id} ${one.stream} ${one.subject}`,
		none: t.noSubjects,
		columns: [
			{
				head: t.subject,
				className: "wrap mono",
				cell: (one) => visible(one.subject)
			},
			{
				head: t.workflow,
				cell: workflow
			},
			{
				head: t.stream,
				className: "hide-narrow",
				cell: (one) => visible(one.stream)
			},
			{
				head: t.waiting,
				className: "number",
				cell: (one) => count(one.waiting)
			},
			{
				head: t.inHand,
				className: "number",
				cell: (one) => count(one.in_hand)
			},
			{
				head: t.state,
				className: "wrap",
				cell: (one) => one.active ? `✓ ${t.active}` : /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
					className: "field-problem",
					children: ["✕ ", visible(one.problem)]
				})
			}
		]
	});
}
// src/screens/operations/screen.tsx
/** How the deployment stands, part by part. */
var TABS = {
	queues: QueuesTab,
	schedulers: SchedulersTab,
	dead: DeadLettersTab,
	schedules: SchedulesTab,
	triggers: TriggersTab,
	protection: ProtectionTab,
	storage: StorageTab,
	knowledge: KnowledgeTab,
	connections: ConnectionsTab,
	files: FilesTab
};
function OperationsScreen() {
	const t = useTexts(operationsTexts);
	const { tab = "queues" } = useSearch({ from: "/operations" });
	const chosen = Object.hasOwn(TABS, tab) ? tab : "queues";
	const Shown = TABS[chosen];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "page stack operations",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h1", { children: t.title }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("nav", {
				"aria-label": t.tabs,
				className: "tabs",
				children: Object.keys(TABS).map((name) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
					to: "/operations",
					search: { tab: name },
					"aria-current": name === chosen ? "page" : void 0,
					activeProps: {},
					children: t[name]
				}, name))
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
				className: "stack",
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Shown, {})
			})
		]
	});
}
export { OperationsScreen };
