/** Holds the display fold to what the engine said of a recorded log, event by event. */

import type { LogEvent } from "@/run/events";
import { compensation } from "@/run/fold/saga";
import type { History } from "@/run/history";
import { finishedAt, shownStatus, waitOf } from "@/run/shown";
import { hasEnded, type NodeState, type RunState } from "@/run/state";

type Values = Record<string, unknown>;

export interface Golden {
  events: LogEvent[];
  /** What changed with each event, and at the end `outputs`, `order` and `run_outputs`. */
  steps: { run?: Values; nodes?: Record<string, Values> }[];
}

function runValues(history: History, state: RunState): Values {
  const { head } = state;
  const undone = history.plan ? compensation(history.plan, state, hasEnded(head.status)) : [];
  return {
    status: head.status,
    error: head.error?.code ?? null,
    error_node: head.errorAddress,
    tokens: head.usage.total_tokens,
    cost: head.usage.cost,
    finished_at: head.finishedAt,
    last_seq: head.lastSeq,
    pause_reason: head.pauseReason,
    parked: head.parked,
    compensation: undone.map((one) => [one.address, one.by, one.status]),
  };
}

function nodeValues(history: History, state: RunState, node: NodeState): Values {
  if (!history.plan) throw new Error("nothing was folded");
  const status = shownStatus(history.plan, state, node);
  const wait = waitOf(node);
  return {
    status,
    attempt: node.attempt,
    started_at: node.startedAt,
    finished_at: finishedAt(node),
    port: node.port,
    error: node.error?.code ?? null,
    waiting: wait ? [wait.for, wait.due, wait.state] : null,
    ready_seq: node.attempts[0]?.readySeq ?? null,
    attempts: node.attempts.map((one, place) => [
      one.attempt,
      one.status || (place === node.attempts.length - 1 ? status : ""),
      one.delay,
      one.startedAt,
      one.finishedAt,
      one.error?.code ?? null,
    ]),
  };
}

/** Without what is null: the steps name such a field only once it was something else. */
function known(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}

export function valuesOf(history: History, state: RunState): { run: Values; nodes: Values } {
  const nodes: Values = {};
  for (const [address, node] of state.nodes.entries())
    nodes[address] = known(nodeValues(history, state, node));
  return { run: known(runValues(history, state)), nodes };
}

/** What the engine says after each event. */
export function* expected(golden: Golden): Generator<{ run: Values; nodes: Values }> {
  let run: Values = {};
  let nodes: Record<string, Values> = {};
  for (const step of golden.steps.slice(0, golden.events.length)) {
    run = known({ ...run, ...step.run });
    nodes = { ...nodes };
    for (const [address, changes] of Object.entries(step.nodes ?? {}))
      nodes[address] = known({ ...nodes[address], ...changes });
    yield { run, nodes };
  }
}
