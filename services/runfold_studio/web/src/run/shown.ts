/** What people are told of a node: the words of the API, and what it waits for. */

import type { NodeEvent } from "./events";
import { counts } from "./fold/draft";
import { isResting } from "./fold/machines";
import type { Plan } from "./plan";
import {
  type Attempt,
  ENDED,
  hasEnded,
  type NodeState,
  type NodeStatus,
  type RunState,
} from "./state";

const WORDS: Partial<Record<NodeStatus, string>> = {
  ready: "pending",
  skipping: "pending",
  joining: "waiting",
  active: "running",
  answered: "running",
  extracted: "running",
  failing: "failed",
  backing_off: "retrying",
  cancelling: "cancelled",
};

/** The status of a node as the API says it. */
export function shownStatus(plan: Plan, state: RunState, node: NodeState): string {
  if (ENDED.has(node.status)) return node.status;
  const isOver = hasEnded(state.head.status) || !counts(state, node.address);
  if (isOver && node.status !== "failing") return "cancelled";
  const planned = plan.node(node.address);
  if (planned && isResting(planned, node)) return "waiting";
  return WORDS[node.status] ?? node.status;
}

export interface Wait {
  readonly for: "human" | "timer" | "event" | "state_machine";
  readonly since: number | null;
  readonly due: number | null;
  readonly token: string;
  readonly message: string;
  readonly assignee: string;
  readonly subject: string;
  /** Of a state machine: the state that it is in. */
  readonly state: string;
}

/** What a node waits for; null when it does not. */
export function waitOf(node: NodeState): Wait | null {
  const machine = node.composite;
  if (node.status === "active" && machine?.kind === "machine")
    return {
      for: "state_machine",
      since: node.startedAt,
      due: machine.due,
      token: machine.token,
      message: machine.message,
      assignee: machine.assignee,
      subject: "",
      state: machine.state,
    };
  const waiting = node.waiting;
  if (node.status !== "waiting" || !waiting) return null;
  return {
    for: waiting.waiting_for,
    since: node.startedAt,
    due: waiting.due ?? null,
    token: waiting.token ?? "",
    message: waiting.message ?? "",
    assignee: waiting.assignee ?? "",
    subject: waiting.subject ?? "",
    state: "",
  };
}

/**
 * Seconds for which an attempt was queued, ran and waited, each null where it did not come to that.
 *
 * @param last Whether it is the node's newest: then it may be under way.
 */
export function timesOf(
  node: NodeState,
  one: Attempt,
  last: boolean,
  now: number,
): { queued: number | null; ran: number | null; waited: number | null } {
  const began = one.startedAt ?? one.finishedAt ?? now;
  const ended = one.finishedAt ?? (last ? (node.finishedAt ?? now) : one.startedAt);
  const waited =
    one.waitedFrom === null
      ? null
      : Math.max(0, (one.waitedUntil ?? ended ?? now) - one.waitedFrom);
  return {
    queued: one.readyAt === null ? null : began - one.readyAt,
    ran:
      one.startedAt === null || ended === null
        ? null
        : Math.max(0, ended - one.startedAt - (waited ?? 0)),
    waited,
  };
}

/** Tokens and cost of the nodes inside a composite: it has none of its own. */
export function usedInside(state: RunState, address: string): { tokens: number; cost: number } {
  const used = { tokens: 0, cost: 0 };
  for (const [at, { attempts }] of state.nodes.entries()) {
    if (!at.startsWith(`${address}[`)) continue;
    for (const { usage } of attempts) {
      used.tokens += usage?.total_tokens ?? 0;
      used.cost += usage?.cost ?? 0;
    }
  }
  return used;
}

/** When a node's newest attempt ended, where it has. */
export function finishedAt(node: NodeState): number | null {
  return ENDED.has(node.status) || node.status === "failing" ? node.finishedAt : null;
}

/** Whether an event is about one node. */
export function isNodeEvent(event: { type: string }): event is NodeEvent {
  const { node_id: nodeId } = event as { node_id?: unknown };
  return typeof nodeId === "string" && nodeId !== "" && !event.type.startsWith("run_");
}
