/** What waits for a person: what kind of question it is, and how one of them is found by its token. */

import { ApiProblem, call } from "@/api/client";
import type { components } from "@/api/schema";

export type Review = components["schemas"]["Review"];
type RunDocument = components["schemas"]["RunDocument"];
export type ReviewKind = "human_review" | "question" | "input" | "tool" | "state_machine";

/** An agent asks for a person's consent at this node of a call. */
const CONSENT = /\]\/review$/;

export function kindOf(review: Pick<Review, "type" | "node">): ReviewKind {
  if (review.type === "human_review" && CONSENT.test(review.node)) return "tool";
  return review.type as ReviewKind;
}

/** The run that a token is of: all before its last dot. */
export function runOf(token: string): string {
  return token.slice(0, Math.max(0, token.lastIndexOf(".")));
}

/** What a question has that asks for nothing in particular. */
const NOTHING = {
  message: "",
  content: null,
  form: {},
  actions: [],
  options: [],
  allow_text: false,
  missing: [],
  assignee: "",
  due: null,
  state: "",
  events: [],
} satisfies Partial<Review>;

/** What waits under a token in a run, as a list has it; null when it waits no more. */
export function waitingIn(run: RunDocument, token: string): Review | null {
  const node = run.nodes.find((one) => one.waiting?.token === token);
  const waiting = node?.waiting;
  if (!node || !waiting) return null;
  const { answer_schema: schema, waiting_for, ...rest } = waiting;
  const review = { ...NOTHING, ...rest, schema: schema ?? {} };
  const machine = waiting_for === "state_machine";
  const offered = machine ? review.events : review.actions;
  return {
    ...review,
    actions: offered.length > 0 || machine ? offered : ["approved", "rejected"],
    review_id: token,
    run_id: run.run_id,
    workflow_id: run.workflow_id,
    node: node.address,
    type: node.type,
    waiting_since: node.started_at ?? null,
  };
}

/** What waits under a token, or null when nothing does any more. */
export async function findReview(token: string, signal: AbortSignal): Promise<Review | null> {
  try {
    const path = { run_id: runOf(token) };
    return waitingIn((await call("get", "/api/runs/{run_id}", { path, signal })).data, token);
  } catch (problem) {
    if (problem instanceof ApiProblem && problem.status === 404) return null;
    throw problem;
  }
}

export interface Said {
  action?: string;
  feedback?: string | undefined;
  values?: unknown;
  key?: string;
}

/** What became of an answer: the word that counted, or `accepted` while it is not carried out. */
export async function answer(token: string, said: Said): Promise<string> {
  const path = { review_id: token };
  return (await call("post", "/api/reviews/{review_id}/answer", { path, body: said })).data.status;
}
