/** Agents: tools are listed, rounds begin and end, calls are approved, run and answered. */

import { addressOf, childScope } from "../addresses";
import type { EventOf, Failure, NodeEvent } from "../events";
import { bodyOf } from "../plan";
import type { NodeState, Scopes } from "../state";
import { canAdvance, type Draft } from "./draft";
import { NO_SCOPES } from "./rounds";
import { openScope, recorded, settleScope } from "./scopes";

export interface AgentScope {
  readonly purpose: "list" | "round" | "approval" | "call";
  readonly round: number;
  readonly source: string;
  readonly call: number;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly status: "planned" | "asked" | "approved" | "running" | "done";
  readonly arguments: Readonly<Record<string, unknown>> | null;
  /** What the model is told, once it is done. */
  readonly told: string;
  readonly error: Failure | null;
  /** The scope that it runs in; -1 before it began. */
  readonly scope: number;
}

export interface Round {
  readonly content: string;
  readonly reasoning: string;
  readonly calls: readonly ToolCall[];
  readonly scope: number;
}

export interface Agent extends Scopes {
  readonly kind: "agent";
  readonly listed: readonly string[];
  readonly scopes: readonly AgentScope[];
  readonly rounds: readonly Round[];
  readonly asking: boolean;
  readonly last: boolean;
  readonly protocol: string;
}

export function agentOf(event: EventOf<"agent_started">): Agent {
  return {
    ...NO_SCOPES,
    kind: "agent",
    listed: [],
    scopes: [],
    rounds: [],
    asking: false,
    last: false,
    protocol: event.protocol ?? "native",
  };
}

export function bodyName(agent: Agent, index: number): string {
  const scope = agent.scopes[index];
  switch (scope?.purpose) {
    case "list":
      return `${scope.source}.list`;
    case "round":
      return "model";
    case "approval":
      return "approve";
    default:
      return scope?.source ?? "";
  }
}

type Begins = EventOf<
  "agent_tools_started" | "agent_round_started" | "tool_approval_started" | "tool_call_started"
>;
type Ends = EventOf<
  | "agent_tools_succeeded"
  | "agent_round_succeeded"
  | "agent_round_failed"
  | "tool_approval_succeeded"
  | "tool_call_succeeded"
  | "tool_call_failed"
>;

function current(draft: Draft, event: NodeEvent): { node: NodeState; agent: Agent } | null {
  const address = addressOf(event.scope ?? "", event.node_id);
  const node = draft.nodes.get(address);
  if (node?.status !== "active" || (event.attempt ?? 1) !== node.attempt) return null;
  if (node.composite?.kind !== "agent" || !canAdvance(draft, address)) return null;
  return { node, agent: node.composite };
}

// --- scopes begin ---------------------------------------------------------------------------

export function agentBegan(draft: Draft, event: Begins): void {
  const found = current(draft, event);
  // A fork leaves scopes out, and their numbers with them.
  if (!found || event.index < found.agent.begun) return;
  const graph = draft.plan.at(event.scope ?? "");
  let agent = withScope(found.agent, event);
  if (!agent || !graph) return;
  const name = bodyName(agent, event.index);
  const body = bodyOf(graph, event.node_id, name);
  if (!body) return;
  const underWay = new Set([...agent.underWay, event.index]);
  agent = { ...agent, begun: event.index + 1, underWay };
  draft.put({ ...found.node, composite: agent });
  draft.counted();
  openScope(draft, body, childScope(found.node.address, event.index, name));
}

