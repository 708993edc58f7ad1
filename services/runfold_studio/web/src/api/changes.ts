/** What changes on the gateway, told to every screen over one connection of the page. */

import { useEffect, useRef } from "react";
import type { Frame } from "./sse";
import { follow } from "./streams";

export interface RunChange {
  type: "run";
  run_id: string;
  workflow_id: string;
  version: string;
  status: string;
  started_at: number | null;
  ended_at: number | null;
}
export interface ReviewChange {
  type: "review";
  run_id: string;
  node: string;
  status: "open" | "closed";
}
export interface WorkflowChange {
  type: "workflow";
  workflow_id: string;
  version: string | number | null;
  change: string;
}
export interface DeadChange {
  type: "dead";
  seq: number;
}
export type Change = RunChange | ReviewChange | WorkflowChange | DeadChange;
export type ChangeType = Change["type"];

/** Told with no change at all when a connection has begun, or missed some: what was read before may be old. */
type Listener = (changes: Change[]) => void;

const PATH = "/api/changes";
const TYPES: ReadonlySet<string> = new Set(["run", "review", "workflow", "dead"]);

/** The change that a frame tells of, or null for what this page does not know. */
export function changeOf(frame: Frame): Change | null {
  if (!TYPES.has(frame.event)) return null;
  return { ...(JSON.parse(frame.data) as object), type: frame.event } as Change;
}

const listeners = new Set<Listener>();
let end: (() => void) | null = null;

function tell(changes: Change[]): void {
  for (const listener of [...listeners]) listener(changes);
}

function begin(): () => void {
  let begun = false;
  return follow({
    path: PATH,
    onFrames: (frames) => {
      const changes = frames.map(changeOf).filter((change) => change !== null);
      if (changes.length > 0) tell(changes);
      // The gateway no longer has what came after the place that was asked for.
      if (frames.some((frame) => frame.event === "reset")) tell([]);
    },
    onState: (state) => {
      // Later connections go on behind the last change that was seen.
      if (state === "open" && !begun) {
        begun = true;
        tell([]);
      }
    },
  });
}

/** Hear of changes until the function that comes back is called; the last to leave ends the connection. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  end ??= begin();
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || end === null) return;
    end();
    end = null;
  };
}

/**
 * Hear of changes of some types while a component is shown, some at once and at most so often.
 *
 * @param every Milliseconds between two calls: what comes meanwhile is kept for the next one.
 */
export function useChanges(
  types: readonly ChangeType[],
  heard: (changes: Change[]) => void,
  every = 500,
): void {
  const newest = useRef(heard);
  useEffect(() => {
    newest.current = heard;
  });
  const wanted = types.join(",");
  useEffect(() => {
    const kept: Change[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hand = () => {
      timer = undefined;
      newest.current(kept.splice(0));
    };
    const leave = listen((changes) => {
      const ours = changes.filter((change) => wanted.split(",").includes(change.type));
      if (changes.length > 0 && ours.length === 0) return;
      kept.push(...ours);
      timer ??= setTimeout(hand, every);
    });
    return () => {
      clearTimeout(timer);
      leave();
    };
  }, [wanted, every]);
}
