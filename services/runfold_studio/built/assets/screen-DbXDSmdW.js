import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { t as useInfiniteQuery } from "./useInfiniteQuery-C3fRwntk.js";
import { a as Loading, d as useSearch, i as Empty, l as Link, o as Problem, p as useQuery, s as visible, u as useNavigate, v as useQueryClient } from "./index-DgqGT2MN.js";
import { r as call, t as ApiProblem } from "./client-wO5ukrQM.js";
import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { t as ago } from "./numbers-DREmUqdS.js";
import { a as findReview, i as answer, n as AnswerForm, o as kindOf, r as inboxTexts, s as runOf, t as Due } from "./due-Gq-u8eQO.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { t as ShownValue } from "./shown-value-B5SjmbdD.js";
// src/screens/inbox/review-pane.tsx
/** One question: what it is about, the answer, and what became of it. */
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
function ReviewPane({ token, listed }) {
	const t = useTexts(inboxTexts);
	const alone = useQuery({
		queryKey: [
			"reviews",
			"one",
			token
		],
		enabled: listed === void 0,
		queryFn: ({ signal }) => findReview(token, signal)
	});
	const found = listed ?? alone.data ?? null;
	const [known, setKnown] = (0, import_react.useState)(found);
	(0, import_react.useEffect)(() => {
		if (found) setKnown(found);
	}, [found]);
	const back = /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Link, {
		to: "/inbox",
		search: ({ review: _, ...others }) => others,
		className: "back",
		children: ["← ", t.back]
	});
	if (known === null) return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		back,
		alone.isPending && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {}),
		alone.error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, {
			error: alone.error,
			again: () => void alone.refetch()
		}),
		alone.data === null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Gone, { token })
	] });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [back, /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Asked, {
		review: known,
		gone: listed === void 0 && alone.data === null
	})] });
}
function Gone({ token }) {
	const t = useTexts(inboxTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Empty, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		role: "status",
		children: runOf(token) ? t.gone : t.unknown
	}), runOf(token) && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
		to: "/r/$runId",
		params: { runId: runOf(token) },
		children: t.run
	})] });
}
function Asked({ review, gone }) {
	const t = useTexts(inboxTexts);
	const queries = useQueryClient();
	const [busy, setBusy] = (0, import_react.useState)(false);
	const [outcome, setOutcome] = (0, import_react.useState)("");
	const [refused, setRefused] = (0, import_react.useState)(null);
	const machine = kindOf(review) === "state_machine";
	/** @returns Whether the answer was taken. */
	const give = async (said) => {
		setBusy(true);
		setRefused(null);
		setOutcome("");
		try {
			setOutcome(await answer(review.review_id, said));
			return true;
		} catch (problem) {
			setRefused(problem);
			return false;
		} finally {
			setBusy(false);
			await queries.invalidateQueries({ queryKey: ["reviews"] });
		}
	};
	const late = refused instanceof ApiProblem && refused.status === 409;
	const done = outcome !== "" && !machine;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("article", {
		className: "stack",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(About, { review }),
			outcome && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
				role: "status",
				className: "notice tone-good",
				children: ["✓ ", outcome === "accepted" ? t.accepted : t.counted(outcome)]
			}),
			late && !machine && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				role: "alert",
				className: "notice tone-warn",
				children: t.first
			}),
			refused !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: refused }),
			gone && !done && !late && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				role: "status",
				className: "notice tone-warn",
				children: t.gone
			}),
			!done && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(AnswerForm, {
				review,
				disabled: busy || gone || late && !machine,
				refused,
				give
			}, machine ? review.state : "")
		]
	});
}
/** What is asked, of whom, and what there is to look at. */
function About({ review }) {
	const t = useTexts(inboxTexts);
	const { content } = review;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("header", {
		className: "stack small-gap",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", {
				className: "message",
				children: visible(review.message) || review.node
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row muted",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: t[kindOf(review)] }),
					review.waiting_since !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: t.waiting(ago(review.waiting_since)) }),
					review.due !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Due, { due: review.due }),
					review.assignee && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", { children: ["→ ", visible(review.assignee)] })
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Link, {
					to: "/r/$runId",
					params: { runId: review.run_id },
					search: { node: review.node },
					children: t.run
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "mono muted",
					children: visible(review.node)
				})]
			})
		]
	}), content !== null && content !== void 0 && content !== "" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("section", {
		className: "card",
		"aria-label": t.content,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ShownValue, {
			value: content,
			name: review.node
		})
	})] });
}
// src/screens/inbox/screen.tsx
/** What waits for a person in all workflows, and the way to answer it. */
var PAGE = 50;
var KINDS = [
	"human_review",
	"question",
	"input",
	"state_machine"
];
function InboxScreen() {
	const t = useTexts(inboxTexts);
	const { review: chosen, ...filters } = useSearch({ from: "/inbox" });
	const list = useInfiniteQuery({
		queryKey: [
			"reviews",
			"list",
			filters
		],
		initialPageParam: "",
		queryFn: async ({ pageParam, signal }) => {
			const query = {
				...filters,
				limit: PAGE,
				cursor: pageParam
			};
			return (await call("get", "/api/reviews", {
				query,
				signal
			})).data;
		},
		getNextPageParam: (page) => page.next_cursor || void 0
	});
	const items = list.data?.pages.flatMap((page) => page.items) ?? [];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "inbox",
		"data-chosen": Boolean(chosen),
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
			className: "inbox-list stack",
			"aria-label": t.list,
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h1", { children: t.title }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Filters, {}),
				list.isPending && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {}),
				list.error && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, {
					error: list.error,
					again: () => void list.refetch()
				}),
				list.data && items.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Empty, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t.none }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.noneHelp })] }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
					className: "waiting",
					children: items.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Entry, { review: one }) }, one.review_id))
				}),
				list.hasNextPage && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: () => void list.fetchNextPage(),
					children: t.more
				})
			]
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("section", {
			className: "inbox-pane",
			children: chosen ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ReviewPane, {
				token: chosen,
				listed: items.find((one) => one.review_id === chosen)
			}, chosen) : items.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Empty, { children: t.choose })
		})]
	});
}
function Entry({ review }) {
	const t = useTexts(inboxTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Link, {
		to: "/inbox",
		search: (before) => ({
			...before,
			review: review.review_id
		}),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
				className: "row spread",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("strong", {
					className: "cut",
					children: visible(review.message) || review.node
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "muted small",
					children: t[kindOf(review)]
				})]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
				className: "muted small row",
				children: [visible(review.node), review.state && ` · ${visible(review.state)}`]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
				className: "muted small row",
				children: [
					review.waiting_since !== null && t.waiting(ago(review.waiting_since)),
					review.due !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Due, { due: review.due }),
					review.assignee && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", { children: ["→ ", visible(review.assignee)] })
				]
			})
		]
	});
}
function Filters() {
	const t = useTexts(inboxTexts);
	const filters = useSearch({ from: "/inbox" });
	const navigate = useNavigate({ from: "/inbox" });
	const put = (name, value) => void navigate({
		search: ({ [name]: _, ...others }) => value ? {
			...others,
			[name]: value
		} : others,
		replace: true
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("search", {
		className: "row",
		"aria-label": t.filters,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
			"aria-label": t.kind,
			value: filters.kind ?? "",
			onChange: (event) => put("kind", event.target.value),
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: "",
				children: t.all
			}), KINDS.map((kind) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: kind,
				children: t[kind]
			}, kind))]
		}), ["workflow_id", "assignee"].map((name) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
			"aria-label": name === "assignee" ? t.assignee : t.workflow,
			placeholder: name === "assignee" ? t.assignee : t.workflow,
			defaultValue: filters[name],
			onBlur: (event) => put(name, event.target.value.trim()),
			onKeyDown: (event) => {
				if (event.key === "Enter") put(name, event.currentTarget.value.trim());
			}
		}, `${name} ${filters[name] ?? ""}`))]
	});
}
export { InboxScreen };
