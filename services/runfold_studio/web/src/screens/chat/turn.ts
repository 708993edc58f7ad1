/** What a run says to its user, put together from its stream. No React and no I/O here. */

import type { Frame } from "@/api/sse";

export interface Source {
  title: string;
  content: string;
  /** Of the web, or empty. */
  url: string;
  number: number;
}

export interface Question {
  token: string;
  message: string;
}

export interface Turn {
  text: string;
  /** What a model thought before it. */
  reasoning: string;
  sources: Source[];
  /** What waits for a person now. */
  questions: Question[];
  /** What the run came to; empty while it is under way. */
  status: string;
  problem: { code: string; message: string } | null;
  pieces: readonly Piece[];
}

/** The text of one answer of one node. */
interface Piece {
  of: string;
  kind: "text" | "reasoning";
  text: string;
}

type Data = Record<string, unknown>;

export const NO_TURN: Turn = {
  text: "",
  reasoning: "",
  sources: [],
  questions: [],
  status: "",
  problem: null,
  pieces: [],
};

/** The turn after some frames of its run's stream. */
export function heard(turn: Turn, frames: readonly Frame[]): Turn {
  let next = turn;
  for (const frame of frames) next = afterFrame(next, frame);
  return next;
}

function afterFrame(turn: Turn, { event, data }: Frame): Turn {
  const rule = Object.hasOwn(RULES, event) ? RULES[event] : undefined;
  return rule ? rule(turn, JSON.parse(data) as Data) : turn;
}

const RULES: Record<string, (turn: Turn, data: Data) => Turn> = {
  answer_chunk: said,
  retriever_resource: (turn, data) => ({ ...turn, sources: [...turn.sources, ...sourcesOf(data)] }),
  node_run_waiting: (turn, data) => {
    if (data.waiting_for !== "human") return turn;
    const question = { token: text(data.token), message: text(data.message) };
    return { ...turn, questions: [...turn.questions, question] };
  },
  input_received: (turn, data) => ({
    ...turn,
    questions: turn.questions.filter((one) => one.token !== data.token),
  }),
  run_failed: (turn, data) => {
    const error = (data.error ?? {}) as Data;
    return { ...turn, problem: { code: text(error.code), message: text(error.message) } };
  },
  error: (turn, data) => ({
    ...turn,
    problem: { code: text(data.code), message: text(data.message) },
  }),
  end: (turn, data) => ({ ...turn, status: text(data.status), questions: [] }),
};

function said(turn: Turn, data: Data): Turn {
  const kind = data.kind === "reasoning" ? "reasoning" : "text";
  const of = `${text(data.scope)}/${text(data.node_id)}`;
  const at = turn.pieces.findIndex((piece) => piece.of === of && piece.kind === kind);
  const before = data.replace === true ? "" : (turn.pieces[at]?.text ?? "");
  const piece: Piece = { of, kind, text: before + text(data.text) };
  const pieces = at < 0 ? [...turn.pieces, piece] : turn.pieces.with(at, piece);
  const whole = pieces.filter((one) => one.kind === kind).map((one) => one.text);
  return { ...turn, pieces, [kind]: whole.join("") };
}

/** The sources that an event names, as they are shown. */
export function sourcesOf(data: Data): Source[] {
  const resources = Array.isArray(data.resources) ? (data.resources as Data[]) : [];
  return resources.map((one, index) => ({
    title: text(one.title) || text(one.document) || text(one.base),
    content: text(one.content),
    url: /^https?:/i.test(text(one.url)) ? text(one.url) : "",
    number: typeof one.number === "number" ? one.number : index + 1,
  }));
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
