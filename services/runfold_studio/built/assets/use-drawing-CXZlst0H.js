import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { p as useQuery } from "./index-DgqGT2MN.js";
import { n as require_react } from "./jsx-runtime-CgfO9KJ9.js";
import { r as call, t as ApiProblem } from "./client-wO5ukrQM.js";
import { n as graphOf, r as kindsByType } from "./graph-BJzTqG0k.js";
// src/canvas/use-drawing.ts
/** What a canvas needs beside a definition: kinds, which know bodies and ports, and places that somebody chose. */
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
/** The drawing of a definition, with the layout of the version that it is. */
function useDrawing(definition, workflowId, version) {
	const kinds = useQuery({
		queryKey: ["kinds"],
		staleTime: Number.POSITIVE_INFINITY,
		queryFn: async () => kindsByType((await call("get", "/api/kinds")).data.items)
	});
	const layout = useQuery({
		queryKey: [
			"layout",
			workflowId,
			version
		],
		enabled: workflowId !== "",
		queryFn: async () => placesOf(workflowId, version)
	});
	const graph = (0, import_react.useMemo)(() => graphOf(definition, kinds.data ?? /* @__PURE__ */ new Map()), [definition, kinds.data]);
	const pending = kinds.isPending || workflowId !== "" && layout.isPending;
	return {
		graph,
		moved: layout.data ?? NONE,
		pending
	};
}
var NONE = /* @__PURE__ */ new Map();
async function placesOf(workflowId, version) {
	try {
		const { data } = await call("get", "/api/workflows/{workflow_id}/layout", {
			path: { workflow_id: workflowId },
			query: version === "draft" ? {} : { version }
		});
		return new Map(Object.entries(data.nodes ?? {}).map(([at, { x, y }]) => [at, {
			x,
			y
		}]));
	} catch (problem) {
		if (problem instanceof ApiProblem && problem.status === 404) return NONE;
		throw problem;
	}
}
export { useDrawing as t };
