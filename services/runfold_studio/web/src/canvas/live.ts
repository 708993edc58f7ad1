/** What a canvas shows of a run: asked for box by box, so that only what changed is drawn again. */

import { createContext, useContext, useSyncExternalStore } from "react";

export interface BoxState {
  status: string;
  /** One line under the title: the end of streamed text, an error, a duration. */
  line: string;
  /** Attempts begun; shown from the second on. */
  attempts: number;
  /** Of a composite: items or rounds. */
  items: { done: number; total: number; failed: number } | null;
}

export type EdgeState = "taken" | "skipped";

export interface CanvasLive {
  /** Must give the same object until the box changes. */
  box(address: string): BoxState | null;
  edge(id: string): EdgeState | null;
  subscribe(listener: () => void): () => void;
}

export const Still: CanvasLive = {
  box: () => null,
  edge: () => null,
  subscribe: () => () => undefined,
};

export const LiveContext = createContext<CanvasLive>(Still);

export function useBoxState(address: string): BoxState | null {
  const live = useContext(LiveContext);
  return useSyncExternalStore(live.subscribe, () => live.box(address));
}

export function useEdgeState(id: string): EdgeState | null {
  const live = useContext(LiveContext);
  return useSyncExternalStore(live.subscribe, () => live.edge(id));
}
