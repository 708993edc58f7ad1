import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { t as Canvas } from "./canvas-BD_Xwwj9.js";
import { t as useDrawing } from "./use-drawing-CXZlst0H.js";
import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { r as clock, s as duration } from "./numbers-DREmUqdS.js";
import { t as addressOf } from "./addresses-CxXYaze4.js";
import { f as shownStatus, g as runTexts, n as addressIn, p as waitOf, r as scopeIn } from "./workspace-view-BwVbuKVI.js";
import { t as isTaken } from "./why-BxxZT9FO.js";
import { s as visible } from "./index-DgqGT2MN.js";
import { n as useWorkspace } from "./workspace-fWFoV-tM.js";
// src/screens/run/live.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var RunLive = class {
	#listeners = /* @__PURE__ */ new Set();
	#boxes = /* @__PURE__ */ new Map();
	#shown = null;
	show(shown) {
		this.#shown = shown;
		for (const listener of this.#listeners) listener();
	}
	subscribe = (listener) => {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	};
	box(box) {
		const shown = this.#shown;
		const address = shown && addressIn(shown.moment.state, box, shown.picks);
		const node = address ? shown?.moment.state.nodes.get(address) : void 0;
		if (!shown || !node) return null;
		const next = boxState(shown, node);
		const before = this.#boxes.get(box);
		if (before && isSame(before, next)) return before;
		this.#boxes.set(box, next);
		return next;
	}
	edge(id) {
		const shown = this.#shown;
		if (!shown) return null;
		const [source = "", rest = ""] = splitOnce(id);
		const port = rest.slice(0, rest.lastIndexOf(" "));
		const { scope } = scopeIn(shown.moment.state, source, shown.picks);
		if (scope === null) return null;
		const at = addressOf(scope, source.slice(source.lastIndexOf("/") + 1));
		const taken = isTaken(shown.moment.state.nodes.get(at), port);
		return taken === null ? null : taken ? "taken" : "skipped";
	}
};
function splitOnce(text) {
	const cut = text.indexOf(" ");
	return [text.slice(0, cut), text.slice(cut + 1)];
}
function boxState(shown, node) {
	const { moment } = shown;
	const status = shownStatus(moment.plan, moment.state, node);
	const text = status === "running" ? endOfText(shown, node) : "";
	return {
		status: text ? "streaming" : status,
		line: text || lineOf(shown, node, status),
		attempts: node.attempts.length,
		items: itemsOf(node)
	};
}
function endOfText({ moment, streamed }, node) {
	const text = streamed.of(node.address, node.attempt, moment.until)?.text ?? "";
	return visible(text.slice(-90)).replace(/\s+/g, " ").trim();
}
function lineOf({ until }, node, status) {
	if (node.error && (status === "failed" || status === "retrying" || status === "exception")) return visible(node.error.message.slice(0, 200));
	const wait = waitOf(node);
	if (wait) return wait.state || (wait.due === null ? visible(wait.message) : until(clock(wait.due)));
	if (node.startedAt === null || node.finishedAt === null || status === "skipped") return "";
	return duration(node.finishedAt - node.startedAt);
}
function itemsOf({ composite }) {
	switch (composite?.kind) {
		case "rounds": return {
			done: composite.ended,
			total: composite.count,
			failed: composite.failed
		};
		case "agent": return {
			done: composite.rounds.length,
			total: 0,
			failed: 0
		};
		default: return null;
	}
}
function isSame(a, b) {
	return a.status === b.status && a.line === b.line && a.attempts === b.attempts && a.items?.done === b.items?.done && a.items?.total === b.items?.total && a.items?.failed === b.items?.failed;
}
// src/screens/run/run-canvas.tsx
/** The canvas of a run: its definition as it was pinned, with what became of each node. */
var import_jsx_runtime = require_jsx_runtime();
function RunCanvas() {
	const t = useTexts(runTexts);
	const { runId, data, moment, picks, selected, selectBox } = useWorkspace();
	const definition = data.history.first?.definition;
	const { workflowId, version } = moment.state.head;
	const { graph, moved, pending } = useDrawing(definition, runId === null ? "" : workflowId, version);
	const [live] = (0, import_react.useState)(() => new RunLive());
	const { streamed } = data;
	(0, import_react.useEffect)(() => live.show({
		moment,
		picks,
		streamed,
		until: t.until
	}));
	const select = (0, import_react.useCallback)((boxes) => selectBox(boxes.at(-1) ?? null), [selectBox]);
	const box = selected?.box;
	const chosen = (0, import_react.useMemo)(() => box === void 0 ? [] : [box], [box]);
	if (pending) return null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Canvas, {
		graph,
		moved,
		live,
		selected: chosen,
		onSelect: select
	});
}
export { RunCanvas as default };
