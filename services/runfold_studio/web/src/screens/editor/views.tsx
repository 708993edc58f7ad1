/** What the canvas shows of a session: places that somebody chose, levels of findings, a node to look at. */

import { useReactFlow } from "@xyflow/react";
import { useEffect, useMemo } from "react";
import type { Point } from "@/graph/layout";
import type { Session } from "./session";
import { usePart } from "./use-session";

export function usePlaces(session: Session): ReadonlyMap<string, Point> {
  const nodes = usePart(session.store, (state) => state.layout.nodes);
  const root = usePart(session.store, (state) => state.root);
  return useMemo(
    () =>
      new Map(
        Object.entries(nodes ?? {})
          .filter(() => root.length === 0)
          .map(([address, { x, y }]) => [address, { x, y }]),
      ),
    [nodes, root],
  );
}

type Level = "error" | "warning" | "info";
const RANK: Record<Level, number> = { error: 2, warning: 1, info: 0 };

/** The worst level of findings by address; informations are none to worry about. */
export function useLevels(session: Session): ReadonlyMap<string, Level> {
  const checked = usePart(session.store, (state) => state.checked);
  const root = usePart(session.store, (state) => state.root);
  return useMemo(() => {
    const prefix = root.length === 2 ? `${String(root[1])}:` : "";
    const found = new Map<string, Level>();
    for (const { node, level } of checked?.findings ?? []) {
      if (!node?.startsWith(prefix) || level === "info") continue;
      const address = node.slice(prefix.length);
      const before = found.get(address);
      if (!before || RANK[level] > RANK[before]) found.set(address, level);
    }
    return found;
  }, [checked, root]);
}

/** Brings a node to the middle of the canvas. */
export function Focus({ on }: { on: { address: string } | null }) {
  const flow = useReactFlow();
  useEffect(() => {
    if (on) void flow.fitView({ nodes: [{ id: on.address }], maxZoom: 1, duration: 200 });
  }, [on, flow]);
  return null;
}
