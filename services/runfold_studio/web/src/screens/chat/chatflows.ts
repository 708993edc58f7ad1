/** Which workflows take what a user says, and what else they ask for. */

import { call } from "@/api/client";
import type { components } from "@/api/schema";
import { type Schema, schemaOf } from "@/forms/fields/schema";

type Summary = components["schemas"]["WorkflowSummary"];
type Definition = Record<string, unknown>;

export interface Chatflow {
  id: string;
  name: string;
  version: number;
  /** Of its inputs but for `query`. */
  inputs: Schema;
}

/** Definitions that are read at a time. */
const AT_ONCE = 6;
const PAGE = 100;

/** Whether a definition reads what a user says, or what was said before. */
export function takesQuery(definition: Definition): boolean {
  if ("query" in schemaOf(definition.inputs)) return true;
  return /\bsys\.(query|history)\b/.test(JSON.stringify(definition.nodes ?? []));
}

/** The inputs of a workflow but for `query`, as a JSON Schema of one object. */
export function inputsOf(definition: Definition): Schema {
  const fields = Object.entries(schemaOf(definition.inputs)).filter(([name]) => name !== "query");
  const required = fields
    .filter(([, field]) => schemaOf(field).required === true && !("default" in schemaOf(field)))
    .map(([name]) => name);
  const properties = Object.fromEntries(
    fields.map(([name, field]) => {
      const { required: _, ...schema } = schemaOf(field);
      return [name, schema];
    }),
  );
  return { type: "object", properties, required };
}

/** Those of the published workflows that take what a user says, by id. */
export async function chatflows(signal: AbortSignal): Promise<Chatflow[]> {
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
  const found: (Chatflow | null)[] = [];
  for (let at = 0; at < published.length; at += AT_ONCE) {
    const some = published.slice(at, at + AT_ONCE);
    found.push(...(await Promise.all(some.map((one) => chatflowOf(one.id, signal)))));
  }
  return found.filter((one) => one !== null);
}

/** A published workflow as one to talk to, or null when it does not take what a user says. */
export async function chatflowOf(id: string, signal: AbortSignal): Promise<Chatflow | null> {
  const path = { workflow_id: id };
  const found = (await call("get", "/api/workflows/{workflow_id}", { path, signal })).data;
  if (typeof found === "string" || found.definition === null) return null;
  if (!takesQuery(found.definition)) return null;
  const inputs = inputsOf(found.definition);
  return { id, name: found.name || id, version: Number(found.version), inputs };
}
