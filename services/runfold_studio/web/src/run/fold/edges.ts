/** What the end of a node does to the graph around it: joins, skips, and the ends of scopes. */

import { addressOf, scopeOf } from "../addresses";
import type { Graph, PlanNode } from "../plan";
import { ENDED, type JoinCount, type NodeState, type NodeStatus } from "../state";
import { type Draft, fresh } from "./draft";
import { closeScopesOf, NO_JOINS, scopeEnded } from "./scopes";

/** Decide the edges of a node that ended: those of its ports are taken, all others skipped. */
export function afterEnd(
  draft: Draft,
  graph: Graph,
  scope: string,
  nodeId: string,
  ports: readonly string[],
): void {
  draft.closed(addressOf(scope, nodeId));
  const held = draft.scopes.get(scope);
  if (!held) return;
  const joins = new Map(held.joins);
  for (const [port, targets] of graph.nodes.get(nodeId)?.targets ?? []) {
    for (const target of targets) {
      const planned = graph.nodes.get(target);
      if (planned)
        decideEdge(draft, joins, addressOf(scope, target), planned, ports.includes(port));
    }
  }
  const ended = held.ended + 1;
  const isComplete = ended === graph.forward;
  const isOver = isComplete && scope !== "";
  draft.scopes.set(scope, {
    ...held,
    joins: joins.size > 0 ? joins : NO_JOINS,
    ended,
    open: !isOver,
    finishedAt: isOver ? draft.time : null,
  });
  if (isOver) scopeEnded(draft, scope);
}

function decideEdge(
  draft: Draft,
  joins: Map<string, JoinCount>,
  address: string,
  planned: PlanNode,
  taken: boolean,
): void {
  const there = draft.nodes.get(address);
  if (planned.join && there && there.status !== "joining") return;
  const before = joins.get(planned.id) ?? { undecided: planned.incoming, taken: 0 };
  const join = { undecided: before.undecided - 1, taken: before.taken + Number(taken) };
  let status = statusOf(planned, join);
  if (status === null) {
    joins.set(planned.id, join);
    if (!planned.join || !planned.timed || there) return;
    status = "joining";
  } else {
    joins.delete(planned.id);
  }
  draft.put(fresh(address, status, firstAttempt(draft, planned, scopeOf(address))));
  draft.opened(address);
}

/** A node that reads along was handed out with each attempt of its source, under its number. */
function firstAttempt(draft: Draft, planned: PlanNode, scope: string): number {
  const source = planned.along ? draft.nodes.get(addressOf(scope, planned.along)) : undefined;
  if (!source) return 1;
  return source.status === "succeeded" ? source.attempt : source.attempt + 1;
}

/** The status of a node that its edges decide; null while they do not. */
function statusOf(planned: PlanNode, join: JoinCount): NodeStatus | null {
  const rule = planned.join;
  if (rule && join.taken >= rule.need) return "ready";
  if (join.undecided > 0) return null;
  return join.taken > 0 || rule?.ignoreErrors ? "ready" : "skipping";
}

/** The nodes under way in a scope that only lead to a join that has gone on. */
export function losersOf(draft: Draft, graph: Graph, scope: string, joinId: string): NodeState[] {
  const found: NodeState[] = [];
  for (const planned of graph.nodes.values()) {
    const node = draft.nodes.get(addressOf(scope, planned.id));
    if (!node || ENDED.has(node.status)) continue;
    let guard = planned.guard;
    while (guard && guard !== joinId) guard = graph.nodes.get(guard)?.guard ?? "";
    if (guard) found.push(node);
  }
  return found;
}

/** Mark nodes as to be cancelled: their results change nothing from now on. */
export function cancelNodes(draft: Draft, nodes: NodeState[]): void {
  for (const node of nodes) {
    draft.put({ ...node, status: "cancelling" });
    closeScopesOf(draft, node.address, node.composite);
  }
}
