/** What two runs' comparison comes to, box by box and value by value. No React here. */

import type { components } from "@/api/schema";
import type { BoxState, CanvasLive } from "@/canvas/live";
import { boxOf } from "@/graph/graph";

export type RunDiff = components["schemas"]["RunDiff"];
export type NodeDiff = components["schemas"]["NodeDiff"];

/** How a node differs, in words that have a look of their own. */
export const WORDS: Record<NodeDiff["change"], string> = {
  same: "same",
  status: "other_status",
  output: "other_output",
  only_a: "only_left",
  only_b: "only_right",
};
/** The gravest first: what a box says whose items differ in several ways. */
const GRAVEST: NodeDiff["change"][] = ["status", "only_a", "only_b", "output", "same"];

/** The canvas of a comparison: it never changes. */
export function differencesOn(
  nodes: readonly NodeDiff[],
  differing: (some: number, all: number) => string,
): CanvasLive {
  const boxes = new Map<string, { worst: NodeDiff["change"]; differ: number; all: number }>();
  for (const { address, change } of nodes) {
    const box = boxes.get(boxOf(address)) ?? { worst: "same", differ: 0, all: 0 };
    if (GRAVEST.indexOf(change) < GRAVEST.indexOf(box.worst)) box.worst = change;
    box.differ += Number(change !== "same");
    box.all += 1;
    boxes.set(boxOf(address), box);
  }
  const states = new Map<string, BoxState>();
  for (const [box, { worst, differ, all }] of boxes) {
    const line = all > 1 && differ > 0 ? differing(differ, all) : "";
    states.set(box, { status: WORDS[worst], line, attempts: 1, items: null });
  }
  return {
    box: (address) => states.get(address) ?? null,
    edge: () => null,
    subscribe: () => () => undefined,
  };
}

export interface Compared {
  readonly name: string;
  readonly left: unknown;
  readonly right: unknown;
  readonly same: boolean;
}

type Values = Readonly<Record<string, unknown>>;

/** Two objects name by name, what differs first. */
export function compared(left: Values, right: Values): Compared[] {
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  const all = names.map((name) => ({
    name,
    left: left[name],
    right: right[name],
    same: isSame(left[name], right[name]),
  }));
  return [...all.filter((one) => !one.same), ...all.filter((one) => one.same)];
}

/** Whether two JSON values are the same. The order of keys does not count. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Values, b as Values];
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && isSame(left[name], right[name]))
  );
}
