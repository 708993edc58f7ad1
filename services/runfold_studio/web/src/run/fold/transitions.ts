/** The next state of one node from one event; null when the event cannot follow its status. */

import type { EventOf, EventType, Failure, NodeEvent, Usage } from "../events";
import type { PlanNode } from "../plan";
import type { Composite, NodeState, NodeStatus } from "../state";
import { agentOf } from "./agents";
import { fresh } from "./draft";
import { machineOf } from "./machines";
import { calledBy, roundsOf } from "./rounds";

const RESULTS: readonly NodeStatus[] = ["ready", "running", "answered", "extracted", "active"];
/** Event → the statuses that it may find. */
const FINDS: { readonly [T in EventType]?: readonly NodeStatus[] } = {
  node_run_started: ["ready", "answered"],
  node_run_succeeded: RESULTS,
  node_run_failed: RESULTS,
  node_run_retry: ["failing"],
  node_run_exception: ["failing"],
  node_run_skipped: ["ready", "skipping"],
  node_run_cancelled: ["cancelling"],
  variables_assigned: ["ready"],
  node_run_waiting: ["ready", "extracted"],
  input_received: ["waiting"],
  answer_extracted: ["answered", "running"],
  timer_fired: ["running", "active", "joining", "waiting", "backing_off"],
  loop_started: ["ready"],
  loop_succeeded: ["active"],
  loop_failed: ["active"],
  agent_succeeded: ["active"],
  agent_failed: ["active"],
  sub_workflow_started: ["ready"],
  state_machine_started: ["ready"],
  agent_started: ["ready"],
};

/** The events that mean something of their own while an answer is being extracted. */
const STEPS: ReadonlySet<EventType> = new Set([
  "node_run_started",
  "answer_extracted",
  "node_run_waiting",
]);

/** Whether a model reads what was answered. */
function extracts(node: NodeState): boolean {
  return node.waiting?.extracts === true && node.answer?.action === "answered";
}

export function nextNode(planned: PlanNode, node: NodeState, event: NodeEvent): NodeState | null {
  if (!FINDS[event.type]?.includes(node.status)) return null;
  const isStep = STEPS.has(event.type);
  if (isStep && node.status !== "ready" && !extracts(node)) return null;
  if (event.type === "node_run_retry")
    return event.attempt === node.attempt + 1 ? retried(node, event) : null;
  if (isStep && extracts(node)) return extractionStep(node, event);
  if ((event.attempt ?? 1) !== node.attempt) return null;
  return followed(planned, node, event);
}

function followed(planned: PlanNode, node: NodeState, event: NodeEvent): NodeState | null {
  const { time } = event;
  switch (event.type) {
    case "node_run_started":
      return {
        ...fresh(node.address, "running", node.attempt),
        error: node.error,
        startedAt: time,
        backup: node.backup,
      };
    case "node_run_succeeded":
      return {
        ...ended(node, "succeeded", time, event.outputs ?? {}, event.port ?? "out", event.usage),
        ports: event.ports ?? [],
        servedBy: event.served_by ?? "",
      };
    case "variables_assigned":
      return ended(node, "succeeded", time, {}, "out");
    case "loop_succeeded":
    case "agent_succeeded":
      return ended(node, "succeeded", time, event.outputs ?? {}, "out");
    case "node_run_failed":
    case "loop_failed":
    case "agent_failed":
      return failing(node, event.error, time);
    case "node_run_exception":
      return ended(node, "exception", time, event.outputs ?? {}, event.port ?? "out");
    case "node_run_skipped":
      return { ...fresh(node.address, "skipped"), finishedAt: time };
    case "node_run_cancelled":
      return {
        ...node,
        status: "cancelled",
        port: "",
        finishedAt: time,
        cancelledBy: event.by ?? "",
      };
    case "loop_started":
      return active(node, roundsOf(planned, event), time);
    case "sub_workflow_started":
      return active(node, calledBy(event), time);
    case "state_machine_started":
      return active(node, machineOf(event), time);
    case "agent_started":
      return active(node, agentOf(event), time);
    case "node_run_waiting":
      return { ...node, status: "waiting", waiting: event, startedAt: time };
    case "input_received":
      if (event.token !== node.waiting?.token) return null;
      return { ...node, status: "answered", answer: event };
    case "timer_fired":
      return timed(node, event);
    default:
      return null;
  }
}

function active(node: NodeState, composite: Composite, time: number): NodeState {
  return { ...node, status: "active", composite, startedAt: time };
}

function ended(
  node: NodeState,
  status: NodeStatus,
  time: number,
  outputs: Readonly<Record<string, unknown>>,
  port: string,
  usage: Usage | null = null,
): NodeState {
  return {
    ...fresh(node.address, status, node.attempt),
    outputs,
    port,
    error: status === "exception" ? node.error : null,
    usage,
    startedAt: node.startedAt ?? time,
    finishedAt: time,
    composite: node.composite,
  };
}

function failing(node: NodeState, error: Failure, time: number): NodeState {
  return {
    ...node,
    status: "failing",
    error,
    usage: null,
    startedAt: node.startedAt ?? time,
    finishedAt: time,
  };
}

/** Timer and status that it finds → the status that it leads to. */
const TIMERS: Record<string, NodeStatus> = {
  "retry backing_off": "ready",
  "timeout running": "failing",
  "timeout active": "failing",
  "timeout joining": "ready",
  "wait waiting": "answered",
  "human waiting": "answered",
};

function timed(node: NodeState, event: EventOf<"timer_fired">): NodeState | null {
  const status = TIMERS[`${event.timer} ${node.status}`];
  if (!status) return null;
  if (status === "failing") {
    const message = `node '${event.node_id}' did not finish within its timeout`;
    const error = { code: "node.timeout", message, kind: "timeout", retryable: true } as const;
    return failing(node, error, event.time);
  }
  return { ...node, status: status === "ready" && extracts(node) ? "answered" : status, due: null };
}

function retried(node: NodeState, event: EventOf<"node_run_retry">): NodeState {
  const backsOff = (event.delay ?? 0) > 0;
  const again: NodeState = {
    ...fresh(node.address, backsOff ? "backing_off" : "ready", event.attempt),
    error: event.error,
    due: event.due ?? null,
    backup: event.backup ?? false,
  };
  if (!extracts(node) || node.error === null || node.error.kind === "human") return again;
  // The model failed, not the person: another attempt reads the same answer.
  const { outputs, waiting, answer } = node;
  return { ...again, status: backsOff ? "backing_off" : "answered", outputs, waiting, answer };
}

function extractionStep(node: NodeState, event: NodeEvent): NodeState | null {
  const attempt = event.attempt ?? 1;
  switch (event.type) {
    case "node_run_started":
      if (attempt !== node.attempt || node.status !== "answered") return null;
      return { ...node, status: "running", startedAt: event.time };
    case "answer_extracted":
      if (attempt !== node.attempt) return null;
      return {
        ...node,
        status: "extracted",
        outputs: event.outputs ?? {},
        usage: event.usage ?? null,
      };
    case "node_run_waiting":
      if (attempt !== node.attempt + 1) return null;
      return {
        ...fresh(node.address, "waiting", attempt),
        outputs: node.outputs,
        waiting: event,
        startedAt: event.time,
      };
    default:
      return null;
  }
}
