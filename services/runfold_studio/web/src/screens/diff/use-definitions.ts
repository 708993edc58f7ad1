/** What both runs ran, and what of it is not the same. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { exchange } from "@/api/client";
import { useDrawing } from "@/canvas/use-drawing";
import { type DiffGraph, diffGraph, marksBetween } from "@/graph/diff-graph";
import type { Graph } from "@/graph/graph";
import type { Point } from "@/graph/layout";
import { eventsOf } from "@/run/lines";
import type { RunDiff } from "./differences";

export interface Definitions extends DiffGraph {
  left: Graph;
  right: Graph;
  moved: ReadonlyMap<string, Point>;
}

const NO_MARKS: DiffGraph["marks"] = new Map();

/** Both definitions as one drawing; null while they are read. */
export function useDefinitions(diff: RunDiff): {
  drawn: Definitions | null;
  problem: unknown;
} {
  const { a, b, same_definition: same } = diff;
  const first = useDefinition(same ? b.run_id : a.run_id);
  const second = useDefinition(b.run_id);
  const left = useDrawing(first.data, "", "");
  const right = useDrawing(second.data, b.workflow_id, b.version);
  const pending = left.pending || right.pending || first.isPending || second.isPending;
  const drawn = useMemo(() => {
    if (pending) return null;
    const graphs = { left: left.graph, right: right.graph, moved: right.moved };
    if (same) return { ...graphs, graph: right.graph, marks: NO_MARKS };
    const marks = marksBetween(left.graph, right.graph);
    return { ...graphs, ...diffGraph(left.graph, right.graph, marks) };
  }, [pending, same, left.graph, right.graph, right.moved]);
  return { drawn, problem: first.error ?? second.error };
}

function useDefinition(runId: string) {
  return useQuery({
    queryKey: ["run", runId, "definition"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      const answer = await exchange("get", "/api/runs/{run_id}/events", {
        path: { run_id: runId },
        query: { limit: 1 },
        accept: "application/x-ndjson",
      });
      const [first] = eventsOf(await answer.text());
      return first?.type === "run_started" ? (first.definition ?? null) : null;
    },
  });
}
