/** State machines: events are queued, handlers begin and end, states change. */

import { addressOf, childScope } from "../addresses";
import type { Assignment, EventOf, NodeEvent } from "../events";
import { type PlanNode, statesOf } from "../plan";
import type { NodeState, Scopes } from "../state";
import { canAdvance, type Draft } from "./draft";
import { NO_SCOPES } from "./rounds";
import { openScope, without } from "./scopes";
import { assign } from "./variables";

/** Most events that may wait, and newest keys that are remembered. */
const MOST_QUEUED = 1000;
const REMEMBERED = 1024;

export interface Machine extends Scopes {
  readonly kind: "machine";
  readonly state: string;
  /** Changes of state so far. */
  readonly visit: number;
  readonly entered: boolean;
  /** The state that follows once the action under way has ended. */
  readonly target: string;
  readonly due: number | null;
  readonly handler: string;
  /** Names of all handlers that began, by the number of their scope. */
  readonly handlers: readonly string[];
  readonly received: number;
  readonly handled: number;
  readonly keys: readonly string[];
  readonly message: string;
  readonly assignee: string;
  readonly token: string;
}

export function machineOf(event: EventOf<"state_machine_started">): Machine {
  return {
    ...NO_SCOPES,
    kind: "machine",
    state: event.state,
    visit: 0,
    entered: false,
    target: "",
    due: event.due ?? null,
    handler: "",
    handlers: [],
    received: 0,
    handled: 0,
    keys: [],
    message: event.message ?? "",
    assignee: event.assignee ?? "",
    token: event.token ?? "",
    variables: event.variables ?? {},
  };
}

function isIdle(machine: Machine): boolean {
  return machine.underWay.size === 0 && machine.settled.size === 0;
}

function isEntered(planned: PlanNode, machine: Machine): boolean {
  return machine.entered || !planned.bodies.has(machine.state);
}

function mayTake(planned: PlanNode, machine: Machine): boolean {
  const hasNext = machine.handled < machine.received;
  return hasNext && isIdle(machine) && isEntered(planned, machine) && !machine.target;
}

/** Whether a machine under way waits for the next event. */
export function isResting(planned: PlanNode, node: NodeState): boolean {
  const machine = node.composite;
  if (node.status !== "active" || machine?.kind !== "machine") return false;
  if (statesOf(planned.config)[machine.state]?.final === true) return false;
  const hasWork = machine.target !== "" || machine.handled < machine.received;
  return isEntered(planned, machine) && isIdle(machine) && !hasWork;
}

interface Current {
  node: NodeState;
  planned: PlanNode;
  machine: Machine;
}

/** The machine that an event is about; null when it cannot change it any more. */
function current(draft: Draft, event: NodeEvent): Current | null {
  const address = addressOf(event.scope ?? "", event.node_id);
  const [node, planned] = [draft.nodes.get(address), draft.plan.node(address)];
  if (node?.composite?.kind !== "machine" || !planned || node.status !== "active") return null;
  if ((event.attempt ?? 1) !== node.attempt || !canAdvance(draft, address)) return null;
  return { node, planned, machine: node.composite };
}

function keep(draft: Draft, { node }: Current, machine: Machine | null): void {
  if (!machine) return;
  draft.put({ ...node, composite: machine });
  draft.counted();
}

function queued(machine: Machine, key = ""): Machine {
  const keys = key ? [...machine.keys.slice(-REMEMBERED + 1), key] : machine.keys;
  return { ...machine, received: machine.received + 1, keys };
}

/** Somebody sent an event. */
export function machineReceived(draft: Draft, event: EventOf<"input_received">): void {
  const found = current(draft, event);
  if (!found) return;
  const key = event.key || event.id;
  const isFull = found.machine.received - found.machine.handled >= MOST_QUEUED;
  if (!isFull && !found.machine.keys.includes(key)) keep(draft, found, queued(found.machine, key));
}

/** The time of a state is up: like an event from outside. */
export function machineTimed(draft: Draft, event: EventOf<"timer_fired">): void {
  const found = current(draft, event);
  if (!found || found.machine.due === null || event.index !== found.machine.visit) return;
  keep(draft, found, { ...queued(found.machine), due: null });
}

export function eventIgnored(draft: Draft, event: EventOf<"state_event_ignored">): void {
  const found = current(draft, event);
  if (!found || !mayTake(found.planned, found.machine)) return;
  if (event.index === found.machine.handled)
    keep(draft, found, { ...found.machine, handled: found.machine.handled + 1 });
}

export function handlerEnded(draft: Draft, event: EventOf<"state_handler_succeeded">): void {
  const found = current(draft, event);
  if (!found?.machine.settled.has(event.index)) return;
  const settled = without(found.machine.settled, event.index);
  keep(draft, found, { ...found.machine, settled, ended: found.machine.ended + 1 });
}

export function handlerBegan(draft: Draft, event: EventOf<"state_handler_started">): void {
  const found = current(draft, event);
  if (!found) return;
  const { node, planned, machine } = found;
  const body = planned.bodies.get(event.handler);
  if (!body || event.index !== machine.begun || !isIdle(machine)) return;
  const target = event.target ?? "";
  if (target ? !mayTake(planned, machine) : machine.entered || machine.target !== "") return;
  const begun: Machine = {
    ...machine,
    target: target || machine.target,
    handled: machine.handled + Number(target !== ""),
    begun: machine.begun + 1,
    underWay: new Set([...machine.underWay, event.index]),
    handler: event.handler,
    handlers: [...machine.handlers, event.handler],
    entered: true,
  };
  keep(draft, found, begun);
  if (!changeVariables(draft, node.address, event.assignments ?? [])) return;
  openScope(draft, body, childScope(node.address, event.index, event.handler));
}

export function stateChanged(draft: Draft, event: EventOf<"state_changed">): void {
  const found = current(draft, event);
  if (!found) return;
  const { planned, machine } = found;
  const fits =
    isIdle(machine) &&
    event.index === machine.visit + 1 &&
    event.from === machine.state &&
    event.to in statesOf(planned.config);
  const follows = machine.target !== "";
  if (!fits || !(follows || mayTake(planned, machine))) return;
  keep(draft, found, {
    ...machine,
    handled: machine.handled + Number(!follows),
    state: event.to,
    visit: event.index,
    entered: false,
    target: "",
    due: event.due ?? null,
  });
  changeVariables(draft, found.node.address, event.assignments ?? []);
}

/** Apply what an event changes. False: it cannot be, and the machine fails. */
function changeVariables(draft: Draft, address: string, changes: readonly Assignment[]): boolean {
  if (changes.length === 0) return true;
  const { error } = assign(draft, changes);
  const node = draft.nodes.get(address);
  if (error && node) draft.put({ ...node, status: "failing", error, finishedAt: draft.time });
  return !error;
}
