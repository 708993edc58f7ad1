/**
 * What each event of a log does to what is shown of its run: one rule for every type.
 *
 * The engine is the judge: recorded logs hold this fold to what the engine folds. An event that
 * does not fit (a second end of an attempt, anything after the run's end) changes nothing.
 */

import { addressOf, childScope, scopeOf } from "../addresses";
import type { EventOf, EventType, LogEvent, NodeEvent } from "../events";
import { bodyOf, Plan } from "../plan";
import { ENDED, type Head, hasEnded, type NodeState, type RunStatus } from "../state";
import { Table } from "../table";
import { agentBegan, agentStepEnded } from "./agents";
import { canAdvance, Draft } from "./draft";
import { afterEnd, cancelNodes, losersOf } from "./edges";
import {
  eventIgnored,
  handlerBegan,
  handlerEnded,
  machineReceived,
  machineTimed,
  stateChanged,
} from "./machines";
import { roundBegan, roundEnded, roundTimed } from "./rounds";
import { completed, foldLate, leftAsItIs, sagaBegan, undoingEnded } from "./saga";
import { closeScope, closeScopesOf, openScope, scopeEnded } from "./scopes";
import { nextNode } from "./transitions";
import { NOTHING, used } from "./usage";
import { assign } from "./variables";

/** The state in which a run begins. */
export function beginRun(event: EventOf<"run_started">): Draft {
  const plan = new Plan(event.definition);
  const { graph } = plan;
  const head: Head = {
    runId: event.run_id,
    workflowId: event.workflow_id,
    version: event.version ?? "draft",
    status: event.concurrency_key ? "queued" : "running",
    inputs: event.inputs ?? {},
    values: { ...graph.variables, ...event.inputs },
    conversation: { ...graph.conversation, ...event.conversation },
    environment: event.environment ?? {},
    outputs: null,
    error: null,
    errorAddress: "",
    cancelReason: "",
    pauseReason: "",
    parked: false,
    startedAt: event.time,
    finishedAt: null,
    lastSeq: event.seq,
    now: event.time,
    usage: NOTHING,
    priority: event.priority ?? 0,
    labels: event.labels ?? {},
    origin: event.origin ?? null,
    source: event.source ?? "",
    conversationId: event.conversation_id ?? "",
    query: event.turn?.query ?? "",
    concurrencyKey: event.concurrency_key ?? "",
    forking: !!event.origin,
    exceptions: 0,
    completed: [],
    saga: null,
  };
  const draft = new Draft(plan, head, new Table(), new Table());
  draft.begin(event);
  openScope(draft, graph, "");
  return draft;
}

/** Fold one event. */
export function foldEvent(draft: Draft, event: LogEvent): void {
  draft.begin(event);
  if (hasEnded(draft.head.status)) return;
  const rule = RULES[event.type] as ((draft: Draft, event: LogEvent) => void) | undefined;
  rule?.(draft, event);
}

function nothing(): void {}

/** Every type of event has its rule here; the compiler and a test see to it. */
export const RULES: { readonly [T in EventType]: (draft: Draft, event: EventOf<T>) => void } = {
  run_started: nothing,
  run_forked: (draft) => draft.head.forking && draft.counted({ forking: false }),
  run_admitted: (draft) => draft.head.status === "queued" && draft.counted({ status: "running" }),
  run_paused: paused,
  run_resumed: resumed,
  run_compensating: sagaBegan,
  run_succeeded: (draft, event) => end(draft, "succeeded", { outputs: event.outputs ?? null }),
  run_partial_succeeded: (draft, event) =>
    end(draft, "partial_succeeded", { outputs: event.outputs ?? null }),
  run_failed: (draft, event) =>
    end(draft, "failed", {
      error: event.error,
      errorAddress: event.node_id ? addressOf(event.scope ?? "", event.node_id) : "",
    }),
  run_cancelled: (draft, event) => end(draft, "cancelled", { cancelReason: event.reason ?? "" }),
  run_compensated: (draft) => end(draft, "compensated", {}),
  run_compensation_failed: (draft, event) =>
    end(draft, "compensation_failed", { error: draft.head.error ?? event.error }),
  node_run_started: foldNode,
  node_run_succeeded: foldNode,
  node_run_failed: foldNode,
  node_run_retry: foldNode,
  node_run_exception: foldNode,
  node_run_skipped: foldNode,
  node_run_cancelled: foldNode,
  variables_assigned: foldNode,
  node_run_waiting: foldNode,
  input_received: (draft, event) => {
    const node = draft.nodes.get(addressOf(event.scope ?? "", event.node_id));
    if (node?.composite?.kind === "machine") machineReceived(draft, event);
    else foldNode(draft, event);
  },
  answer_extracted: foldNode,
  timer_fired: timerFired,
  // The sources of an answer stand in the outputs of the node that found them as well.
  retriever_resource: nothing,
  loop_started: foldNode,
  loop_next: roundBegan,
  loop_item_succeeded: roundEnded,
  loop_item_failed: roundEnded,
  loop_succeeded: foldNode,
  loop_failed: foldNode,
  parallel_branch_started: roundBegan,
  parallel_branch_succeeded: roundEnded,
  parallel_branch_failed: roundEnded,
  sub_workflow_started: foldNode,
  state_machine_started: foldNode,
  state_handler_started: handlerBegan,
  state_handler_succeeded: handlerEnded,
  state_changed: stateChanged,
  state_event_ignored: eventIgnored,
  agent_started: foldNode,
  agent_tools_started: agentBegan,
  agent_tools_succeeded: agentStepEnded,
  agent_round_started: agentBegan,
  agent_round_succeeded: agentStepEnded,
  agent_round_failed: agentStepEnded,
  tool_approval_started: agentBegan,
  tool_approval_succeeded: agentStepEnded,
  tool_call_started: agentBegan,
  tool_call_succeeded: agentStepEnded,
  tool_call_failed: agentStepEnded,
  agent_succeeded: foldNode,
  agent_failed: foldNode,
};

