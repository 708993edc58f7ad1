import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { o as Problem, p as useQuery } from "./index-DgqGT2MN.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { i as exchange } from "./client-wO5ukrQM.js";
import { t as Canvas } from "./canvas-BD_Xwwj9.js";
import { t as useDrawing } from "./use-drawing-CXZlst0H.js";
import { t as boxOf } from "./graph-BJzTqG0k.js";
import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { n as eventsOf } from "./lines-CAdY71Oe.js";
import { n as diffTexts, r as differencesOn } from "./screen-C-5yXL3L.js";
// src/screens/diff/diff-canvas.tsx
/** The definition of the right run, with how each box differs. */
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
function DiffCanvas({ diff, node, select }) {
	const t = useTexts(diffTexts);
	const { run_id: runId } = diff.b;
	const definition = useQuery({
		queryKey: [
			"run",
			runId,
			"definition"
		],
		staleTime: Number.POSITIVE_INFINITY,
		queryFn: async () => {
			const answer = await exchange("get", "/api/runs/{run_id}/events", {
				path: { run_id: runId },
				query: { limit: 1 },
				accept: "application/x-ndjson"
			});
			const [first] = eventsOf(await answer.text());
			return first?.type === "run_started" ? first.definition ?? null : null;
		}
	});
	const live = (0, import_react.useMemo)(() => differencesOn(diff.nodes, t.differing), [diff, t]);
	const { graph, moved, pending } = useDrawing(definition.data, diff.b.workflow_id, diff.b.version);
	if (definition.error) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: definition.error });
	if (pending || definition.isPending) return null;
	const pick = (boxes) => {
		const box = boxes.at(-1);
		const inside = diff.nodes.filter((one) => boxOf(one.address) === box);
		select((inside.find((one) => one.change !== "same") ?? inside[0])?.address ?? box ?? null);
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Canvas, {
		graph,
		moved,
		live,
		selected: node ? [boxOf(node)] : [],
		onSelect: pick
	});
}
export { DiffCanvas as default };
