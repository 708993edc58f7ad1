/** What a run says to its user, put together from its stream. No React and no I/O here. */

import type { Frame } from "@/api/sse";

export interface Source {
  title: string;
  content: string;
  /** Of the web, or empty. */
  url: string;
  number: number;
  /** The node that found it. */
  node: string;
}

/** What a node of the run waits for. */
export interface Wait {
  node: string;
  for: "human" | "timer" | "event";
  /** Of what a person is asked; else empty. */
  token: string;
  /** Unix seconds. */
  due: number | null;
  /** Whether it is a state machine, which takes one event after the other. */
  machine: boolean;
  /** The event after which what is asked may have changed. */
  seq: number;
}

export interface Turn {
  text: string;
  /** What a model thought before it. */
  reasoning: string;
  sources: readonly Source[];
  waits: readonly Wait[];
  /** Addresses of the nodes that are under way. */
  working: readonly string[];
  /** Of the run; empty before anything was heard of it. */
  status: string;
  /** Whether the run has ended and all was heard. */
  over: boolean;
  /** Why the run failed. */
  problem: Problem | null;
  /** Why the stream was cut, until it goes on. */
  cut: Problem | null;
  pieces: readonly Piece[];
}

interface Problem {
  code: string;
  message: string;
}

/** The text of one answer of one node. */
interface Piece {
  of: string;
  kind: "text" | "reasoning";
  text: string;
}

type Data = Record<string, unknown>;
type Rule = (turn: Turn, data: Data) => Partial<Turn>;

export const NO_TURN: Turn = {
  text: "",
  reasoning: "",
  sources: [],
  waits: [],
  working: [],
  status: "",
  over: false,
  problem: null,
  cut: null,
  pieces: [],
};

/** The turn after some frames of its run's stream. */
export function heard(turn: Turn, frames: readonly Frame[]): Turn {
  let next = turn;
  for (const { event, data } of frames) {
    const rule = Object.hasOwn(RULES, event) ? RULES[event] : undefined;
    if (rule) next = { ...next, cut: null, ...rule(next, JSON.parse(data) as Data) };
  }
  return next;
}

const ended: Rule = (turn, data) => ({
  waits: turn.waits.filter((one) => one.node !== addressOf(data)),
  working: turn.working.filter((one) => one !== addressOf(data)),
});
const changed: Rule = (turn, data) => ({
  waits: turn.waits.map((one) =>
    one.node === addressOf(data) ? { ...one, seq: Number(data.seq) } : one,
  ),
});
const succeeded: Rule = (turn, data) => ({ text: turn.text || answerIn(data.outputs) });

const RULES: Record<string, Rule> = {
  run_started: (_, data) => ({ status: data.concurrency_key ? "queued" : "running" }),
  run_admitted: () => ({ status: "running" }),
  run_paused: () => ({ status: "paused" }),
  run_resumed: () => ({ status: "running" }),
  run_compensating: () => ({ status: "compensating" }),
  run_succeeded: succeeded,
  run_partial_succeeded: succeeded,
  run_failed: failed,
  run_compensation_failed: failed,
  error: (_, data) => ({ cut: problemIn(data) }),
  end: (_, data) => ({ status: text(data.status), over: true, waits: [], working: [] }),
  answer_chunk: said,
  retriever_resource: (turn, data) => ({
    // A node that was tried again says anew what it found.
    sources: [...turn.sources.filter((one) => one.node !== addressOf(data)), ...sourcesOf(data)],
  }),
  node_run_started: (turn, data) => ({
    working: [...turn.working.filter((one) => one !== addressOf(data)), addressOf(data)],
  }),
  node_run_waiting: (turn, data) => waiting(turn, data),
  state_machine_started: (turn, data) => waiting(turn, { ...data, waiting_for: "human" }, true),
  state_changed: changed,
  state_event_ignored: changed,
  input_received: (turn, data) => ({
    waits: turn.waits.filter((one) => one.token !== data.token || one.machine),
  }),
  node_run_succeeded: ended,
  node_run_failed: ended,
  node_run_retry: ended,
  node_run_exception: ended,
  node_run_skipped: ended,
  node_run_cancelled: ended,
};

function waiting(turn: Turn, data: Data, machine = false): Partial<Turn> {
  const node = addressOf(data);
  const wait: Wait = {
    node,
    for: data.waiting_for as Wait["for"],
    token: data.waiting_for === "human" ? text(data.token) : "",
    due: typeof data.due === "number" ? data.due : null,
    machine,
    seq: Number(data.seq),
  };
  return {
    waits: [...turn.waits.filter((one) => one.node !== node), wait],
    working: turn.working.filter((one) => one !== node),
  };
}

function said(turn: Turn, data: Data): Partial<Turn> {
  const kind = data.kind === "reasoning" ? "reasoning" : "text";
  const of = addressOf(data);
  const at = turn.pieces.findIndex((piece) => piece.of === of && piece.kind === kind);
  const before = data.replace === true ? "" : (turn.pieces[at]?.text ?? "");
  const piece: Piece = { of, kind, text: before + text(data.text) };
  const pieces = at < 0 ? [...turn.pieces, piece] : turn.pieces.with(at, piece);
  const whole = pieces.filter((one) => one.kind === kind).map((one) => one.text);
  return { pieces, [kind]: whole.join("") };
}

function failed(_: Turn, data: Data): Partial<Turn> {
  return { problem: problemIn((data.error ?? {}) as Data) };
}

function problemIn(error: Data): Problem {
  return { code: text(error.code), message: text(error.message) };
}

const NAMES = ["answer", "output", "text", "result"];

/** What a run without a node that answers has to say: the output that becomes its message. */
export function answerIn(outputs: unknown): string {
  const found = new Map(Object.entries((outputs ?? {}) as Data));
  const answer = found.get("answer") ?? "";
  if (typeof answer !== "string") return JSON.stringify(answer);
  const named = NAMES.map((name) => found.get(name)).find((value) => typeof value === "string");
  const texts = [...found.values()].filter((value) => typeof value === "string");
  return text(named ?? (texts.length === 1 ? texts[0] : ""));
}

/** The sources that an event names, as they are shown. */
export function sourcesOf(data: Data): Source[] {
  const resources = Array.isArray(data.resources) ? (data.resources as Data[]) : [];
  return resources.map((one, index) => ({
    title: text(one.title) || text(one.document_name) || text(one.document) || text(one.base),
    content: text(one.excerpt) || text(one.content),
    url: /^https?:/i.test(text(one.url)) ? text(one.url) : "",
    number: typeof one.number === "number" ? one.number : index + 1,
    node: addressOf(data),
  }));
}

function addressOf(data: Data): string {
  return data.scope ? `${text(data.scope)}/${text(data.node_id)}` : text(data.node_id);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
