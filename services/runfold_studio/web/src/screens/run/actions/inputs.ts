/** What of a run's inputs was changed in a form. */

import { schemaOf } from "@/forms/fields/schema";

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
