/** The inputs of a workflow as a JSON Schema, for a form that they are filled in with. No React. */

import { isObject } from "@/graph/source/values";
import type { Schema } from "./fields/schema";

interface Asked {
  /** Names beyond those declared that nodes read. */
  read?: readonly string[];
  /** Values that are there already: what is declared nowhere has a field too, as it stays. */
  given?: Readonly<Record<string, unknown>>;
  /** Declared inputs that are asked for elsewhere. */
  without?: readonly string[];
  /** Whether text that has to be given may be empty. */
  mayBeEmpty?: boolean;
}

/**
 * @param declared what stands under `inputs`: a type, or an object, by name.
 */
export function inputsSchema(declared: unknown, asked: Asked = {}): Schema {
  const { read = [], given = {}, without = [], mayBeEmpty = false } = asked;
  const known = isObject(declared) ? declared : {};
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const [name, written] of Object.entries(known)) {
    if (without.includes(name)) continue;
    const input: Record<string, unknown> = isObject(written) ? written : { type: written };
    const isAsked = input.required === true && (input.default ?? null) === null;
    if (isAsked) required.push(name);
    properties[name] = fieldOf(input, isAsked && mayBeEmpty);
  }
  for (const name of [...read, ...Object.keys(given)]) {
    if (Object.hasOwn(known, name) || Object.hasOwn(properties, name)) continue;
    properties[name] = {};
    if (read.includes(name)) required.push(name);
  }
  return { type: "object", properties, required };
}

function fieldOf(input: Record<string, unknown>, mayBeEmpty: boolean): Schema {
  const { type, enum: choices, description, default: initial, media_types: types } = input;
  return {
    ...(typeof type === "string" && type !== "any" ? { type } : {}),
    ...(Array.isArray(choices) && choices.length > 0 ? { enum: choices } : {}),
    ...(typeof description === "string" && description !== "" ? { description } : {}),
    ...(initial !== undefined && initial !== null ? { default: initial } : {}),
    ...(Array.isArray(types) ? { media_types: types } : {}),
    ...(mayBeEmpty && type === "string" ? { minLength: 0 } : {}),
  };
}

/**
 * What the gateway found wrong with the inputs of a run, by name.
 *
 * @param missing what is said of one that was not given.
 */
export function inputProblems(
  document: Record<string, unknown>,
  missing: string,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const name of textsIn(document.missing)) found.set(name, missing);
  for (const said of textsIn(document.invalid)) {
    const [, name, why] = /^(.*?) \(([\s\S]*)\)$/.exec(said) ?? [];
    if (name !== undefined && why !== undefined) found.set(name, why);
  }
  return found;
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
