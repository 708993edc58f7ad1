/** When each node waited for its turn, ran, backed off and waited, and a scale that cuts idle time. */

import type { Moment } from "./moment";
import { shownStatus } from "./shown";
import { type Attempt, ENDED, type NodeState } from "./state";
import type { Piece } from "./table";

export interface Bar {
  /** `around`: a composite, whose time is that of what is inside it. */
  readonly kind: "queue" | "run" | "failed" | "backoff" | "wait" | "around";
  readonly from: number;
  /** Null while it goes on. */
  readonly to: number | null;
  readonly attempt: number;
}

export interface Row {
  readonly address: string;
  readonly status: string;
  readonly depth: number;
  readonly bars: readonly Bar[];
}

/** The bars of a node. What waits for a person, a time or an event does not run meanwhile. */
export function barsOf(node: NodeState, isResting: boolean): Bar[] {
  const bars: Bar[] = [];
  for (const [place, one] of node.attempts.entries()) {
    const { attempt } = one;
    const before = node.attempts[place - 1];
    const last = place === node.attempts.length - 1;
    if (before?.finishedAt && one.readyAt !== null && one.readyAt > before.finishedAt)
      bars.push({ kind: "backoff", from: before.finishedAt, to: one.readyAt, attempt });
    else if (before?.finishedAt && one.readyAt === null && last)
      bars.push({ kind: "backoff", from: before.finishedAt, to: null, attempt });
    if (one.readyAt === null) continue;
    const queued = one.startedAt ?? one.finishedAt;
    if (queued === null || queued > one.readyAt)
      bars.push({ kind: "queue", from: one.readyAt, to: queued, attempt });
    if (one.startedAt !== null) addRun(bars, node, one, { isResting, last });
  }
  return bars;
}

/** What an attempt did after it began: wait, run, or both one after the other. */
function addRun(
  bars: Bar[],
  node: NodeState,
  one: Attempt,
  { isResting, last }: { isResting: boolean; last: boolean },
): void {
  const { attempt, waitedFrom, waitedUntil } = one;
  let from = one.startedAt ?? 0;
  const to = endOf(node, one, last);
  if (waitedFrom !== null) {
    const until = waitedUntil ?? to;
    bars.push({ kind: "wait", from: waitedFrom, to: until, attempt });
    if (until === null || until === to) return;
    from = until;
  }
  bars.push({ kind: kindOf(node, one, last && isResting), from, to, attempt });
}

function kindOf(node: NodeState, one: Attempt, waits: boolean): Bar["kind"] {
  if (waits) return "wait";
  if (node.composite) return "around";
  return one.status === "failed" ? "failed" : "run";
}

function endOf(node: NodeState, one: Attempt, last: boolean): number | null {
  if (one.finishedAt !== null) return one.finishedAt;
  if (last) return node.finishedAt;
  return one.startedAt;
}

const made = new WeakMap<NodeState, Row>();

/** Nodes that became ready one after the other. */
interface Part {
  readonly piece: Piece<NodeState>;
  /** How many of them have a row. */
  readonly rows: number;
  /** When they were busy; what goes on has no end. */
  readonly busy: readonly Span[];
}

/** Parts whose nodes have all ended, and never change any more. */
const ended = new WeakMap<object, Part>();

/** A row for each node that became ready, in the order in which they did; made when it is seen. */
export class Rows {
  readonly length: number;
  #parts: Part[] = [];

  constructor(readonly moment: Moment) {
    let length = 0;
    for (const piece of moment.state.nodes.pieces()) {
      const part = ended.get(piece.items) ?? partOf(moment, piece);
      this.#parts.push(part);
      length += part.rows;
    }
    this.length = length;
  }

  slice(first: number, end: number): Row[] {
    const found: Row[] = [];
    let at = 0;
    for (const { piece, rows } of this.#parts) {
      if (at >= end) break;
      if (at + rows > first)
        found.push(...rowsOf(this.moment, piece).slice(Math.max(0, first - at), end - at));
      at += rows;
    }
    return found;
  }

  /** When something was queued or ran, in the order of time. */
  busy(now: number): Span[] {
    const spans = this.#parts.flatMap(({ busy }) => busy);
    return merged(spans.map(([from, to]) => [from, Math.min(to, now)]));
  }
}

