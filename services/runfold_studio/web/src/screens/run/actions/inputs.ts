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
      ...(type !== "any" && type !== undefined && { type }),
      ...(Array.isArray(choices) && choices.length > 0 && { enum: choices }),
      ...(description ? { description } : {}),
      ...(initial !== undefined && initial !== null && { default: initial }),
    };
    if (declared.required) required.push(name);
  }
  for (const [name, value] of Object.entries(given)) {
    if (name in properties) continue;
    const type = typeof value;
    properties[name] = ["string", "number", "boolean"].includes(type) ? { type } : {};
  }
  return { type: "object", properties, required };
}
