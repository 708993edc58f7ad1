// src/run/addresses.ts
/** Addresses of nodes inside a run, `each[3]/call`, and of the scopes they are in, `each[3]`. */
function addressOf(scope, nodeId) {
	return scope ? `${scope}/${nodeId}` : nodeId;
}
/** The scope of item or round `index` of a composite; with several bodies it says which. */
function childScope(address, index, body = "") {
	return body ? `${address}[${body}.${index}]` : `${address}[${index}]`;
}
function scopeOf(address) {
	const cut = address.lastIndexOf("/");
	return cut < 0 ? "" : address.slice(0, cut);
}
function nodeIdOf(address) {
	return address.slice(address.lastIndexOf("/") + 1);
}
/** The composite around a scope that is not the run's own. */
function compositeOf(scope) {
	return scope.slice(0, scope.lastIndexOf("["));
}
/** The number of a scope among those of its composite. */
function indexOf(scope) {
	const inside = scope.slice(scope.lastIndexOf("[") + 1, -1);
	return Number(inside.slice(inside.lastIndexOf(".") + 1));
}
/** One step of a path: the node, and the body and number of its scope; -1 for a node itself. */
function stepOf(step) {
	const open = step.indexOf("[");
	if (open < 0) return {
		nodeId: step,
		body: "",
		index: -1
	};
	const inside = step.slice(open + 1, -1);
	const dot = inside.lastIndexOf(".");
	return {
		nodeId: step.slice(0, open),
		body: dot < 0 ? "" : inside.slice(0, dot),
		index: Number(inside.slice(dot + 1))
	};
}
export { nodeIdOf as a, indexOf as i, childScope as n, scopeOf as o, compositeOf as r, stepOf as s, addressOf as t };
