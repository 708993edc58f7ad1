/** How a chatflow greets: what an import keeps of it in the workflow's text, and nowhere else. */

import { exchange } from "@/api/client";
import { schemaOf } from "@/forms/fields/schema";

export interface Greeting {
  /** What a conversation is opened with; may be Markdown. */
  opening: string;
  /** What it suggests to ask. */
  suggested: string[];
}

const NONE: Greeting = { opening: "", suggested: [] };
/** Spares the reading of a text that has neither. */
const NAMED = /opening_statement|suggested_questions/;

/** The greeting that a workflow's document keeps of where it came from. */
export function greetingIn(document: unknown): Greeting {
  const features = schemaOf(schemaOf(schemaOf(document).origin).features);
  const { opening_statement: opening, suggested_questions: suggested } = features;
  const questions = Array.isArray(suggested) ? suggested : [];
  return {
    opening: typeof opening === "string" ? opening.trim() : "",
    suggested: [...new Set(questions.filter((one) => typeof one === "string" && one !== ""))],
  };
}

/** @param version Empty: the newest published one. */
export async function greetingOf(
  workflow: string,
  version: string,
  signal: AbortSignal,
): Promise<Greeting> {
  const path = `/api/workflows/${encodeURIComponent(workflow)}`;
  const given = { query: { version, form: "source" }, accept: "*/*", signal };
  const source = await (await exchange("get", path, given)).text();
  if (!NAMED.test(source)) return NONE;
  // JSON is YAML too.
  const { parse } = await import("yaml");
  return greetingIn(parse(source));
}
