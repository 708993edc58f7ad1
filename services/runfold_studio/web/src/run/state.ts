/** What a run is at one point of its log. Every value here is frozen: a change makes a new one. */

import type { EventOf, Failure, Origin, Usage } from "./events";
import type { Agent } from "./fold/agents";
import type { Machine } from "./fold/machines";
import type { Table } from "./table";

/** How far a node is, in the engine's words; `shown.ts` has those of people. */
export type NodeStatus =
  | "ready"
  | "skipping"
  | "running"
  | "joining"
  | "active"
  | "waiting"
  | "answered"
  | "extracted"
  | "failing"
  | "backing_off"
  | "cancelling"
  | "succeeded"
  | "exception"
  | "skipped"
  | "cancelled";

export const ENDED: ReadonlySet<NodeStatus> = new Set([
  "succeeded",
  "exception",
  "skipped",
  "cancelled",
]);

export type RunStatus =
  | "queued"
  | "running"
  | "paused"
  | "compensating"
  | "succeeded"
  | "partial_succeeded"
  | "failed"
  | "cancelled"
  | "compensated"
  | "compensation_failed";

const UNENDED = new Set(["queued", "running", "paused", "compensating"]);

export function hasEnded(status: string): boolean {
  return !UNENDED.has(status);
}

/** One attempt of a node. Times are Unix seconds of the stream. */
export interface Attempt {
  readonly attempt: number;
  /** What it came to; empty while it is under way. */
  readonly status: string;
  readonly delay: number;
  readonly readyAt: number | null;
  readonly readySeq: number | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly executor: string;
  readonly error: Failure | null;
  readonly usage: Usage | null;
  /** When it began to wait for a person, a time or an event, and until when it did. */
  readonly waitedFrom: number | null;
  readonly waitedUntil: number | null;
  /** Whether it runs what the node names as a backup. */
  readonly backup: boolean;
}

/** What every composite holds of the scopes it has opened, which are numbered from 0. */
export interface Scopes {
  readonly begun: number;
  readonly ended: number;
  readonly underWay: ReadonlySet<number>;
  /** Ended, and the result not recorded yet. */
  readonly settled: ReadonlySet<number>;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface Rounds extends Scopes {
  readonly kind: "rounds";
  /** Names of the bodies of parallel branches. */
  readonly branches: readonly string[];
  /** Most scopes that may be opened. */
  readonly count: number;
  readonly failed: number;
  readonly last: boolean;
  readonly nextDue: number | null;
  readonly delay: number;
  readonly batchSize: number;
}

export interface Called extends Scopes {
  readonly kind: "called";
  readonly workflow: string;
  readonly version: string;
}

export type Composite = Rounds | Called | Machine | Agent;

export interface NodeState {
  readonly address: string;
  readonly status: NodeStatus;
  readonly attempt: number;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly port: string;
  readonly ports: readonly string[];
  readonly error: Failure | null;
  readonly usage: Usage | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** When a back-off ends. */
  readonly due: number | null;
  readonly waiting: EventOf<"node_run_waiting"> | null;
  readonly answer: EventOf<"input_received"> | null;
  readonly composite: Composite | null;
  readonly backup: boolean;
  readonly servedBy: string;
  /** Of a node that was given up: the address of the join that went on without it. */
  readonly cancelledBy: string;
  readonly attempts: readonly Attempt[];
  /** Sequence of the event that changed it last. */
  readonly seq: number;
}

export interface JoinCount {
  readonly undecided: number;
  readonly taken: number;
}

/** One run of one graph: the run's own, or that of an item, round, branch, handler or call. */
export interface ScopeState {
  /** Events about its nodes count only while it is open. */
  readonly open: boolean;
  readonly ended: number;
  readonly joins: ReadonlyMap<string, JoinCount>;
  /** What it came to: empty at first, then `succeeded`, `failed` or `stopped`. */
  readonly result: "" | "succeeded" | "failed" | "stopped";
  readonly startedAt: number;
  readonly finishedAt: number | null;
}

/** An undoing: the addresses of the node to be undone and of the node that does it. */
export interface Undoing {
  readonly address: string;
  readonly by: string;
}

export interface Saga {
  readonly cause: string;
  readonly error: Failure;
  readonly undoing: Undoing | null;
  readonly log: readonly Undoing[];
  /** Attempts that may be under way, and nodes that undo. */
  readonly open: ReadonlySet<string>;
}

/** All of a run but its nodes and scopes. */
export interface Head {
  readonly runId: string;
  readonly workflowId: string;
  readonly version: string;
  readonly status: RunStatus;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly values: Readonly<Record<string, unknown>>;
  readonly conversation: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly outputs: unknown;
  readonly error: Failure | null;
  readonly errorAddress: string;
  readonly cancelReason: string;
  readonly pauseReason: string;
  readonly parked: boolean;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  /** Sequence and time of the newest event that counted. */
  readonly lastSeq: number;
  readonly now: number;
  readonly usage: Required<Usage>;
  readonly priority: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly origin: Origin | null;
  readonly source: string;
  readonly conversationId: string;
  readonly query: string;
  readonly concurrencyKey: string;
  readonly forking: boolean;
  readonly exceptions: number;
  /** Addresses of nodes that would have to be undone, the newest first. */
  readonly completed: readonly string[];
  readonly saga: Saga | null;
}

export interface RunState {
  readonly head: Head;
  readonly nodes: Pick<Table<NodeState>, "get" | "entries" | "pieces" | "keyAt">;
  readonly scopes: Pick<Table<ScopeState>, "get" | "entries">;
}
