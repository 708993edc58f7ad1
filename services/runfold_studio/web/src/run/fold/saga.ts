/** Compensation: a run that cannot reach its end undoes what it has completed, newest first. */

import { addressOf, compositeOf, nodeIdOf, scopeOf } from "../addresses";
import type { EventOf, Failure, NodeEvent } from "../events";
import type { PlanNode } from "../plan";
import type { NodeState, NodeStatus, RunState, Undoing } from "../state";
import { type Draft, fresh } from "./draft";
import { nextNode } from "./transitions";
import { used } from "./usage";

/** Statuses of a task whose attempt an executor may have begun. */
const UNDER_WAY: ReadonlySet<NodeStatus> = new Set(["ready", "running"]);
/** Kinds that the scheduler decides without an executor. */
export const INLINE: ReadonlySet<string> = new Set([
  "agent",
  "aggregate",
  "answer",
  "assign",
  "batch",
  "break",
  "compensate",
  "condition",
  "continue",
  "end",
  "human_review",
  "input",
  "iteration",
  "join",
  "loop",
  "parallel",
  "placeholder",
  "question",
  "selector",
  "start",
  "state_machine",
  "sub_workflow",
  "values",
  "wait",
  "webhook_reply",
]);
const NOT_BEGUN = "node.not_begun";

/** Whether a composite around an address has succeeded and is undone as a whole. */
function isCovered(draft: Draft, address: string): boolean {
  let scope = scopeOf(address);
  while (scope) {
    const around = compositeOf(scope);
    const succeeded = draft.nodes.get(around)?.status === "succeeded";
    if (succeeded && draft.plan.node(around)?.compensate) return true;
    scope = scopeOf(around);
  }
  return false;
}

/** Note a node that has succeeded and can be undone, in place of all that is inside it. */
export function completed(draft: Draft, address: string, planned: PlanNode): void {
  if (!planned.compensate || draft.head.forking || isCovered(draft, address)) return;
  const inside = `${address}[`;
  const kept = INLINE.has(planned.type)
    ? draft.head.completed.filter((one) => !one.startsWith(inside))
    : draft.head.completed;
  draft.change({ completed: [address, ...kept] });
}

/** Whether a node can be undone, alone or together with a composite around it. */
function mayMatter(draft: Draft, address: string): boolean {
  for (let at = address; ; at = compositeOf(scopeOf(at))) {
    if (draft.plan.node(at)?.compensate) return true;
    if (!scopeOf(at)) return false;
  }
}

/** An event about a node of a closed scope, or of a run that compensates. */
export function foldLate(draft: Draft, event: NodeEvent): void {
  const address = addressOf(event.scope ?? "", event.node_id);
  const planned = draft.plan.node(address);
  let before = draft.nodes.get(address);
  if (!planned || !before || !mayMatter(draft, address)) return;
  const { saga } = draft.head;
  if (saga && hasBegunAfterAll(before, event)) before = { ...before, status: "ready", error: null };
  else if (!UNDER_WAY.has(before.status) || (saga && !saga.open.has(address))) return;
  const after = nextNode(planned, before, event);
  if (!after || (before.status === "running" && isUnbegun(event))) return;
  draft.put(after);
  draft.counted(after.usage ? { usage: used(draft.head.usage, after.usage) } : {});
  if (after.status === "succeeded") completed(draft, address, planned);
  if (!draft.head.saga) return;
  draft.closed(address);
  if (UNDER_WAY.has(after.status)) draft.opened(address);
  undoNext(draft);
}

/** Whether one copy of a task was dropped unbegun and another copy has begun. */
function hasBegunAfterAll(node: NodeState, event: NodeEvent): boolean {
  const begun = event.type === "node_run_started" || event.type === "node_run_succeeded";
  return begun && node.status === "failing" && node.error?.code === NOT_BEGUN;
}

function isUnbegun(event: NodeEvent): boolean {
  return event.type === "node_run_failed" && event.error.code === NOT_BEGUN;
}

export function sagaBegan(draft: Draft, event: EventOf<"run_compensating">): void {
  const { head, plan } = draft;
  if (head.saga || draft.scopes.get("")?.ended === plan.graph.forward) return;
  const idle = head.status === "queued" || head.forking;
  draft.counted({
    status: "compensating",
    pauseReason: "",
    parked: false,
    error: event.cause === "cancel" ? null : event.error,
    errorAddress: event.node_id ? addressOf(event.scope ?? "", event.node_id) : "",
    cancelReason: event.cause === "cancel" ? (event.reason ?? "") : "",
    saga: {
      cause: event.cause,
      error: event.error,
      undoing: null,
      log: [],
      open: new Set(idle ? [] : underWay(draft)),
    },
  });
  undoNext(draft);
}

function underWay(draft: Draft): string[] {
  const found: string[] = [];
  for (const [address, node] of draft.nodes.entries()) {
    const planned = draft.plan.node(address);
    if (!UNDER_WAY.has(node.status) || !planned || INLINE.has(planned.type)) continue;
    if (planned.compensate || isCovered(draft, address)) found.push(address);
  }
  return found.sort();
}

/** The address of the node that undoes the one at an address. */
function undoneBy(draft: Pick<Draft, "plan">, address: string): string {
  return addressOf(scopeOf(address), draft.plan.node(address)?.compensate ?? "");
}

function undoNext(draft: Draft): void {
  const { saga, completed: left } = draft.head;
  const [address] = left;
  if (!saga || saga.undoing || saga.open.size > 0 || address === undefined) return;
  const by = undoneBy(draft, address);
  draft.change({ completed: left.slice(1) });
  draft.put(fresh(by, "ready"));
  draft.changeSaga({ open: new Set([by]), undoing: { address, by } });
}

export function undoingEnded(draft: Draft): void {
  const { saga } = draft.head;
  if (!saga?.undoing) return;
  draft.changeSaga({ undoing: null, log: [...saga.log, saga.undoing] });
  draft.closed(saga.undoing.by);
  undoNext(draft);
}

/** Why a run that ends now did not undo everything; null when it did, or was to leave it. */
export function leftAsItIs(draft: Draft): Failure | null {
  const { saga, status, completed: rest } = draft.head;
  if (!saga || status === "paused") return null;
  if (saga.open.size === 0 && !saga.undoing && rest.length === 0) return null;
  const nodes = new Set([...rest, ...saga.open]);
  if (saga.undoing) {
    nodes.delete(saga.undoing.by);
    nodes.add(saga.undoing.address);
  }
  const left = [...nodes].sort();
  return {
    code: "run.compensation_failed",
    message: `${left.join(", ")}: not undone, since the result came when the run had decided to end`,
    kind: "internal",
    details: { nodes: left, cause: saga.error.code },
  };
}

/** One completed node that is undone, in the order of doing it. */
export interface UndoingView extends Undoing {
  readonly node: string;
  readonly status: "pending" | "running" | "compensated" | "failed" | "cancelled";
}

export function compensation(
  plan: Draft["plan"],
  state: RunState,
  hasEnded: boolean,
): UndoingView[] {
  const { saga, completed: rest } = state.head;
  if (!saga) return [];
  const pending = rest.map((address) => ({ address, by: undoneBy({ plan }, address) }));
  return [...saga.log, ...(saga.undoing ? [saga.undoing] : []), ...pending].map((one) => {
    const held = state.nodes.get(one.by);
    const known = { succeeded: "compensated", exception: "failed" } as const;
    const status =
      known[held?.status as "succeeded"] ??
      (hasEnded ? "cancelled" : held && held.startedAt !== null ? "running" : "pending");
    return { ...one, node: nodeIdOf(one.address), status };
  });
}
