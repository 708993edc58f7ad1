/** Variables: whose they are, and their values after an assignment, in the order of the log. */

import type { Assignment, Failure } from "../events";
import type { Head } from "../state";
import type { Draft } from "./draft";

type Values = Readonly<Record<string, unknown>>;
const PREFIX = "conversation.";

/** What an operation cannot be done with. */
class Misfit extends Error {}

/** Apply assignments, all or none. The new values by name, or why they cannot be. */
export function assign(
  draft: Draft,
  assignments: readonly Assignment[],
): { values: Values; error: Failure | null } {
  const held = new Map<string, Values>();
  const values: Record<string, unknown> = {};
  try {
    for (const one of assignments) {
      const owner = one.owner ?? "";
      const name = one.variable.startsWith(PREFIX)
        ? one.variable.slice(PREFIX.length)
        : one.variable;
      const before = held.get(owner) ?? heldBy(draft, owner);
      const value = applied(one, before[name] ?? null);
      values[name] = value;
      held.set(owner, { ...before, [name]: value });
    }
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    return { values: {}, error: failureOf(error.message) };
  }
  for (const [owner, after] of held) write(draft, owner, after);
  return { values, error: null };
}

/** The engine names the cause in full; a log says here only that there was one. */
function failureOf(message: string): Failure {
  return { code: "variable.type", message, kind: "input" };
}

function heldBy(draft: Draft, owner: string): Values {
  if (owner === "conversation") return draft.head.conversation;
  if (!owner) return draft.head.values;
  return draft.nodes.get(owner)?.composite?.variables ?? {};
}

function write(draft: Draft, owner: string, values: Values): void {
  const changes: Partial<Head> | null =
    owner === "conversation" ? { conversation: values } : owner ? null : { values };
  if (changes) {
    draft.change(changes);
    return;
  }
  const node = draft.nodes.get(owner);
  if (node?.composite) draft.put({ ...node, composite: { ...node.composite, variables: values } });
}

function applied(one: Assignment, present: unknown): unknown {
  const value = one.value ?? null;
  switch (one.operation ?? "set") {
    case "set":
      return value;
    case "clear":
      return cleared(present);
    case "append":
      return [...listOf(one, present), value];
    case "extend":
      return [...listOf(one, present), ...listOf(one, value)];
    case "remove_first":
      return listOf(one, present).slice(1);
    case "remove_last":
      return listOf(one, present).slice(0, -1);
    default:
      return calculated(one, present, value);
  }
}

function cleared(present: unknown): unknown {
  if (typeof present === "string") return "";
  if (Array.isArray(present)) return [];
  if (typeof present === "boolean") return false;
  if (typeof present === "number") return 0;
  return present === null ? null : {};
}

function listOf(one: Assignment, value: unknown): unknown[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value;
  throw misfit(one, "needs a list");
}

function calculated(one: Assignment, present: unknown, value: unknown): unknown {
  if (one.operation === "+=") {
    if (typeof value === "string" && (typeof present === "string" || present === null))
      return (present ?? "") + value;
    if (Array.isArray(value)) return [...listOf(one, present), ...value];
  }
  const [left, right] = [numberOf(one, present ?? 0), numberOf(one, value)];
  switch (one.operation) {
    case "+=":
      return left + right;
    case "-=":
      return left - right;
    case "*=":
      return left * right;
    default:
      if (one.operation !== "/=" || right === 0) throw misfit(one, "cannot be computed");
      return left / right;
  }
}

function numberOf(one: Assignment, value: unknown): number {
  if (typeof value === "number") return value;
  throw misfit(one, "needs a number");
}

function misfit(one: Assignment, what: string): Misfit {
  return new Misfit(`variable '${one.variable}': ${one.operation} ${what}`);
}
