/** The inputs that a workflow declares, as the schema of a form. */

import { isObject } from "@/graph/source/values";
import type { Schema } from "./schema";

export interface Inputs {
  schema: Schema;
  /** Names of those that are files, and whether several are taken. */
  files: { name: string; several: boolean; accept: string }[];
}

/**
 * @param declared what stands under `inputs`: a type, or an object, by name.
 * @param further names that are read and declared nowhere.
 */
export function inputsOf(declared: unknown, further: readonly string[]): Inputs {
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  const files: Inputs["files"] = [];
  const known = isObject(declared) ? declared : {};
  for (const [name, written] of Object.entries(known)) {
    const input: Record<string, unknown> = isObject(written) ? written : { type: written };
    const type = String(input.type ?? "any");
    if (input.required === true && input.default === undefined) required.push(name);
    if (type === "file" || type === "files") {
      files.push({ name, several: type === "files", accept: acceptOf(input.media_types) });
      continue;
    }
    properties[name] = schemaOf(input, type);
  }
  for (const name of further) {
    if (Object.hasOwn(known, name)) continue;
    properties[name] = { "x-widget": "value" };
    required.push(name);
  }
  return { schema: { type: "object", properties, required }, files };
}

function schemaOf(input: Record<string, unknown>, type: string): Schema {
  return {
    ...widget(type),
    ...(Array.isArray(input.enum) ? { enum: input.enum, "x-widget": "choice" } : {}),
    ...(input.default === undefined ? {} : { default: input.default }),
    description: typeof input.description === "string" ? input.description : "",
  };
}

function widget(type: string): Schema {
  if (type === "any") return { "x-widget": "value" };
  if (type === "string") return { type, "x-widget": "text" };
  if (type === "array" || type === "object") return { type, "x-widget": "value" };
  return { type };
}

function acceptOf(types: unknown): string {
  return Array.isArray(types) ? types.filter((type) => typeof type === "string").join(",") : "";
}

/** What a form begins with: the defaults. */
export function beginningInputs(declared: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(isObject(declared) ? declared : {}).flatMap(([name, input]) =>
      isObject(input) && input.default !== undefined ? [[name, input.default]] : [],
    ),
  );
}
