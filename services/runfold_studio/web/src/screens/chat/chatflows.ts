/** Which workflows take what a user says, and what else they ask for. */

import { call } from "@/api/client";
import type { components } from "@/api/schema";
import { type Schema, schemaOf } from "@/forms/fields/schema";
import { inputsSchema } from "@/forms/inputs";

type Summary = components["schemas"]["WorkflowSummary"];
type Definition = Record<string, unknown>;

export interface Choice {
  id: string;
  name: string;
}

export interface Chatflow extends Choice {
  /** Of its inputs but for `query`. */
  inputs: Schema;
  /** Whether it has an input `query`, which is what the user says as well. */
  asksQuery: boolean;
}

/** Definitions that are read at a time, and at most; workflows beyond are offered unread. */
const AT_ONCE = 6;
const MOST = 300;
const PAGE = 100;

/** Whether a definition reads what a user says, or what was said before. */
export function takesQuery({ inputs, ...definition }: Definition): boolean {
  return (
    "query" in schemaOf(inputs) || /\bsys\.(query|history|files)\b/.test(JSON.stringify(definition))
  );
}

/** Those of the published workflows that take what a user says, by id. */
export async function chatflows(signal: AbortSignal): Promise<Choice[]> {
  const published: Summary[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const query = { limit: PAGE, cursor };
    const page: components["schemas"]["WorkflowList"] = (
      await call("get", "/api/workflows", { query, signal })
    ).data;
    published.push(...page.items.filter((one) => one.version !== null));
    cursor = page.next_cursor || null;
  }
  const found: (Choice | null)[] = [];
  for (let at = 0; at < Math.min(published.length, MOST); at += AT_ONCE) {
    const some = published.slice(at, Math.min(at + AT_ONCE, MOST));
    found.push(...(await Promise.all(some.map((one) => chatflowOf(one.id, "", signal)))));
  }
  const unread = published.slice(MOST).map(({ id, name }) => ({ id, name: name || id }));
  return [...found.filter((one) => one !== null), ...unread];
}

/**
 * A published workflow as one to talk to, or null when it does not take what a user says.
 *
 * @param version Empty: the newest.
 */
export async function chatflowOf(
  id: string,
  version: string,
  signal: AbortSignal,
): Promise<Chatflow | null> {
  const given = { path: { workflow_id: id }, query: { version }, signal };
  const found = (await call("get", "/api/workflows/{workflow_id}", given)).data;
  if (typeof found === "string" || found.definition === null) return null;
  if (!takesQuery(found.definition)) return null;
  return {
    id,
    name: found.name || id,
    inputs: inputsSchema(found.definition.inputs, { without: ["query"] }),
    asksQuery: "query" in schemaOf(found.definition.inputs),
  };
}
