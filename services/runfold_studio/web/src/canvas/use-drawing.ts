/** What a canvas needs beside a definition: kinds, which know bodies and ports, and places that somebody chose. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ApiProblem, call } from "@/api/client";
import { type Graph, graphOf, kindsByType } from "@/graph/graph";
import type { Point } from "@/graph/layout";

interface Drawing {
  graph: Graph;
  moved: ReadonlyMap<string, Point>;
  /** Whether something is still being asked for: boxes would jump when it comes. */
  pending: boolean;
}

/** The drawing of a definition, with the layout of the version that it is. */
export function useDrawing(definition: unknown, workflowId: string, version: string): Drawing {
  const kinds = useKinds();
  const layout = useQuery({
    queryKey: ["layout", workflowId, version],
    enabled: workflowId !== "",
    queryFn: async () => placesOf(workflowId, version),
  });
  const graph = useMemo(
    () => graphOf(definition, kinds.data ?? new Map()),
    [definition, kinds.data],
  );
  const pending = kinds.isPending || (workflowId !== "" && layout.isPending);
  return { graph, moved: layout.data ?? NONE, pending };
}

export function useKinds() {
  return useQuery({
    queryKey: ["kinds"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => kindsByType((await call("get", "/api/kinds")).data.items),
  });
}

const NONE: ReadonlyMap<string, Point> = new Map();

async function placesOf(workflowId: string, version: string): Promise<ReadonlyMap<string, Point>> {
  try {
    const { data } = await call("get", "/api/workflows/{workflow_id}/layout", {
      path: { workflow_id: workflowId },
      query: version === "draft" ? {} : { version },
    });
    return new Map(Object.entries(data.nodes ?? {}).map(([at, { x, y }]) => [at, { x, y }]));
  } catch (problem) {
    // A run outlives its workflow, which may be deleted; it is drawn without chosen places then.
    if (problem instanceof ApiProblem && problem.status === 404) return NONE;
    throw problem;
  }
}
