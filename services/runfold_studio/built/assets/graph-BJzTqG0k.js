// src/graph/graph.ts
function kindsByType(kinds) {
	const found = /* @__PURE__ */ new Map();
	for (const kind of kinds) for (const name of [kind.type, ...kind.aliases ?? []]) found.set(name, kind);
	return found;
}
/** The graph of a definition, canonical or as it is being written: what is no node or edge is left out. */
function graphOf(definition, kinds) {
	const graph = {
		nodes: [],
		edges: []
	};
	addBody(graph, kinds, definition, {
		parent: null,
		body: "",
		prefix: ""
	});
	return graph;
}
function addBody(graph, kinds, written, place) {
	const body = record(written);
	const nodes = list(body.nodes).map(record).filter((node) => typeof node.id === "string" && node.id !== "");
	const used = portsInUse(list(body.edges));
	for (const node of nodes) addNode(graph, kinds, node, place, used.get(String(node.id)) ?? []);
	for (const edge of list(body.edges)) addEdge(graph, record(edge), place.prefix);
}
function addNode(graph, kinds, written, place, used) {
	const id = String(written.id);
	const type = String(written.type ?? "");
	const kind = kinds.get(type);
	const config = record(written.config);
	const address = place.prefix + id;
	const inner = kind ? bodiesOf(kind, config) : [];
	graph.nodes.push({
		address,
		id,
		type,
		name: typeof written.name === "string" ? written.name : "",
		ports: portsOf(kind, config, record(written.on_error), used),
		config,
		parent: place.parent,
		body: place.body,
		bodies: inner.map(([name]) => name),
		known: kind !== void 0
	});
	for (const [name, body] of inner) addBody(graph, kinds, body, {
		parent: address,
		body: name,
		prefix: name ? `${address}[${name}]/` : `${address}/`
	});
}
function addEdge(graph, edge, prefix) {
	const source = edge.source ?? edge.from;
	const target = edge.target ?? edge.to;
	if (typeof source !== "string" || typeof target !== "string") return;
	const port = portOf(edge);
	const id = `${prefix}${source} ${port} ${target}`;
	graph.edges.push({
		id,
		source: prefix + source,
		target: prefix + target,
		port
	});
}
function portOf(edge) {
	const port = edge.port ?? edge.sourcePort ?? edge.condition;
	return port === void 0 || port === null || port === "" ? "out" : String(port);
}
function portsInUse(edges) {
	const found = /* @__PURE__ */ new Map();
	for (const written of edges) {
		const edge = record(written);
		const source = String(edge.source ?? edge.from ?? "");
		found.set(source, [...found.get(source) ?? [], portOf(edge)]);
	}
	return found;
}
/** The ports of a node: its kind's, those that its configuration makes, and any that an edge uses. */
function portsOf(kind, config, onError, used) {
	const known = kind?.ports?.names ?? ["out"];
	const ports = [
		...(kind?.ports?.follow_from ?? []).flatMap((setting) => namesIn(config[setting])),
		...known,
		...used.filter((port) => port !== "error")
	];
	if (onError.strategy === "error_branch" || used.includes("error")) ports.push("error");
	return [...new Set(ports)];
}
/** The ids of a setting's entries, which are what ports are called by. */
function namesIn(value) {
	return list(value).map((one) => typeof one === "string" ? one : record(one).id).filter((id) => typeof id === "string" && id !== "");
}
/** The bodies of a composite with their names, as addresses have them. */
function bodiesOf(kind, config) {
	const found = [];
	for (const place of kind.bodies?.places ?? []) for (const [name, body] of matches(config, place === "" ? [] : place.split("."), "")) if (Array.isArray(body.nodes)) found.push([name, body]);
	return found;
}
/** What stands at a place of a configuration; `*` takes every key, which becomes a part of the name. */
function matches(value, place, name) {
	const here = record(value);
	const [first, ...rest] = place;
	if (first === void 0) return value === here ? [[name, here]] : [];
	if (first !== "*") return matches(here[first], rest, first === "timeout" ? joined(name, first) : name);
	return Object.entries(here).flatMap(([key, inner]) => matches(inner, rest, joined(name, key)));
}
function joined(name, key) {
	return name ? `${name}.${key}` : key;
}
function list(value) {
	return Array.isArray(value) ? value : [];
}
function record(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
/** The box of a node of a run: `each[3]/call` is an item of `each/call`, `fan[web.0]/x` of `fan[web]/x`. */
function boxOf(address) {
	return address.replace(/\[(?:([^[\]]*)\.)?\d+\]/g, (_, body) => body ? `[${body}]` : "");
}
export { graphOf as n, kindsByType as r, boxOf as t };
