/** Which events of a log are shown, and what each says in one line. */

import { addressOf } from "./addresses";
import type { LogEvent } from "./events";

export const GROUPS = ["all", "ofRun", "ofNodes", "failures", "waits", "rounds"] as const;
export type Group = (typeof GROUPS)[number];

const FAILURES = /_failed$|_retry$|_exception$|_cancelled$|^run_compensat/;
const WAITS = /_waiting$|^input_|^answer_|^timer_|^tool_approval_|^state_/;
const ROUNDS = /^loop_|^parallel_|^sub_workflow_|^agent_|^tool_|^state_/;

const FITS: Record<Group, (type: string) => boolean> = {
  all: () => true,
  ofRun: (type) => type.startsWith("run_"),
  ofNodes: (type) => !type.startsWith("run_"),
  failures: (type) => FAILURES.test(type),
  waits: (type) => WAITS.test(type),
  rounds: (type) => ROUNDS.test(type),
};

/** The address of the node that an event is about; empty for one of the run. */
export function aboutOf(event: LogEvent): string {
  const { node_id: id, scope } = event as { node_id?: string; scope?: string };
  return id ? addressOf(scope ?? "", id) : "";
}

export interface Filter {
  readonly group: Group;
  /** In the type or the address. */
  readonly text: string;
  /** A node, with all that is inside it; empty: any. */
  readonly node: string;
}

/** What is known of all events of a log. */
export interface Known {
  readonly index: { type(place: number): string };
  aboutAt(place: number): string;
}

/** Numbers of events, in their order. */
export interface Places {
  readonly length: number;
  slice(first: number, end: number): number[];
}

/** Numbers of the events that fit, from 0. */
export function fitting(history: Known, count: number, filter: Filter): Places {
  const { node } = filter;
  const text = filter.text.trim().toLowerCase();
  if (filter.group === "all" && !text && !node) return firstOf(count);
  const fits = FITS[filter.group];
  const found: number[] = [];
  for (let place = 0; place < count; place += 1) {
    const type = history.index.type(place);
    if (!fits(type)) continue;
    const about = text || node ? history.aboutAt(place) : "";
    if (node && about !== node && !about.startsWith(`${node}[`)) continue;
    if (text && !type.includes(text) && !about.toLowerCase().includes(text)) continue;
    found.push(place);
  }
  return found;
}

/** The first so many, which need not be written down. */
function firstOf(count: number): Places {
  return {
    length: count,
    slice: (first, end) =>
      Array.from({ length: Math.max(0, Math.min(end, count) - first) }, (_, at) => first + at),
  };
}

type Values = Record<string, unknown>;

/** What an event says beside its type and node, short. */
export function gistOf(event: LogEvent): string {
  const values = event as unknown as Values;
  const parts: string[] = [];
  if (Number(values.attempt ?? 1) > 1) parts.push(`#${values.attempt}`);
  for (const name of NAMED) {
    const value = values[name];
    if (value !== undefined && value !== "" && value !== null)
      parts.push(`${name}: ${short(value)}`);
  }
  const error = values.error as { code: string; message: string } | null | undefined;
  if (error) parts.push(`${error.code}: ${error.message}`);
  const { outputs } = values;
  if (outputs !== undefined && outputs !== null) parts.push(short(outputs));
  return parts.join(" · ").slice(0, 300);
}

const NAMED = [
  "port",
  "index",
  "branch",
  "round",
  "tool",
  "timer",
  "delay",
  "waiting_for",
  "action",
  "state",
  "from",
  "to",
  "event",
  "handler",
  "workflow",
  "reason",
  "executor",
] as const;

function short(value: unknown): string {
  if (typeof value === "string") return value.slice(0, 120);
  return JSON.stringify(value).slice(0, 200);
}
