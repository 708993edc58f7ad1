/** The inputs of a workflow as a JSON Schema, for a form that is filled in with those of a run. */

import { type Schema, schemaOf } from "@/forms/fields/schema";

/** Declared inputs, and those that the run was given beside them. */
export function inputsSchema(
  definition: unknown,
  given: Readonly<Record<string, unknown>>,
): Schema {
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const [name, written] of Object.entries(schemaOf(schemaOf(definition).inputs))) {
    const declared = schemaOf(written);
    const { type, enum: choices, description, default: initial } = declared;
    properties[name] = {
      ...(type !== "any" && type !== undefined ? { type } : typeOf(given[name])),
      ...(Array.isArray(choices) && choices.length > 0 && { enum: choices }),
      ...(description ? { description } : {}),
      ...(initial !== undefined && initial !== null && { default: initial }),
    };
    if (declared.required) required.push(name);
  }
  for (const [name, value] of Object.entries(given)) {
    if (name in properties) continue;
    properties[name] = typeOf(value);
  }
  return { type: "object", properties, required };
}

/** Of an input that may be anything: that of the value it had, so that text is written as text. */
function typeOf(value: unknown): Schema {
  const type = typeof value;
  return type === "string" || type === "number" || type === "boolean" ? { type } : {};
}

/**
 * The inputs that are another value than before; null when none is.
 *
 * A field that was emptied is said as well, since what is left out stays as it was: text as an empty
 * one, all else as null, which the workflow may refuse.
 */
export function changedInputs(
  before: Readonly<Record<string, unknown>>,
  after: unknown,
): Record<string, unknown> | null {
  const now = schemaOf(after);
  const found = Object.entries(now).filter(([name, value]) => !isSame(value, before[name]));
  const emptied = Object.entries(before)
    .filter(([name, value]) => !Object.hasOwn(now, name) && value !== "" && value !== null)
    .map(([name, value]): [string, unknown] => [name, typeof value === "string" ? "" : null]);
  const all = [...found, ...emptied];
  return all.length > 0 ? Object.fromEntries(all) : null;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