function partOf(moment: Moment, piece: Piece<NodeState>): Part {
  let hasEnded = piece.isFrozen;
  let rows = 0;
  const spans: Span[] = [];
  for (const node of piece.items) {
    if (!node) continue;
    hasEnded &&= ENDED.has(node.status);
    if (node.attempts.length === 0) continue;
    rows += 1;
    for (const bar of barsOf(node, isAtRest(node, shownStatus(moment.plan, moment.state, node))))
      if (BUSY.has(bar.kind)) spans.push([bar.from, bar.to ?? Number.POSITIVE_INFINITY]);
  }
  const part = { piece, rows, busy: merged(spans) };
  if (hasEnded) ended.set(piece.items, part);
  return part;
}

function rowsOf(moment: Moment, piece: Piece<NodeState>): Row[] {
  const rows: Row[] = [];
  for (const [at, node] of piece.items.entries()) {
    if (!node?.attempts.length) continue;
    const status = shownStatus(moment.plan, moment.state, node);
    const before = made.get(node);
    const address = moment.state.nodes.keyAt(piece.first + at);
    const row = before?.status === status ? before : rowOf(address, node, status);
    made.set(node, row);
    rows.push(row);
  }
  return rows;
}

function isAtRest(node: NodeState, status: string): boolean {
  return status === "waiting" && node.status === "active";
}

function rowOf(address: string, node: NodeState, status: string): Row {
  const bars = barsOf(node, isAtRest(node, status));
  return { address, status, depth: address.split("/").length - 1, bars };
}

// --- the scale ------------------------------------------------------------------------------

/** A stretch of time that is drawn: a cut one is idle, and drawn narrow. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly cut: boolean;
  /** Where it is drawn, from 0 to 1. */
  readonly start: number;
  readonly end: number;
}

/** Seconds of idle time that stay; more of it is cut. */
const IDLE = 5;
const CUT_WIDTH = 0.03;

/** Where each moment of a run is drawn. Time in which nothing runs or is queued is cut. */
export class Scale {
  readonly stretches: readonly Stretch[];

  constructor(rows: Rows, from: number, to: number) {
    this.stretches = drawn(stretched(rows.busy(to), from, Math.max(to, from + 0.001)));
  }

  /** Where a time is drawn, from 0 to 1. */
  at(time: number): number {
    const all = this.stretches;
    let [low, high] = [0, all.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((all[middle] as Stretch).to < time) low = middle + 1;
      else high = middle;
    }
    const one = all[low];
    if (!one) return 0;
    const part = (time - one.from) / (one.to - one.from || 1);
    return one.start + Math.max(0, Math.min(1, part)) * (one.end - one.start);
  }
}

const BUSY: ReadonlySet<Bar["kind"]> = new Set(["queue", "run", "failed"]);
type Span = readonly [from: number, to: number];

/** Spans in the order of time, without the short times between them. */
function merged(spans: Span[]): Span[] {
  // Rows come in the order in which they began, so there is hardly ever anything to sort.
  if (spans.some((one, place) => place > 0 && (spans[place - 1]?.[0] ?? 0) > one[0]))
    spans.sort((a, b) => a[0] - b[0]);
  const all: [number, number][] = [];
  for (const [from, to] of spans) {
    const last = all.at(-1);
    if (last && from - last[1] <= IDLE) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all;
}

type Drawn = Pick<Stretch, "from" | "to" | "cut">;

function stretched(busy: readonly Span[], from: number, to: number): Drawn[] {
  const pieces: Drawn[] = [];
  let at = from;
  for (const [start, end] of busy) {
    if (start - at > IDLE) pieces.push({ from: at, to: start, cut: true });
    else if (start > at) pieces.push({ from: at, to: start, cut: false });
    const begin = Math.max(start, at);
    if (end > begin) pieces.push({ from: begin, to: end, cut: false });
    at = Math.max(at, end);
  }
  if (to - at > IDLE) pieces.push({ from: at, to, cut: true });
  else if (to > at || pieces.length === 0) pieces.push({ from: at, to, cut: false });
  return pieces;
}

function drawn(pieces: readonly Drawn[]): Stretch[] {
  const cuts = pieces.filter((one) => one.cut).length;
  const width = Math.min(CUT_WIDTH, 0.5 / Math.max(1, cuts));
  const shown = pieces.reduce((sum, one) => sum + (one.cut ? 0 : one.to - one.from), 0);
  let at = 0;
  return pieces.map((one) => {
    const rest = 1 - cuts * width;
    const size = one.cut ? width : shown > 0 ? ((one.to - one.from) / shown) * rest : rest;
    const stretch = { ...one, start: at, end: at + size };
    at += size;
    return stretch;
  });
}