/** The agent with one more scope; null when the event does not fit. */
function withScope(agent: Agent, event: Begins): Agent | null {
  const add = (scope: Partial<AgentScope> & Pick<AgentScope, "purpose">, after: Agent): Agent => {
    const scopes = after.scopes.slice();
    scopes[event.index] = { round: -1, source: "", call: -1, ...scope };
    return { ...after, scopes };
  };
  switch (event.type) {
    case "agent_tools_started": {
      const { source } = event;
      if (agent.listed.includes(source) || agent.rounds.length > 0 || agent.asking) return null;
      return add({ purpose: "list", source }, { ...agent, listed: [...agent.listed, source] });
    }
    case "agent_round_started": {
      const { round } = event;
      if (round !== agent.rounds.length || agent.asking) return null;
      return add(
        { purpose: "round", round },
        { ...agent, asking: true, last: event.last ?? false },
      );
    }
    case "tool_approval_started": {
      const { round, call } = event;
      if (!has(agent, event, "planned")) return null;
      return add({ purpose: "approval", round, call }, withCall(agent, call, { status: "asked" }));
    }
    case "tool_call_started": {
      const { round, call, source } = event;
      if (!has(agent, event, "planned", "approved")) return null;
      const changes = {
        status: "running",
        arguments: event.arguments ?? {},
        scope: event.index,
      } as const;
      return add({ purpose: "call", round, call, source }, withCall(agent, call, changes));
    }
  }
}

// --- scopes end -----------------------------------------------------------------------------

const PURPOSES: Record<Ends["type"], AgentScope["purpose"]> = {
  agent_tools_succeeded: "list",
  agent_round_succeeded: "round",
  agent_round_failed: "round",
  tool_approval_succeeded: "approval",
  tool_call_succeeded: "call",
  tool_call_failed: "call",
};

export function agentStepEnded(draft: Draft, event: Ends): void {
  const found = current(draft, event);
  if (!found) return;
  const { node, agent } = found;
  const { index } = event;
  if (!agent.settled.has(index) && !agent.underWay.has(index)) return;
  if (agent.scopes[index]?.purpose !== PURPOSES[event.type]) return;
  const after = withResult(agent, event);
  if (!after) return;
  const failed = event.type === "tool_call_failed" || event.type === "agent_round_failed";
  const scope = childScope(node.address, index, bodyName(agent, index));
  settleScope(draft, scope, failed ? "failed" : "succeeded");
  draft.put({ ...node, composite: recorded(after, index) });
  draft.counted();
}

function withResult(agent: Agent, event: Ends): Agent | null {
  switch (event.type) {
    case "agent_tools_succeeded":
      return agent;
    case "agent_round_succeeded":
      return { ...agent, rounds: [...agent.rounds, roundOf(event)], asking: false };
    case "agent_round_failed":
      return { ...agent, asking: false, protocol: event.protocol ?? "text" };
    case "tool_approval_succeeded": {
      if (!has(agent, event, "asked")) return null;
      return event.approved
        ? withCall(agent, event.call, { status: "approved", arguments: event.arguments ?? {} })
        : withCall(agent, event.call, { status: "done", told: event.told ?? "" });
    }
    case "tool_call_succeeded":
      if (!has(agent, event, "running")) return null;
      return withCall(agent, event.call, { status: "done", told: event.output ?? "" });
    case "tool_call_failed": {
      if (!has(agent, event, "running")) return null;
      const { error } = event;
      return withCall(agent, event.call, {
        status: "done",
        told: `error: ${error.message}`,
        error,
      });
    }
  }
}

function roundOf(event: EventOf<"agent_round_succeeded">): Round {
  const calls = (event.calls ?? []).map(
    (call): ToolCall => ({
      id: call.id,
      name: call.name,
      status: call.problem ? "done" : "planned",
      arguments: call.arguments ?? null,
      told: call.problem ?? "",
      error: null,
      scope: -1,
    }),
  );
  return {
    content: event.content ?? "",
    reasoning: event.reasoning ?? "",
    calls,
    scope: event.index,
  };
}

/** Whether the newest round has the call that an event is about, in one of some statuses. */
function has(
  agent: Agent,
  event: { round: number; call: number },
  ...statuses: ToolCall["status"][]
): boolean {
  const call = agent.rounds.at(-1)?.calls[event.call];
  return event.round === agent.rounds.length - 1 && !!call && statuses.includes(call.status);
}

/** The agent with one call of its newest round changed. */
function withCall(agent: Agent, place: number, changes: Partial<ToolCall>): Agent {
  const newest = agent.rounds.at(-1);
  if (!newest) return agent;
  const calls = newest.calls.map((call, at) => (at === place ? { ...call, ...changes } : call));
  return { ...agent, rounds: [...agent.rounds.slice(0, -1), { ...newest, calls }] };
}
