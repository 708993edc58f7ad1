/** Opens and closes the scopes of composites, and notes in them what came of it. */

import { addressOf, childScope, compositeOf, indexOf } from "../addresses";
import type { Graph } from "../plan";
import type { Composite, ScopeState } from "../state";
import { bodyName as bodyOfAgent } from "./agents";
import { type Draft, fresh } from "./draft";

/** No joins that wait: most scopes have none, and there are as many scopes as items. */
export const NO_JOINS: ScopeState["joins"] = new Map();

/** Begin a graph: the nodes without incoming edges are ready. */
export function openScope(draft: Draft, graph: Graph, scope: string): void {
  for (const root of graph.roots) {
    const address = addressOf(scope, root);
    draft.put(fresh(address, "ready"));
    draft.opened(address);
  }
  draft.scopes.set(scope, {
    open: true,
    ended: 0,
    joins: NO_JOINS,
    result: "",
    startedAt: draft.time,
    finishedAt: null,
  });
}

/** The name of the body that a scope of a composite runs; empty where there is only one. */
export function bodyName(composite: Composite, index: number): string {
  switch (composite.kind) {
    case "rounds":
      return composite.branches[index] ?? "";
    case "called":
      return "";
    case "machine":
      return composite.handler;
    case "agent":
      return bodyOfAgent(composite, index);
  }
}

function changeScope(draft: Draft, scope: string, changes: Partial<ScopeState>): void {
  const before = draft.scopes.get(scope);
  if (before) draft.scopes.set(scope, { ...before, ...changes });
}

/** Close a scope and all inside it: events about their nodes change nothing from now on. */
export function closeScope(draft: Draft, scope: string, result: ScopeState["result"] = ""): void {
  if (draft.scopes.get(scope)?.open)
    changeScope(draft, scope, { open: false, joins: NO_JOINS, result, finishedAt: draft.time });
  draft.closedInside(`${scope}/`);
}

/** Close every open scope of a composite. */
export function closeScopesOf(draft: Draft, address: string, composite: Composite | null): void {
  for (const index of composite?.underWay ?? [])
    closeScope(
      draft,
      childScope(address, index, bodyName(composite as Composite, index)),
      "stopped",
    );
  draft.closedInside(`${address}[`);
}

/** Note what the recorded result of a scope says of it. */
export function settleScope(draft: Draft, scope: string, result: ScopeState["result"]): void {
  if (draft.scopes.get(scope)?.open) closeScope(draft, scope, result);
  else changeScope(draft, scope, { result });
}

/** Note in a composite that one of its scopes ended; its result is to be recorded. */
export function scopeEnded(draft: Draft, scope: string): void {
  const [address, index] = [compositeOf(scope), indexOf(scope)];
  const node = draft.nodes.get(address);
  if (!node?.composite) return;
  const { underWay, settled } = node.composite;
  const composite: Composite = {
    ...node.composite,
    underWay: without(underWay, index),
    settled: new Set([...settled, index]),
  };
  draft.put({ ...node, composite });
}

export function without(set: ReadonlySet<number>, index: number): ReadonlySet<number> {
  const left = new Set(set);
  left.delete(index);
  return left;
}

/** A composite once the result of one of its scopes is recorded. */
export function recorded<C extends Composite>(composite: C, index: number): C {
  return {
    ...composite,
    underWay: without(composite.underWay, index),
    settled: without(composite.settled, index),
    ended: composite.ended + 1,
  };
}
