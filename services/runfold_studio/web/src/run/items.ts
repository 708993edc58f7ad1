/** Items, rounds, branches, handlers and calls of a composite: which there are, and which is looked at. */

import { addressOf, childScope, compositeOf, indexOf, scopeOf, stepOf } from "./addresses";
import { bodyName } from "./fold/scopes";
import type { Composite, NodeState, RunState } from "./state";

/** The scopes of a composite that run one body: numbers in the order in which they began. */
export interface Items {
  /** How many have begun. */
  readonly count: number;
  /** How many there may be; 0 where that is not known. */
  readonly total: number;
  /** The number of the scope that is the nth of them. */
  at(place: number): number;
  /** Which of them has that number; -1 when none has. */
  placeOf(index: number): number;
  /** How many have failed; null where nobody counts them. */
  readonly failed: number | null;
}

export function itemsOf(node: NodeState, body: string): Items | null {
  const composite = node.composite;
  if (!composite) return null;
  if (composite.kind === "called" || (composite.kind === "rounds" && !composite.branches.length)) {
    const { begun } = composite;
    const total = composite.kind === "rounds" ? composite.count : begun;
    const known = (index: number) => (index < begun ? index : -1);
    const failed = composite.kind === "rounds" ? composite.failed : null;
    return { count: begun, total, at: known, placeOf: known, failed };
  }
  const numbers = numbersOf(composite, body);
  return {
    count: numbers.length,
    total: numbers.length,
    at: (place) => numbers[place] ?? -1,
    placeOf: (index) => numbers.indexOf(index),
    failed: null,
  };
}

function numbersOf(composite: Composite, body: string): number[] {
  const found: number[] = [];
  for (let index = 0; index < composite.begun; index += 1) {
    const name =
      composite.kind === "machine" ? composite.handlers[index] : bodyName(composite, index);
    // A fork leaves numbers out: nothing runs under these.
    const begun = composite.kind !== "agent" || composite.scopes[index] !== undefined;
    if (begun && name === body) found.push(index);
  }
  return found;
}

/** Composite and body → the number of the scope that somebody chose; without one, the newest. */
export type Picks = ReadonlyMap<string, number>;

export function pickKey(address: string, body: string): string {
  return `${address}[${body}`;
}

/** The choices by which a node of a run is looked at. */
export function picksFor(address: string): Map<string, number> {
  const picks = new Map<string, number>();
  for (let scope = scopeOf(address); scope; scope = scopeOf(compositeOf(scope))) {
    const { body } = stepOf(scope.slice(scope.lastIndexOf("/") + 1));
    picks.set(pickKey(compositeOf(scope), body), indexOf(scope));
  }
  return picks;
}

/** One composite around a box, where it stands in the run, and the scope that is looked at. */
export interface Around {
  readonly address: string;
  readonly body: string;
  /** The chosen scope; -1 when none has begun. */
  readonly index: number;
}

/** Where a box `each/call` is in the run: `each[3]/call`; null while its composite has no such scope. */
export function addressIn(state: RunState, box: string, picks: Picks): string | null {
  const { scope } = scopeIn(state, box, picks);
  return scope === null ? null : addressOf(scope, box.slice(box.lastIndexOf("/") + 1));
}

/** The composites around a box, the outermost first, and the scope that the box is in. */
export function scopeIn(
  state: RunState,
  box: string,
  picks: Picks,
): { scope: string | null; around: Around[] } {
  const around: Around[] = [];
  let scope = "";
  for (const step of box.split("/").slice(0, -1)) {
    const open = step.indexOf("[");
    const id = open < 0 ? step : step.slice(0, open);
    const body = open < 0 ? "" : step.slice(open + 1, -1);
    const address = addressOf(scope, id);
    const node = state.nodes.get(address);
    const items = node ? itemsOf(node, body) : null;
    const picked = picks.get(pickKey(address, body));
    const newest = items && items.count > 0 ? items.at(items.count - 1) : -1;
    const index = picked !== undefined && (items?.placeOf(picked) ?? -1) >= 0 ? picked : newest;
    around.push({ address, body, index });
    if (index < 0) return { scope: null, around };
    scope = childScope(address, index, body);
  }
  return { scope, around };
}
