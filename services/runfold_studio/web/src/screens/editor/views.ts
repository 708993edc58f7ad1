/** What the canvas shows of a session: places that somebody chose, and levels of findings. */

import { useMemo } from "react";
import type { Point } from "@/graph/layout";
import { pinnedAmong } from "@/graph/pins";
import { prefixOf, type Session } from "./session";
import { usePart } from "./use-session";

export function usePlaces(session: Session): ReadonlyMap<string, Point> {
  const nodes = usePart(session.store, (state) => state.layout.nodes);
  const prefix = usePart(session.store, (state) => prefixOf(state.root));
  return useMemo(
    () =>
      new Map(
        Object.entries(nodes ?? {}).flatMap(([address, { x, y }]) =>
          address.startsWith(prefix) ? [[address.slice(prefix.length), { x, y }]] : [],
        ),
      ),
    [nodes, prefix],
  );
}

/** Addresses of boxes whose output is pinned. */
export function usePinned(session: Session): ReadonlySet<string> {
  const value = usePart(session.store, (state) => state.drawn.document.value);
  const places = usePart(session.store, (state) => state.drawn.places);
  return useMemo(() => pinnedAmong(value, places.nodes.keys()), [value, places]);
}

type Level = "error" | "warning" | "info";
const RANK: Record<Level, number> = { error: 2, warning: 1, info: 0 };

/** The worst level of findings by address; informations are none to worry about. */
export function useLevels(session: Session): ReadonlyMap<string, Level> {
  const checked = usePart(session.store, (state) => state.checked);
  const prefix = usePart(session.store, (state) => prefixOf(state.root));
  return useMemo(() => {
    const found = new Map<string, Level>();
    for (const { node, level } of checked?.findings ?? []) {
      if (!node?.startsWith(prefix) || level === "info") continue;
      const address = node.slice(prefix.length);
      const before = found.get(address);
      if (!before || RANK[level] > RANK[before]) found.set(address, level);
    }
    return found;
  }, [checked, prefix]);
}
