/** Why a node did not run: the edges that lead to it, and what their other ends came to. */

import { addressOf, compositeOf, nodeIdOf, scopeOf } from "./addresses";
import type { Moment } from "./moment";
import type { Graph } from "./plan";
import { ENDED, hasEnded, type NodeState } from "./state";

export type Reason =
  /** The source went on at other ports. */
  | { kind: "not_taken"; source: string; port: string; took: readonly string[]; seq: number }
  | { kind: "source_skipped" | "source_cancelled"; source: string; seq: number }
  /** The source failed, and nothing was to follow from that. */
  | { kind: "source_failed"; source: string; seq: number; code: string }
  | { kind: "source_open" | "source_absent"; source: string }
  /** The edge was taken: what is missing are the others, or the run ended first. */
  | { kind: "taken"; source: string; port: string; seq: number }
  /** What it stands in has not begun, or had no such item. */
  | { kind: "around"; around: string }
  /** A join went on without it. */
  | { kind: "given_up"; by: string; seq: number }
  | { kind: "run_ended"; status: string; seq: number }
  /** It undoes another node, which did not have to be undone. */
  | { kind: "undoes"; node: string };

/** The reasons, the deciding ones first; none for a node that ran. */
export function whyNot(moment: Moment, address: string): Reason[] {
  const { plan, state } = moment;
  const node = state.nodes.get(address);
  if (node && node.status !== "skipped" && node.startedAt !== null && node.status !== "cancelled")
    return [];
  const scope = scopeOf(address);
  const graph = plan.at(scope);
  if (!graph || (scope && !state.scopes.get(scope)))
    return scope ? [{ kind: "around", around: compositeOf(scope) }] : [];
  if (node?.status === "cancelled")
    return [{ kind: "given_up", by: node.cancelledBy, seq: node.seq }];
  const reasons = edgesTo(graph, nodeIdOf(address)).map(({ source, port }) =>
    reasonOf(addressOf(scope, source), port, state.nodes.get(addressOf(scope, source))),
  );
  const undone = undoneBy(graph, nodeIdOf(address));
  if (undone) reasons.push({ kind: "undoes", node: addressOf(scope, undone) });
  const { status } = state.head;
  if (hasEnded(status) && node?.status !== "skipped")
    reasons.push({ kind: "run_ended", status, seq: state.head.lastSeq });
  return reasons.sort((a, b) => WEIGHT[a.kind] - WEIGHT[b.kind]);
}

const WEIGHT: Record<Reason["kind"], number> = {
  given_up: 0,
  around: 0,
  not_taken: 1,
  source_failed: 1,
  source_skipped: 2,
  source_cancelled: 2,
  undoes: 2,
  source_open: 3,
  source_absent: 3,
  run_ended: 4,
  taken: 5,
};

function edgesTo(graph: Graph, id: string): { source: string; port: string }[] {
  const found: { source: string; port: string }[] = [];
  for (const node of graph.nodes.values()) {
    for (const [port, targets] of node.targets)
      if (targets.includes(id)) found.push({ source: node.id, port });
  }
  return found;
}

function undoneBy(graph: Graph, id: string): string {
  for (const node of graph.nodes.values()) if (node.compensate === id) return node.id;
  return "";
}

function reasonOf(source: string, port: string, node: NodeState | undefined): Reason {
  if (!node) return { kind: "source_absent", source };
  const { seq } = node;
  if (node.status === "skipped") return { kind: "source_skipped", source, seq };
  if (node.status === "cancelled") return { kind: "source_cancelled", source, seq };
  if (node.status === "failing")
    return { kind: "source_failed", source, seq, code: node.error?.code ?? "" };
  if (!ENDED.has(node.status)) return { kind: "source_open", source };
  const took = node.ports.length > 0 ? node.ports : [node.port];
  if (took.includes(port)) return { kind: "taken", source, port, seq };
  return { kind: "not_taken", source, port, took, seq };
}
