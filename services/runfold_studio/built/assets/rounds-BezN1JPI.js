import { a as nodeIdOf, i as indexOf, n as childScope, o as scopeOf, r as compositeOf, s as stepOf, t as addressOf } from "./addresses-CxXYaze4.js";
// src/run/fold/draft.ts
/** A run's state while one event is folded into it: what rules read and write. */
/** Statuses in which a node is not ready, or never was. */
var NOT_READY = /* @__PURE__ */ new Set([
	"joining",
	"skipping",
	"skipped",
	"backing_off"
]);
var OUTCOMES = {
	failing: "failed",
	succeeded: "succeeded",
	cancelled: "cancelled"
};
var Draft = class {
	plan;
	head;
	nodes;
	scopes;
	seq = 0;
	time = 0;
	#event = null;
	constructor(plan, head, nodes, scopes) {
		this.plan = plan;
		this.head = head;
		this.nodes = nodes;
		this.scopes = scopes;
	}
	/** The event whose rule comes next. */
	begin(event) {
		this.#event = event;
		this.seq = event.seq;
		this.time = event.time;
	}
	change(changes) {
		this.head = {
			...this.head,
			...changes
		};
	}
	/** Note that the event counted: it changed something. */
	counted(changes = {}) {
		this.head = {
			...this.head,
			...changes,
			lastSeq: this.seq,
			now: this.time
		};
	}
	put(node) {
		const before = this.nodes.get(node.address);
		const attempts = this.#attempts(before?.attempts ?? [], node);
		this.nodes.set(node.address, {
			...node,
			attempts,
			seq: this.seq
		});
	}
	/** The attempts of a node that changed: nothing is decided by them. */
	#attempts(before, node) {
		const last = before.at(-1);
		if (last?.attempt === node.attempt) return last.finishedAt === null ? [...before.slice(0, -1), this.#followed(last, node)] : before;
		if (!last && NOT_READY.has(node.status)) return before;
		return [...before, this.#followed(this.#newAttempt(node), node)];
	}
	#followed(last, node) {
		const isReady = !NOT_READY.has(node.status);
		const event = this.#event;
		const outcome = OUTCOMES[node.status] ?? "";
		const isOwn = event?.type === "node_run_started" && isAbout(event, node.address);
		return {
			...last,
			status: outcome,
			readyAt: last.readyAt ?? (isReady ? this.time : null),
			readySeq: last.readySeq ?? (isReady ? this.seq : null),
			startedAt: node.startedAt,
			finishedAt: outcome ? node.finishedAt : null,
			executor: isOwn ? event.executor ?? "" : last.executor,
			error: outcome === "failed" ? node.error : null,
			usage: node.usage,
			...this.#waited(last, node),
			backup: node.backup
		};
	}
	#waited(last, node) {
		const { waitedFrom, waitedUntil } = last;
		if (node.status === "waiting") return {
			waitedFrom: waitedFrom ?? this.time,
			waitedUntil
		};
		return {
			waitedFrom,
			waitedUntil: waitedFrom !== null && waitedUntil === null ? this.time : waitedUntil
		};
	}
	#newAttempt(node) {
		const event = this.#event;
		return {
			attempt: node.attempt,
			status: "",
			delay: event?.type === "node_run_retry" ? event.delay ?? 0 : 0,
			readyAt: null,
			readySeq: null,
			startedAt: null,
			finishedAt: null,
			executor: "",
			error: null,
			usage: null,
			waitedFrom: null,
			waitedUntil: null,
			backup: node.backup
		};
	}
	changeSaga(changes) {
		if (this.head.saga) this.change({ saga: {
			...this.head.saga,
			...changes
		} });
	}
	/** Note that a node may change something yet; only a run that compensates has to know. */
	opened(address) {
		const open = this.head.saga?.open;
		if (open && !open.has(address)) this.changeSaga({ open: /* @__PURE__ */ new Set([...open, address]) });
	}
	closed(address) {
		const open = this.head.saga?.open;
		if (open?.has(address)) this.changeSaga({ open: new Set([...open].filter((one) => one !== address)) });
	}
	closedInside(prefix) {
		const open = this.head.saga?.open;
		if (open) this.changeSaga({ open: new Set([...open].filter((one) => !one.startsWith(prefix))) });
	}
};
function isAbout(event, address) {
	return (event.scope ? `${event.scope}/${event.node_id}` : event.node_id) === address;
}
/** A node without anything but a status. */
function fresh(address, status, attempt = 1) {
	return {
		address,
		status,
		attempt,
		outputs: {},
		port: "",
		ports: [],
		error: null,
		usage: null,
		startedAt: null,
		finishedAt: null,
		due: null,
		waiting: null,
		answer: null,
		composite: null,
		backup: false,
		servedBy: "",
		cancelledBy: "",
		attempts: [],
		seq: 0
	};
}
/** Whether an address is that of the undoing node under way, or inside it. */
function isUndoing(state, address) {
	const by = state.head.saga?.undoing?.by;
	return by !== void 0 && (address === by || address.startsWith(`${by}[`));
}
/** Whether events about nodes of a scope may still change the run: all composites around are active. */
function isOpen(state, scope) {
	const by = state.head.saga?.undoing?.by;
	const outermost = by === void 0 ? "" : scopeOf(by);
	let at = scope;
	while (at !== outermost) {
		if (!at || !state.scopes.get(at)?.open) return false;
		const address = compositeOf(at);
		if (state.nodes.get(address)?.status !== "active") return false;
		at = scopeOf(address);
	}
	return true;
}
function canAdvance(state, address) {
	if (state.head.saga && !isUndoing(state, address)) return false;
	return isOpen(state, scopeOf(address));
}
/** Whether a later event about a node may still change the run. */
function counts(state, address) {
	return canAdvance(state, address) || (state.head.saga?.open.has(address) ?? false);
}
// src/run/guards.ts
/** Which join each node of a graph leads to, where all its ways do and the join cares about branches. */
function guardsOf(nodes, targets, incoming) {
	const guards = /* @__PURE__ */ new Map();
	const caring = new Set(nodes.filter(isCaring).map((node) => String(node.id)));
	if (caring.size === 0) return guards;
	for (const id of inOrder(targets, incoming).reverse()) {
		const next = new Set(ahead(targets, id).map((to) => caring.has(to) ? to : guards.get(to) ?? ""));
		const [only] = next;
		if (next.size === 1 && only) guards.set(id, only);
	}
	return guards;
}
/** Whether a node is a join to which it matters what becomes of its branches. */
function isCaring(node) {
	const config = asObject(node.config);
	return node.type === "join" && Boolean(config.ignore_errors || config.cancel_losers);
}
function ahead(targets, id) {
	return [...targets.get(id)?.values() ?? []].flat();
}
/** Nodes in the order of their edges. */
function inOrder(targets, incoming) {
	const left = new Map(incoming);
	const order = [...targets.keys()].filter((id) => !left.get(id));
	for (const id of order) for (const target of ahead(targets, id)) {
		const count = (left.get(target) ?? 0) - 1;
		left.set(target, count);
		if (count === 0) order.push(target);
	}
	return order;
}
// src/run/plan.ts
/** A definition as the fold needs it: graphs with their edges, joins, bodies and called workflows. */
var Plan = class {
	graph;
	#graphs = /* @__PURE__ */ new Map();
	constructor(definition) {
		this.graph = workflowGraph(asObject(definition), () => null);
	}
	/** The graph of a scope; null when the definition has none. */
	at(scope) {
		if (!scope) return this.graph;
		const found = this.#graphs.get(scope);
		if (found !== void 0) return found;
		const around = this.at(scopeOf(scope));
		const { nodeId, body } = stepOf(nodeIdOf(scope));
		const graph = around ? bodyOf(around, nodeId, body) : null;
		this.#graphs.set(scope, graph);
		return graph;
	}
	node(address) {
		return this.at(scopeOf(address))?.nodes.get(nodeIdOf(address)) ?? null;
	}
	/** Sorts addresses by their place in the definition; the scopes of a composite come after it. */
	placeOf(address) {
		const place = [];
		let scope = "";
		for (const step of address.split("/")) {
			const { nodeId, index } = stepOf(step);
			place.push(this.at(scope)?.nodes.get(nodeId)?.order ?? 0, index);
			scope = addressOf(scope, step);
		}
		return place;
	}
};
/** The graph that a composite runs, by the name of its body. */
function bodyOf(graph, nodeId, body = "") {
	const node = graph.nodes.get(nodeId);
	if (!node) return null;
	return node.called ? node.called() : node.bodies.get(body) ?? null;
}
function asObject(value) {
	return value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
}
function asList(value) {
	return Array.isArray(value) ? value.map(asObject) : [];
}
function workflowGraph(definition, around, stored = false) {
	const own = asObject(definition.workflows);
	const made = /* @__PURE__ */ new Map();
	const library = (name) => {
		if (!(name in own)) return !stored || name.includes("@") ? around(name) : null;
		const graph = made.get(name) ?? workflowGraph(asObject(own[name]), library, name.includes("@"));
		made.set(name, graph);
		return graph;
	};
	return {
		...graphOf(definition, library),
		variables: asObject(definition.variables),
		conversation: conversationOf(definition)
	};
}
/** What a workflow and its parts declare as variables of the conversation; its own count. */
function conversationOf(definition) {
	const parts = Object.values(asObject(definition.workflows)).map((one) => conversationOf(asObject(one)));
	return Object.assign({}, ...parts, asObject(definition.conversation));
}
function graphOf(body, library) {
	const written = asList(body.nodes);
	const { incoming, targets } = edgesOf(written, asList(body.edges));
	const undoing = new Set(written.map((node) => String(node.compensate ?? "")).filter(Boolean));
	const guards = guardsOf(written, targets, incoming);
	const nodes = /* @__PURE__ */ new Map();
	for (const [order, node] of written.entries()) {
		const id = String(node.id);
		const count = incoming.get(id) ?? 0;
		nodes.set(id, {
			id,
			type: String(node.type),
			name: String(node.name ?? ""),
			config: asObject(node.config),
			order,
			incoming: count,
			targets: targets.get(id) ?? /* @__PURE__ */ new Map(),
			join: joinOf(node, count),
			timed: node.timeout !== void 0 && node.timeout !== null,
			along: "",
			guard: guards.get(id) ?? "",
			compensate: String(node.compensate ?? ""),
			bodies: bodiesOf(node, library),
			called: calledBy$1(node, library)
		});
	}
	noteReaders(nodes);
	return {
		nodes,
		roots: [...nodes.keys()].filter((id) => !incoming.get(id) && !undoing.has(id)),
		forward: nodes.size - undoing.size,
		variables: {},
		conversation: {}
	};
}
/** How many edges lead to each node, and where those from its ports lead. */
function edgesOf(nodes, edges) {
	const incoming = /* @__PURE__ */ new Map();
	const targets = new Map(nodes.map((node) => [String(node.id), /* @__PURE__ */ new Map()]));
	for (const edge of edges) {
		const [source, target] = [String(edge.source), String(edge.target)];
		const port = String(edge.port ?? "out");
		incoming.set(target, (incoming.get(target) ?? 0) + 1);
		const ports = targets.get(source);
		ports?.set(port, [...ports.get(port) ?? [], target]);
	}
	return {
		incoming,
		targets
	};
}
function noteReaders(nodes) {
	for (const node of nodes.values()) for (const target of node.targets.get("out") ?? []) {
		const reader = nodes.get(target);
		if (reader && readsAlong(reader, node)) reader.along = node.id;
	}
}
var WRITERS = /* @__PURE__ */ new Set([
	"knowledge_index",
	"llm",
	"mcp",
	"ocr",
	"text_filter"
]);
/** Whether a node is handed out while the one before it is still writing what it reads. */
function readsAlong(reader, source) {
	if (reader.type !== "text_filter" || reader.incoming !== 1 || !WRITERS.has(source.type)) return false;
	const { input, ...rest } = reader.config;
	return /^\s*\{\{\s*([^\s.{}]+)\.(output|reasoning)\s*\}\}\s*$/.exec(String(input ?? ""))?.[1] === source.id && !JSON.stringify(rest).includes(`{{${source.id}.`);
}
function joinOf(node, incoming) {
	if (node.type !== "join") return null;
	const config = asObject(node.config);
	return {
		need: {
			any: 1,
			n: Number(config.n),
			percentage: Math.max(1, Math.ceil(Number(config.percentage) * incoming / 100))
		}[String(config.mode ?? "all")] ?? incoming,
		ignoreErrors: Boolean(config.ignore_errors),
		cancelLosers: Boolean(config.cancel_losers)
	};
}
function calledBy$1(node, library) {
	const config = asObject(node.config);
	if (node.type !== "sub_workflow" || config.mode === "detached") return null;
	const workflow = String(config.workflow ?? "");
	return () => library(workflow) ?? library(`${workflow}@${config.version ?? ""}`);
}
var ROUNDS = /* @__PURE__ */ new Set([
	"loop",
	"iteration",
	"batch"
]);
/** The bodies of a node as they are written, by name; a composite's only one has none. */
function* writtenBodies(node) {
	const config = asObject(node.config);
	const type = String(node.type);
	if (ROUNDS.has(type)) yield ["", config];
	if (type === "agent") yield* Object.entries(asObject(config.bodies));
	if (type === "parallel") yield* Object.entries(asObject(config.branches));
	if (type !== "state_machine") return;
	for (const [name, state] of Object.entries(statesOf(config))) {
		yield [name, state.entry];
		for (const [event, way] of Object.entries(asObject(state.on))) yield [`${name}.${event}`, asObject(way).action];
		yield [`${name}.timeout`, asObject(state.timeout).action];
	}
}
function bodiesOf(node, library) {
	const found = /* @__PURE__ */ new Map();
	for (const [name, written] of writtenBodies(node)) {
		if (written === null || typeof written !== "object") continue;
		const body = written;
		const isPrompt = Boolean(body.prompt);
		found.set(name, graphOf(isPrompt ? { nodes: [{
			id: "call",
			type: "llm"
		}] } : body, library));
	}
	return found;
}
/** The states of a state machine; one without settings may be written empty. */
function statesOf(config) {
	return Object.fromEntries(Object.entries(asObject(config.states)).map(([name, state]) => [name, asObject(state)]));
}
// src/run/fold/agents.ts
/** Agents: tools are listed, rounds begin and end, calls are approved, run and answered. */
function agentOf(event) {
	return {
		...NO_SCOPES,
		kind: "agent",
		listed: [],
		scopes: [],
		rounds: [],
		asking: false,
		last: false,
		protocol: event.protocol ?? "native"
	};
}
function bodyName$1(agent, index) {
	const scope = agent.scopes[index];
	switch (scope?.purpose) {
		case "list": return `${scope.source}.list`;
		case "round": return "model";
		case "approval": return "approve";
		default: return scope?.source ?? "";
	}
}
function current$1(draft, event) {
	const address = addressOf(event.scope ?? "", event.node_id);
	const node = draft.nodes.get(address);
	if (node?.status !== "active" || (event.attempt ?? 1) !== node.attempt) return null;
	if (node.composite?.kind !== "agent" || !canAdvance(draft, address)) return null;
	return {
		node,
		agent: node.composite
	};
}
function agentBegan(draft, event) {
	const found = current$1(draft, event);
	if (!found || event.index < found.agent.begun) return;
	const graph = draft.plan.at(event.scope ?? "");
	let agent = withScope(found.agent, event);
	if (!agent || !graph) return;
	const name = bodyName$1(agent, event.index);
	const body = bodyOf(graph, event.node_id, name);
	if (!body) return;
	const underWay = /* @__PURE__ */ new Set([...agent.underWay, event.index]);
	agent = {
		...agent,
		begun: event.index + 1,
		underWay
	};
	draft.put({
		...found.node,
		composite: agent
	});
	draft.counted();
	openScope(draft, body, childScope(found.node.address, event.index, name));
}
/** The agent with one more scope; null when the event does not fit. */
function withScope(agent, event) {
	const add = (scope, after) => {
		const scopes = after.scopes.slice();
		scopes[event.index] = {
			round: -1,
			source: "",
			call: -1,
			...scope
		};
		return {
			...after,
			scopes
		};
	};
	switch (event.type) {
		case "agent_tools_started": {
			const { source } = event;
			if (agent.listed.includes(source) || agent.rounds.length > 0 || agent.asking) return null;
			return add({
				purpose: "list",
				source
			}, {
				...agent,
				listed: [...agent.listed, source]
			});
		}
		case "agent_round_started": {
			const { round } = event;
			if (round !== agent.rounds.length || agent.asking) return null;
			return add({
				purpose: "round",
				round
			}, {
				...agent,
				asking: true,
				last: event.last ?? false
			});
		}
		case "tool_approval_started": {
			const { round, call } = event;
			if (!has(agent, event, "planned")) return null;
			return add({
				purpose: "approval",
				round,
				call
			}, withCall(agent, call, { status: "asked" }));
		}
		case "tool_call_started": {
			const { round, call, source } = event;
			if (!has(agent, event, "planned", "approved")) return null;
			const changes = {
				status: "running",
				arguments: event.arguments ?? {},
				scope: event.index
			};
			return add({
				purpose: "call",
				round,
				call,
				source
			}, withCall(agent, call, changes));
		}
	}
}
var PURPOSES = {
	agent_tools_succeeded: "list",
	agent_round_succeeded: "round",
	agent_round_failed: "round",
	tool_approval_succeeded: "approval",
	tool_call_succeeded: "call",
	tool_call_failed: "call"
};
function agentStepEnded(draft, event) {
	const found = current$1(draft, event);
	if (!found) return;
	const { node, agent } = found;
	const { index } = event;
	if (!agent.settled.has(index) && !agent.underWay.has(index)) return;
	if (agent.scopes[index]?.purpose !== PURPOSES[event.type]) return;
	const after = withResult(agent, event);
	if (!after) return;
	const failed = event.type === "tool_call_failed" || event.type === "agent_round_failed";
	settleScope(draft, childScope(node.address, index, bodyName$1(agent, index)), failed ? "failed" : "succeeded");
	draft.put({
		...node,
		composite: recorded(after, index)
	});
	draft.counted();
}
function withResult(agent, event) {
	switch (event.type) {
		case "agent_tools_succeeded": return agent;
		case "agent_round_succeeded": return {
			...agent,
			rounds: [...agent.rounds, roundOf(event)],
			asking: false
		};
		case "agent_round_failed": return {
			...agent,
			asking: false,
			protocol: event.protocol ?? "text"
		};
		case "tool_approval_succeeded":
			if (!has(agent, event, "asked")) return null;
			return event.approved ? withCall(agent, event.call, {
				status: "approved",
				arguments: event.arguments ?? {}
			}) : withCall(agent, event.call, {
				status: "done",
				told: event.told ?? ""
			});
		case "tool_call_succeeded":
			if (!has(agent, event, "running")) return null;
			return withCall(agent, event.call, {
				status: "done",
				told: event.output ?? ""
			});
		case "tool_call_failed": {
			if (!has(agent, event, "running")) return null;
			const { error } = event;
			return withCall(agent, event.call, {
				status: "done",
				told: `error: ${error.message}`,
				error
			});
		}
	}
}
function roundOf(event) {
	const calls = (event.calls ?? []).map((call) => ({
		id: call.id,
		name: call.name,
		status: call.problem ? "done" : "planned",
		arguments: call.arguments ?? null,
		told: call.problem ?? "",
		error: null,
		scope: -1
	}));
	return {
		content: event.content ?? "",
		reasoning: event.reasoning ?? "",
		calls,
		scope: event.index
	};
}
/** Whether the newest round has the call that an event is about, in one of some statuses. */
function has(agent, event, ...statuses) {
	const call = agent.rounds.at(-1)?.calls[event.call];
	return event.round === agent.rounds.length - 1 && !!call && statuses.includes(call.status);
}
/** The agent with one call of its newest round changed. */
function withCall(agent, place, changes) {
	const newest = agent.rounds.at(-1);
	if (!newest) return agent;
	const calls = newest.calls.map((call, at) => at === place ? {
		...call,
		...changes
	} : call);
	return {
		...agent,
		rounds: [...agent.rounds.slice(0, -1), {
			...newest,
			calls
		}]
	};
}
// src/run/fold/scopes.ts
/** Opens and closes the scopes of composites, and notes in them what came of it. */
/** No joins that wait: most scopes have none, and there are as many scopes as items. */
var NO_JOINS = /* @__PURE__ */ new Map();
/** Begin a graph: the nodes without incoming edges are ready. */
function openScope(draft, graph, scope) {
	for (const root of graph.roots) {
		const address = addressOf(scope, root);
		draft.put(fresh(address, "ready"));
		draft.opened(address);
	}
	draft.scopes.set(scope, {
		open: true,
		ended: 0,
		joins: NO_JOINS,
		result: "",
		startedAt: draft.time,
		finishedAt: null
	});
}
/** The name of the body that a scope of a composite runs; empty where there is only one. */
function bodyName(composite, index) {
	switch (composite.kind) {
		case "rounds": return composite.branches[index] ?? "";
		case "called": return "";
		case "machine": return composite.handler;
		case "agent": return bodyName$1(composite, index);
	}
}
function changeScope(draft, scope, changes) {
	const before = draft.scopes.get(scope);
	if (before) draft.scopes.set(scope, {
		...before,
		...changes
	});
}
/** Close a scope and all inside it: events about their nodes change nothing from now on. */
function closeScope(draft, scope, result = "") {
	if (draft.scopes.get(scope)?.open) changeScope(draft, scope, {
		open: false,
		joins: NO_JOINS,
		result,
		finishedAt: draft.time
	});
	draft.closedInside(`${scope}/`);
}
/** Close every open scope of a composite. */
function closeScopesOf(draft, address, composite) {
	for (const index of composite?.underWay ?? []) closeScope(draft, childScope(address, index, bodyName(composite, index)), "stopped");
	draft.closedInside(`${address}[`);
}
/** Note what the recorded result of a scope says of it. */
function settleScope(draft, scope, result) {
	if (draft.scopes.get(scope)?.open) closeScope(draft, scope, result);
	else changeScope(draft, scope, { result });
}
/** Note in a composite that one of its scopes ended; its result is to be recorded. */
function scopeEnded(draft, scope) {
	const [address, index] = [compositeOf(scope), indexOf(scope)];
	const node = draft.nodes.get(address);
	if (!node?.composite) return;
	const { underWay, settled } = node.composite;
	const composite = {
		...node.composite,
		underWay: without(underWay, index),
		settled: /* @__PURE__ */ new Set([...settled, index])
	};
	draft.put({
		...node,
		composite
	});
}
function without(set, index) {
	const left = new Set(set);
	left.delete(index);
	return left;
}
/** A composite once the result of one of its scopes is recorded. */
function recorded(composite, index) {
	return {
		...composite,
		underWay: without(composite.underWay, index),
		settled: without(composite.settled, index),
		ended: composite.ended + 1
	};
}
// src/run/fold/rounds.ts
/** Loops, iterations, batches, parallel branches and called workflows: how each begins and goes on. */
var NO_SCOPES = {
	begun: 0,
	ended: 0,
	underWay: /* @__PURE__ */ new Set(),
	settled: /* @__PURE__ */ new Set(),
	variables: {}
};
function roundsOf(planned, event) {
	const items = event.items ?? [];
	return {
		...NO_SCOPES,
		kind: "rounds",
		branches: planned.bodies.has("") ? [] : items.map(String),
		count: event.total ?? items.length,
		failed: 0,
		last: false,
		nextDue: null,
		delay: event.delay ?? 0,
		batchSize: event.batch_size ?? 0,
		variables: event.variables ?? {}
	};
}
function calledBy(event) {
	const index = event.index ?? 0;
	return {
		...NO_SCOPES,
		kind: "called",
		workflow: event.workflow,
		version: event.version ?? "",
		begun: index + 1,
		ended: index,
		underWay: /* @__PURE__ */ new Set([index]),
		variables: event.values ?? {}
	};
}
/** The rounds that an event is about; null when it cannot change them any more. */
function current(draft, event) {
	const address = addressOf(event.scope ?? "", event.node_id);
	const node = draft.nodes.get(address);
	if (node?.status !== "active" || (event.attempt ?? 1) !== node.attempt) return null;
	if (node.composite?.kind !== "rounds" || !canAdvance(draft, address)) return null;
	return {
		node,
		rounds: node.composite
	};
}
function keep(draft, node, composite) {
	draft.put({
		...node,
		composite
	});
	draft.counted();
}
function roundBegan(draft, event) {
	const found = current(draft, event);
	const index = event.index;
	if (!found || index !== found.rounds.begun || index >= found.rounds.count) return;
	const name = found.rounds.branches[index] ?? "";
	const graph = draft.plan.at(event.scope ?? "");
	const body = graph && bodyOf(graph, event.node_id, name);
	if (!body) return;
	const underWay = /* @__PURE__ */ new Set([...found.rounds.underWay, index]);
	keep(draft, found.node, {
		...found.rounds,
		begun: index + 1,
		underWay
	});
	openScope(draft, body, childScope(found.node.address, index, name));
}
function roundEnded(draft, event) {
	const found = current(draft, event);
	const index = event.index;
	if (!found || !(found.rounds.underWay.has(index) || found.rounds.settled.has(index))) return;
	const failed = event.type === "loop_item_failed" || event.type === "parallel_branch_failed";
	settleScope(draft, childScope(found.node.address, index, found.rounds.branches[index] ?? ""), failed ? "failed" : "succeeded");
	let rounds = recorded(found.rounds, index);
	if (failed) {
		rounds = {
			...rounds,
			failed: rounds.failed + 1
		};
		draft.change({ exceptions: draft.head.exceptions + 1 });
	} else if ("last" in event && event.last) rounds = {
		...rounds,
		last: true
	};
	keep(draft, found.node, paused(rounds, draft.time));
}
/** The rounds with the pause, if any, that follows a round or the last item of a batch. */
function paused(rounds, time) {
	const isOver = rounds.last || rounds.ended >= rounds.count;
	const inBatch = rounds.batchSize > 0 && rounds.ended % rounds.batchSize !== 0;
	return !rounds.delay || isOver || inBatch ? rounds : {
		...rounds,
		nextDue: time + rounds.delay
	};
}
/** The time of one item is up, or the pause between two rounds is over. */
function roundTimed(draft, event) {
	const found = current(draft, event);
	if (!found) return;
	const index = event.index ?? -1;
	if (event.timer === "delay") {
		if (found.rounds.nextDue !== null && index === found.rounds.ended) keep(draft, found.node, {
			...found.rounds,
			nextDue: null
		});
		return;
	}
	if (!found.rounds.underWay.has(index)) return;
	const scope = childScope(found.node.address, index, found.rounds.branches[index] ?? "");
	closeScope(draft, scope, "failed");
	scopeEnded(draft, scope);
	draft.counted();
}
export { fresh as C, counts as S, Plan as _, roundTimed as a, Draft as b, bodyName as c, openScope as d, scopeEnded as f, agentStepEnded as g, agentOf as h, roundEnded as i, closeScope as l, agentBegan as m, calledBy as n, roundsOf as o, without as p, roundBegan as r, NO_JOINS as s, NO_SCOPES as t, closeScopesOf as u, bodyOf as v, canAdvance as x, statesOf as y };
