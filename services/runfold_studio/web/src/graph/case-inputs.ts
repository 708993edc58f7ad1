/** The inputs that a new case of a document is run with. */

import { isObject } from "./source/values";

const EMPTY: Record<string, unknown> = {
  string: "",
  number: 0,
  integer: 0,
  boolean: false,
  array: [],
  object: {},
};

/**
 * What is known of the inputs, and something for those that a run cannot do without.
 *
 * Files are left out: cases have none.
 *
 * @param read names that are read and, where nothing is declared, are asked for.
 */
export function caseInputs(
  declared: unknown,
  known: Readonly<Record<string, unknown>>,
  read: readonly string[],
): Record<string, unknown> {
  const inputs: Record<string, unknown> = isObject(declared)
    ? declared
    : Object.fromEntries([...Object.keys(known), ...read].map((name) => [name, "any"]));
  const found = Object.entries(inputs).flatMap(([name, written]): [string, unknown][] => {
    const input: Record<string, unknown> = isObject(written) ? written : { type: written };
    if (input.type === "file" || input.type === "files" || hasFile(known[name])) return [];
    if (known[name] !== undefined) return [[name, known[name]]];
    const isAsked = isObject(declared) ? input.required === true : read.includes(name);
    if (!isAsked || input.default !== undefined) return [];
    const [first] = Array.isArray(input.enum) ? input.enum : [];
    return [[name, first ?? EMPTY[String(input.type)] ?? ""]];
  });
  return Object.fromEntries(found);
}

function hasFile(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasFile);
  return isObject(value) && ("$file" in value || Object.values(value).some(hasFile));
}
