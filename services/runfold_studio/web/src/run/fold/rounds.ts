/** Loops, iterations, batches, parallel branches and called workflows: how each begins and goes on. */

import { addressOf, childScope } from "../addresses";
import type { EventOf, NodeEvent } from "../events";
import { bodyOf, type PlanNode } from "../plan";
import type { Called, NodeState, Rounds, Scopes } from "../state";
import { canAdvance, type Draft } from "./draft";
import { closeScope, openScope, recorded, scopeEnded, settleScope } from "./scopes";

export const NO_SCOPES: Scopes = {
  begun: 0,
  ended: 0,
  underWay: new Set(),
  settled: new Set(),
  variables: {},
};

export function roundsOf(planned: PlanNode, event: EventOf<"loop_started">): Rounds {
  const items = event.items ?? [];
  return {
    ...NO_SCOPES,
    kind: "rounds",
    branches: planned.bodies.has("") ? [] : items.map(String),
    count: event.total ?? items.length,
    failed: 0,
    last: false,
    nextDue: null,
    delay: event.delay ?? 0,
    batchSize: event.batch_size ?? 0,
    variables: event.variables ?? {},
  };
}

export function calledBy(event: EventOf<"sub_workflow_started">): Called {
  const index = event.index ?? 0;
  return {
    ...NO_SCOPES,
    kind: "called",
    workflow: event.workflow,
    version: event.version ?? "",
    begun: index + 1,
    ended: index,
    underWay: new Set([index]),
    variables: event.values ?? {},
  };
}

/** The rounds that an event is about; null when it cannot change them any more. */
function current(draft: Draft, event: NodeEvent): { node: NodeState; rounds: Rounds } | null {
  const address = addressOf(event.scope ?? "", event.node_id);
  const node = draft.nodes.get(address);
  if (node?.status !== "active" || (event.attempt ?? 1) !== node.attempt) return null;
  if (node.composite?.kind !== "rounds" || !canAdvance(draft, address)) return null;
  return { node, rounds: node.composite };
}

function keep(draft: Draft, node: NodeState, composite: Rounds): void {
  draft.put({ ...node, composite });
  draft.counted();
}

export function roundBegan(
  draft: Draft,
  event: EventOf<"loop_next"> | EventOf<"parallel_branch_started">,
): void {
  const found = current(draft, event);
  const index = event.index;
  if (!found || index !== found.rounds.begun || index >= found.rounds.count) return;
  const name = found.rounds.branches[index] ?? "";
  const graph = draft.plan.at(event.scope ?? "");
  const body = graph && bodyOf(graph, event.node_id, name);
  if (!body) return;
  const underWay = new Set([...found.rounds.underWay, index]);
  keep(draft, found.node, { ...found.rounds, begun: index + 1, underWay });
  openScope(draft, body, childScope(found.node.address, index, name));
}

type Succeeded = EventOf<"loop_item_succeeded"> | EventOf<"parallel_branch_succeeded">;
type Failed = EventOf<"loop_item_failed"> | EventOf<"parallel_branch_failed">;

export function roundEnded(draft: Draft, event: Succeeded | Failed): void {
  const found = current(draft, event);
  const index = event.index;
  if (!found || !(found.rounds.underWay.has(index) || found.rounds.settled.has(index))) return;
  const failed = event.type === "loop_item_failed" || event.type === "parallel_branch_failed";
  const scope = childScope(found.node.address, index, found.rounds.branches[index] ?? "");
  settleScope(draft, scope, failed ? "failed" : "succeeded");
  let rounds = recorded(found.rounds, index);
  if (failed) {
    rounds = { ...rounds, failed: rounds.failed + 1 };
    draft.change({ exceptions: draft.head.exceptions + 1 });
  } else if ("last" in event && event.last) {
    rounds = { ...rounds, last: true };
  }
  keep(draft, found.node, paused(rounds, draft.time));
}

/** The rounds with the pause, if any, that follows a round or the last item of a batch. */
function paused(rounds: Rounds, time: number): Rounds {
  const isOver = rounds.last || rounds.ended >= rounds.count;
  const inBatch = rounds.batchSize > 0 && rounds.ended % rounds.batchSize !== 0;
  return !rounds.delay || isOver || inBatch ? rounds : { ...rounds, nextDue: time + rounds.delay };
}

/** The time of one item is up, or the pause between two rounds is over. */
export function roundTimed(draft: Draft, event: EventOf<"timer_fired">): void {
  const found = current(draft, event);
  if (!found) return;
  const index = event.index ?? -1;
  if (event.timer === "delay") {
    if (found.rounds.nextDue !== null && index === found.rounds.ended)
      keep(draft, found.node, { ...found.rounds, nextDue: null });
    return;
  }
  if (!found.rounds.underWay.has(index)) return;
  const scope = childScope(found.node.address, index, found.rounds.branches[index] ?? "");
  closeScope(draft, scope, "failed");
  scopeEnded(draft, scope);
  draft.counted();
}
