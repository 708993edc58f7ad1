import { f as shownStatus } from "./workspace-view-BwVbuKVI.js";
// src/screens/run/actions/under-way.ts
function touchedBy({ plan, state }) {
	const running = [];
	const waiting = [];
	const failed = [];
	for (const [address, node] of state.nodes.entries()) {
		const status = shownStatus(plan, state, node);
		if (status === "waiting") waiting.push(address);
		else if (status === "failed" && node.composite === null) failed.push(address);
		else if ((status === "running" || status === "retrying") && !node.composite) running.push(address);
	}
	return {
		running,
		waiting,
		failed,
		undone: state.head.completed
	};
}
/** Some addresses as a sentence has them. */
function listed(addresses, most = 8) {
	const shown = addresses.slice(0, most).join(", ");
	return addresses.length > most ? `${shown} … (${addresses.length})` : shown;
}
export { touchedBy as n, listed as t };
