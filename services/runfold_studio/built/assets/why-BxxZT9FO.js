import { a as nodeIdOf, o as scopeOf, r as compositeOf, t as addressOf } from "./addresses-CxXYaze4.js";
import { h as hasEnded, m as ENDED } from "./workspace-view-BwVbuKVI.js";
// src/run/why.ts
/** Why a node did not run: the edges that lead to it, and what their other ends came to. */
/** The reasons, the deciding ones first; none for a node that ran. */
function whyNot(moment, address) {
	const { plan, state } = moment;
	const node = state.nodes.get(address);
	if (node && node.status !== "skipped" && node.startedAt !== null && node.status !== "cancelled") return [];
	const scope = scopeOf(address);
	const graph = plan.at(scope);
	if (!graph || scope && !state.scopes.get(scope)) return scope ? [{
		kind: "around",
		around: compositeOf(scope)
	}] : [];
	if (node?.status === "cancelled") return [{
		kind: "given_up",
		by: node.cancelledBy,
		seq: node.seq
	}];
	const reasons = edgesTo(graph, nodeIdOf(address)).map(({ source, port }) => reasonOf(addressOf(scope, source), port, state.nodes.get(addressOf(scope, source))));
	const undone = undoneBy(graph, nodeIdOf(address));
	if (undone) reasons.push({
		kind: "undoes",
		node: addressOf(scope, undone)
	});
	const { status } = state.head;
	if (hasEnded(status) && node?.status !== "skipped") reasons.push({
		kind: "run_ended",
		status,
		seq: state.head.lastSeq
	});
	return reasons.sort((a, b) => WEIGHT[a.kind] - WEIGHT[b.kind]);
}
var WEIGHT = {
	given_up: 0,
	around: 0,
	not_taken: 1,
	source_failed: 1,
	source_skipped: 2,
	source_cancelled: 2,
	undoes: 2,
	source_open: 3,
	source_absent: 3,
	run_ended: 4,
	taken: 5
};
function edgesTo(graph, id) {
	const found = [];
	for (const node of graph.nodes.values()) for (const [port, targets] of node.targets) if (targets.includes(id)) found.push({
		source: node.id,
		port
	});
	return found;
}
function undoneBy(graph, id) {
	for (const node of graph.nodes.values()) if (node.compensate === id) return node.id;
	return "";
}
function reasonOf(source, port, node) {
	if (!node) return {
		kind: "source_absent",
		source
	};
	const { seq } = node;
	if (node.status === "skipped") return {
		kind: "source_skipped",
		source,
		seq
	};
	if (node.status === "cancelled") return {
		kind: "source_cancelled",
		source,
		seq
	};
	if (node.status === "failing") return {
		kind: "source_failed",
		source,
		seq,
		code: node.error?.code ?? ""
	};
	if (!ENDED.has(node.status)) return {
		kind: "source_open",
		source
	};
	const took = node.ports.length > 0 ? node.ports : [node.port];
	if (took.includes(port)) return {
		kind: "taken",
		source,
		port,
		seq
	};
	return {
		kind: "not_taken",
		source,
		port,
		took,
		seq
	};
}
/** Which of several edges was taken: null while its source has not ended. */
function isTaken(node, port) {
	if (!node || !ENDED.has(node.status)) return null;
	return (node.ports.length > 0 ? node.ports : [node.port]).includes(port);
}
export { whyNot as n, isTaken as t };