// --- the run --------------------------------------------------------------------------------

function paused(draft: Draft, event: EventOf<"run_paused">): void {
  // A queued run has begun nothing: there is nothing to pause.
  if (draft.head.status === "running" || draft.head.status === "compensating")
    draft.counted({
      status: "paused",
      pauseReason: event.reason ?? "",
      parked: event.parked ?? false,
    });
}

function resumed(draft: Draft): void {
  if (draft.head.status !== "paused") return;
  const status = draft.head.saga ? "compensating" : "running";
  draft.counted({ status, pauseReason: "", parked: false });
}

function end(draft: Draft, status: RunStatus, changes: Partial<Head>): void {
  const left = leftAsItIs(draft);
  const how: Partial<Head> = left
    ? { status: "compensation_failed", error: left }
    : { status, ...changes };
  draft.counted({ ...how, finishedAt: draft.time });
}

function timerFired(draft: Draft, event: EventOf<"timer_fired">): void {
  switch (event.timer) {
    case "deadline":
      draft.counted();
      return;
    case "item":
    case "delay":
      roundTimed(draft, event);
      return;
    case "state":
      machineTimed(draft, event);
      return;
    default:
      foldNode(draft, event);
  }
}

// --- nodes ----------------------------------------------------------------------------------

function foldNode(draft: Draft, event: NodeEvent): void {
  const scope = event.scope ?? "";
  const address = addressOf(scope, event.node_id);
  const before = draft.nodes.get(address);
  if (!before || ENDED.has(before.status)) return;
  if (!canAdvance(draft, address)) {
    foldLate(draft, event);
    return;
  }
  const graph = draft.plan.at(scope);
  const planned = graph?.nodes.get(event.node_id);
  const after = planned ? nextNode(planned, before, event) : null;
  if (!graph || !after) return;
  const node = event.type === "variables_assigned" ? assigned(draft, event, after) : after;
  changed(draft, before, node);
  if (event.type === "sub_workflow_started") {
    const body = bodyOf(graph, event.node_id);
    if (body) openScope(draft, body, childScope(address, event.index ?? 0));
  } else if (ENDED.has(node.status)) {
    nodeEnded(draft, node, event.node_id);
  }
}

function changed(draft: Draft, before: NodeState, node: NodeState): void {
  draft.put(node);
  draft.counted({
    exceptions: draft.head.exceptions + Number(node.status === "exception"),
    usage: node.usage ? used(draft.head.usage, node.usage) : draft.head.usage,
  });
  if (before.composite && before.composite.underWay.size + before.composite.settled.size > 0)
    closeScopesOf(draft, node.address, before.composite);
}

/** A node whose assignments were done, with the new values; or failing, where one cannot be. */
function assigned(draft: Draft, event: EventOf<"variables_assigned">, after: NodeState): NodeState {
  const { values, error } = assign(draft, event.assignments);
  if (error) return { ...after, status: "failing", error, outputs: {}, port: "" };
  return { ...after, outputs: { ...values, output: values } };
}

/** Fold the end of a node into the graph around it. */
function nodeEnded(draft: Draft, node: NodeState, nodeId: string): void {
  const { address } = node;
  const scope = scopeOf(address);
  const graph = draft.plan.at(scope);
  const planned = graph?.nodes.get(nodeId);
  if (!graph || !planned) return;
  if (address === draft.head.saga?.undoing?.by) {
    undoingEnded(draft);
    return;
  }
  const succeeded = node.status === "succeeded";
  if (succeeded && !draft.head.saga) completed(draft, address, planned);
  if (succeeded && scope && (planned.type === "break" || planned.type === "continue")) {
    closeScope(draft, scope);
    scopeEnded(draft, scope);
    return;
  }
  afterEnd(draft, graph, scope, nodeId, node.ports.length > 0 ? node.ports : [node.port]);
  if (succeeded && planned.join?.cancelLosers)
    cancelNodes(draft, losersOf(draft, graph, scope, nodeId));
}
