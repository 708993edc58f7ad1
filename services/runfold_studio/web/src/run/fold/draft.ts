/** A run's state while one event is folded into it: what rules read and write. */

import { compositeOf, scopeOf } from "../addresses";
import type { LogEvent } from "../events";
import type { Plan } from "../plan";
import type { Attempt, Head, NodeState, NodeStatus, RunState, Saga, ScopeState } from "../state";
import type { Table } from "../table";

/** Statuses in which a node is not ready, or never was. */
const NOT_READY: ReadonlySet<NodeStatus> = new Set([
  "joining",
  "skipping",
  "skipped",
  "backing_off",
]);
const OUTCOMES: Partial<Record<NodeStatus, string>> = {
  failing: "failed",
  succeeded: "succeeded",
  cancelled: "cancelled",
};

export class Draft implements RunState {
  seq = 0;
  time = 0;
  #event: LogEvent | null = null;

  constructor(
    readonly plan: Plan,
    public head: Head,
    readonly nodes: Table<NodeState>,
    readonly scopes: Table<ScopeState>,
  ) {}

  /** The event whose rule comes next. */
  begin(event: LogEvent): void {
    this.#event = event;
    this.seq = event.seq;
    this.time = event.time;
  }

  change(changes: Partial<Head>): void {
    this.head = { ...this.head, ...changes };
  }

  /** Note that the event counted: it changed something. */
  counted(changes: Partial<Head> = {}): void {
    this.head = { ...this.head, ...changes, lastSeq: this.seq, now: this.time };
  }

  put(node: NodeState): void {
    const before = this.nodes.get(node.address);
    const attempts = this.#attempts(before?.attempts ?? [], node);
    this.nodes.set(node.address, { ...node, attempts, seq: this.seq });
  }

  /** The attempts of a node that changed: nothing is decided by them. */
  #attempts(before: readonly Attempt[], node: NodeState): readonly Attempt[] {
    const last = before.at(-1);
    if (last?.attempt === node.attempt)
      return last.finishedAt === null
        ? [...before.slice(0, -1), this.#followed(last, node)]
        : before;
    if (!last && NOT_READY.has(node.status)) return before;
    return [...before, this.#followed(this.#newAttempt(node), node)];
  }

  #followed(last: Attempt, node: NodeState): Attempt {
    const isReady = !NOT_READY.has(node.status);
    const event = this.#event;
    const outcome = OUTCOMES[node.status] ?? "";
    const isOwn = event?.type === "node_run_started" && isAbout(event, node.address);
    return {
      ...last,
      status: outcome,
      readyAt: last.readyAt ?? (isReady ? this.time : null),
      readySeq: last.readySeq ?? (isReady ? this.seq : null),
      startedAt: node.startedAt,
      finishedAt: outcome ? node.finishedAt : null,
      executor: isOwn ? (event.executor ?? "") : last.executor,
      error: outcome === "failed" ? node.error : null,
      usage: node.usage,
      ...this.#waited(last, node),
      backup: node.backup,
    };
  }

  #waited(last: Attempt, node: NodeState): Pick<Attempt, "waitedFrom" | "waitedUntil"> {
    const { waitedFrom, waitedUntil } = last;
    if (node.status === "waiting") return { waitedFrom: waitedFrom ?? this.time, waitedUntil };
    const ends = waitedFrom !== null && waitedUntil === null;
    return { waitedFrom, waitedUntil: ends ? this.time : waitedUntil };
  }

  #newAttempt(node: NodeState): Attempt {
    const event = this.#event;
    return {
      attempt: node.attempt,
      status: "",
      delay: event?.type === "node_run_retry" ? (event.delay ?? 0) : 0,
      readyAt: null,
      readySeq: null,
      startedAt: null,
      finishedAt: null,
      executor: "",
      error: null,
      usage: null,
      waitedFrom: null,
      waitedUntil: null,
      backup: node.backup,
    };
  }

  changeSaga(changes: Partial<Saga>): void {
    if (this.head.saga) this.change({ saga: { ...this.head.saga, ...changes } });
  }

  /** Note that a node may change something yet; only a run that compensates has to know. */
  opened(address: string): void {
    const open = this.head.saga?.open;
    if (open && !open.has(address)) this.changeSaga({ open: new Set([...open, address]) });
  }

  closed(address: string): void {
    const open = this.head.saga?.open;
    if (open?.has(address))
      this.changeSaga({ open: new Set([...open].filter((one) => one !== address)) });
  }

  closedInside(prefix: string): void {
    const open = this.head.saga?.open;
    if (open)
      this.changeSaga({ open: new Set([...open].filter((one) => !one.startsWith(prefix))) });
  }
}

function isAbout(event: { scope?: string; node_id: string }, address: string): boolean {
  return (event.scope ? `${event.scope}/${event.node_id}` : event.node_id) === address;
}

/** A node without anything but a status. */
export function fresh(address: string, status: NodeStatus, attempt = 1): NodeState {
  return {
    address,
    status,
    attempt,
    outputs: {},
    port: "",
    ports: [],
    error: null,
    usage: null,
    startedAt: null,
    finishedAt: null,
    due: null,
    waiting: null,
    answer: null,
    composite: null,
    backup: false,
    servedBy: "",
    cancelledBy: "",
    attempts: [],
    seq: 0,
  };
}

/** Whether an address is that of the undoing node under way, or inside it. */
export function isUndoing(state: RunState, address: string): boolean {
  const by = state.head.saga?.undoing?.by;
  return by !== undefined && (address === by || address.startsWith(`${by}[`));
}

/** Whether events about nodes of a scope may still change the run: all composites around are active. */
export function isOpen(state: RunState, scope: string): boolean {
  const by = state.head.saga?.undoing?.by;
  const outermost = by === undefined ? "" : scopeOf(by);
  let at = scope;
  while (at !== outermost) {
    if (!at || !state.scopes.get(at)?.open) return false;
    const address = compositeOf(at);
    if (state.nodes.get(address)?.status !== "active") return false;
    at = scopeOf(address);
  }
  return true;
}

export function canAdvance(state: RunState, address: string): boolean {
  if (state.head.saga && !isUndoing(state, address)) return false;
  return isOpen(state, scopeOf(address));
}

/** Whether a later event about a node may still change the run. */
export function counts(state: RunState, address: string): boolean {
  return canAdvance(state, address) || (state.head.saga?.open.has(address) ?? false);
}
