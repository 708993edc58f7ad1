import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { a as Loading, d as useSearch, i as Empty, l as Link, o as Problem, p as useQuery, s as visible, u as useNavigate, v as useQueryClient } from "./index-DgqGT2MN.js";
import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { a as remove, c as chatflowOf, i as clear, l as chatflows, n as Thread, o as rename, r as chatTexts, s as workflowOf, t as useMarkdown } from "./use-markdown-D9KMdFSO.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { i as exchange, r as call } from "./client-wO5ukrQM.js";
import { t as ago } from "./numbers-DREmUqdS.js";
import { n as Confirm, t as Paged } from "./paged-DE5ldpfW.js";
import { t as ShownValue } from "./shown-value-B5SjmbdD.js";
import { a as schemaOf } from "./value-field-DK01RK0K.js";
// src/screens/chat/conversation-list.tsx
/** The conversations of a user with a workflow, and what is done to them. */
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
var PAGE = 50;
function ConversationList({ workflow, user, chosen, left }) {
	const t = useTexts(chatTexts);
	const queries = useQueryClient();
	const [renaming, setRenaming] = (0, import_react.useState)(null);
	const [removing, setRemoving] = (0, import_react.useState)(null);
	const [clearing, setClearing] = (0, import_react.useState)(null);
	/** What is shown of it goes at once, and what comes instead is read anew. */
	const cleared = () => void queries.resetQueries({ queryKey: ["conversations", user] });
	const refresh = () => void queries.invalidateQueries({ queryKey: ["conversations"] });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Paged, {
			queryKey: [
				"conversations",
				user,
				"list"
			],
			read: async (cursor, signal) => {
				return (await call("get", "/api/conversations", {
					query: {
						user_id: user,
						cursor,
						limit: PAGE
					},
					signal
				})).data;
			},
			children: (all) => {
				const ours = all.filter((one) => ["", workflow].includes(workflowOf(one)));
				if (ours.length === 0) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "muted",
					children: t.noConversations
				});
				return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
					className: "conversations",
					children: ours.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", {
						"data-chosen": one.conversation_id === chosen,
						children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Link, {
							to: "/chat",
							search: (before) => ({
								...before,
								workflow_id: workflow,
								conversation_id: one.conversation_id
							}),
							"aria-current": one.conversation_id === chosen ? "true" : void 0,
							activeProps: {},
							children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
								className: "cut",
								children: visible(one.name) || t.unnamed
							}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
								className: "muted small",
								children: ago(one.updated_at)
							})]
						}), one.conversation_id === chosen && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
							className: "row",
							children: [
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
									type: "button",
									className: "plain",
									onClick: () => setRenaming(one),
									children: t.rename
								}),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
									type: "button",
									className: "plain",
									onClick: () => setClearing(one),
									children: t.clear
								}),
								/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
									type: "button",
									className: "plain",
									onClick: () => setRemoving(one),
									children: t.remove
								})
							]
						})]
					}, one.conversation_id))
				});
			}
		}),
		renaming && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Renaming, {
			conversation: renaming,
			close: () => {
				setRenaming(null);
				refresh();
			}
		}),
		clearing && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Confirm, {
			title: t.clearTitle(visible(clearing.name) || t.unnamed),
			go: t.clear,
			danger: true,
			act: async () => {
				await clear(clearing);
			},
			close: (done) => {
				setClearing(null);
				if (done) cleared();
			},
			children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.clearHelp })
		}),
		removing && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Confirm, {
			title: t.removeTitle(visible(removing.name) || t.unnamed),
			go: t.remove,
			danger: true,
			act: async () => {
				await remove(removing);
			},
			close: (done) => {
				setRemoving(null);
				if (!done) return;
				left();
				refresh();
			},
			children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.removeHelp })
		})
	] });
}
function Renaming({ conversation, close }) {
	const t = useTexts(chatTexts);
	const [name, setName] = (0, import_react.useState)(conversation.name);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Confirm, {
		title: t.renameTitle,
		go: t.rename,
		act: async () => {
			await rename(conversation, name);
		},
		close,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [
			t.name,
			" ",
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				value: name,
				onChange: (event) => setName(event.target.value)
			})
		] })
	});
}
// src/screens/chat/variables.ts
/** The variables of a conversation as its newest run has them, read off the run's log. */
var OWNER = "conversation";
var PREFIX = `${OWNER}.`;
/**
* The values after a run's events.
*
* An assignment says what is done; what came of it stands in the outputs of the node that did it.
*/
function variablesAfter(events, nodes) {
	const outputs = new Map(nodes.filter((one) => one.status === "succeeded").map((one) => [one.address, one.outputs]));
	const values = /* @__PURE__ */ new Map();
	for (const event of events) {
		if (event.type === "run_started") {
			const begun = {
				...schemaOf(schemaOf(event.definition).conversation),
				...schemaOf(event.conversation)
			};
			for (const [name, value] of Object.entries(begun)) values.set(name, value);
			continue;
		}
		const address = event.scope ? `${event.scope}/${event.node_id}` : String(event.node_id);
		const came = outputs.get(address);
		if (!came) continue;
		for (const name of assignedBy(event)) if (name in came) values.set(name, came[name]);
	}
	return Object.fromEntries(values);
}
function assignedBy(event) {
	return (Array.isArray(event.assignments) ? event.assignments : []).filter((one) => one.owner === OWNER).map((one) => String(one.variable).replace(PREFIX, ""));
}
/** The variables of the conversation that a run is a part of, as the run has them now. */
async function conversationVariables(run_id, signal) {
	const query = { types: ["run_started", "variables_assigned"] };
	const path = `/api/runs/${encodeURIComponent(run_id)}/events`;
	const [log, run] = await Promise.all([exchange("get", path, {
		query,
		signal,
		accept: "application/x-ndjson"
	}), call("get", "/api/runs/{run_id}", {
		path: { run_id },
		signal
	})]);
	return variablesAfter((await log.text()).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line)), run.data.nodes);
}
// src/screens/chat/variables-panel.tsx
/** What a conversation remembers. */
function VariablesPanel({ conversation, user }) {
	const t = useTexts(chatTexts);
	const [open, setOpen] = (0, import_react.useState)(false);
	const { data, error } = useQuery({
		queryKey: [
			"conversations",
			user,
			conversation,
			"variables"
		],
		enabled: open,
		queryFn: async ({ signal }) => {
			const run = (await call("get", "/api/conversations/{conversation_id}/messages", {
				path: { conversation_id: conversation },
				query: {
					user_id: user,
					limit: 1
				},
				signal
			})).data.items.at(-1)?.run_id;
			return run ? conversationVariables(run, signal) : {};
		}
	});
	const entries = Object.entries(data ?? {});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", {
		className: "variables",
		onToggle: (event) => setOpen(event.currentTarget.open),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", { children: t.variables }),
			error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error }),
			open && !data && !error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {}),
			data && entries.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "muted",
				children: t.noVariables
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dl", { children: entries.map(([name, value]) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("dt", {
				className: "mono",
				children: name
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("dd", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ShownValue, {
				value,
				name
			}) })] }, name)) })
		]
	});
}
// src/screens/chat/version-choice.tsx
/** Which published version is talked to: the newest, whichever it is, or one of them. */
function VersionChoice({ workflow, version, choose }) {
	const t = useTexts(chatTexts);
	const { data, error } = useQuery({
		queryKey: [
			"workflows",
			"versions",
			workflow
		],
		queryFn: async ({ signal }) => {
			return (await call("get", "/api/workflows/{workflow_id}/versions", {
				path: { workflow_id: workflow },
				signal
			})).data.items;
		}
	});
	if (error) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error });
	const known = (data ?? []).map((one) => String(one.version)).toReversed();
	const shown = version === "" || known.includes(version) ? known : [version, ...known];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [t.version, /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
		value: version,
		onChange: (event) => choose(event.target.value),
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
			value: "",
			children: t.newest(known[0] ?? "…")
		}), shown.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
			value: one,
			children: one
		}, one))]
	})] });
}
// src/screens/chat/screen.tsx
/** Talk to a published workflow: its conversations, what was said in them, and what they remember. */
function ChatScreen() {
	const t = useTexts(chatTexts);
	const { workflow_id } = useSearch({ from: "/chat" });
	const { data, error, refetch } = useQuery({
		queryKey: ["workflows", "chatflows"],
		staleTime: 6e4,
		queryFn: ({ signal }) => chatflows(signal)
	});
	const chosen = workflow_id ?? data?.[0]?.id;
	if (chosen) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Chat, {
		choices: data ?? [],
		id: chosen
	});
	if (error) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, {
		error,
		again: () => void refetch()
	});
	if (!data) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Empty, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t.none }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.noneHelp })] });
}
function Chat({ choices, id }) {
	const t = useTexts(chatTexts);
	const { conversation_id = "", user_id = "", version = "" } = useSearch({ from: "/chat" });
	const navigate = useNavigate({ from: "/chat" });
	const who = user_id ? { user_id } : {};
	const which = version ? { version } : {};
	const open = (conversation = "") => void navigate({ search: {
		workflow_id: id,
		...who,
		...which,
		...conversation && { conversation_id: conversation }
	} });
	const offered = choices.some((one) => one.id === id) ? choices : [{
		id,
		name: id
	}, ...choices];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "chat",
		"data-open": conversation_id !== "",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("aside", {
			className: "stack chat-list",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h1", { children: t.title }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [t.workflow, /* @__PURE__ */ (0, import_jsx_runtime.jsx)("select", {
					value: id,
					onChange: ({ target }) => void navigate({ search: {
						workflow_id: target.value,
						...who
					} }),
					children: offered.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
						value: one.id,
						children: visible(one.name)
					}, one.id))
				})] }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(VersionChoice, {
					workflow: id,
					version,
					choose: (next) => void navigate({ search: ({ version: _, ...others }) => ({
						...others,
						...next && { version: next }
					}) })
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [t.user, /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					defaultValue: user_id,
					placeholder: t.nobody,
					onKeyDown: (event) => event.key === "Enter" && event.currentTarget.blur(),
					onBlur: (event) => {
						const user = event.target.value.trim();
						if (user === user_id) return;
						navigate({ search: {
							workflow_id: id,
							...which,
							...user && { user_id: user }
						} });
					}
				}, user_id)] }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
					type: "button",
					onClick: () => open(),
					children: ["+ ", t.begin]
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("section", {
					"aria-label": t.conversations,
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ConversationList, {
						workflow: id,
						user: user_id,
						chosen: conversation_id,
						left: () => open()
					})
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("a", {
					href: `/studio/embed/${encodeURIComponent(id)}`,
					target: "_blank",
					rel: "noreferrer",
					children: t.embed
				})
			]
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ChatPane, {
			id,
			open
		})]
	});
}
function ChatPane({ id, open }) {
	const t = useTexts(chatTexts);
	const { conversation_id = "", user_id = "", version = "" } = useSearch({ from: "/chat" });
	const [markdown, MarkdownChoice] = useMarkdown();
	const { data, error, refetch } = useQuery({
		queryKey: [
			"workflows",
			"chatflow",
			id,
			version
		],
		queryFn: ({ signal }) => chatflowOf(id, version, signal)
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
		className: "chat-pane",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row spread chat-head",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
						type: "button",
						className: "only-narrow",
						onClick: () => open(),
						children: ["← ", t.list]
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", {
						className: "cut",
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
							to: "/w/$workflowId",
							params: { workflowId: id },
							children: visible(data?.name ?? id)
						})
					}),
					MarkdownChoice
				]
			}),
			error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, {
				error,
				again: () => void refetch()
			}),
			data === void 0 && !error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {}),
			data === null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Empty, { children: t.notTaken }),
			conversation_id && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(VariablesPanel, {
				conversation: conversation_id,
				user: user_id
			}, conversation_id),
			data && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Thread, {
				chatflow: data,
				version,
				user: user_id,
				conversation: conversation_id,
				begun: open,
				markdown,
				linked: true
			}, `${id} ${user_id}`)
		]
	});
}
export { ChatScreen };
