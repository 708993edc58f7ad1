/** The forms in which a condition is written, and what each begins as. */

import { isObject } from "@/graph/source/values";

export const FORMS = ["rule", "all", "any", "expression"] as const;
export type Form = (typeof FORMS)[number];

export const OPERATORS = [
  ...["equals", "not_equals", ">", ">=", "<", "<=", "contains", "not_contains", "starts_with"],
  ...[
    "ends_with",
    "matches",
    "in",
    "not_in",
    "all_of",
    "empty",
    "not_empty",
    "is_null",
    "not_null",
  ],
  ...["exists", "not_exists", "is_true", "is_false", "length_eq", "length_gt", "length_gte"],
  ...["length_lt", "length_lte"],
];
const UNARY = new Set([
  ...["empty", "not_empty", "is_null", "not_null", "exists", "not_exists", "is_true", "is_false"],
]);

export function isUnary(operator: string): boolean {
  return UNARY.has(operator);
}

/** How a condition is written; null when it is in none of these ways. */
export function formOf(value: unknown): Form | null {
  if (value === undefined || value === null) return "rule";
  if (typeof value === "string" || typeof value === "boolean") return "expression";
  if (!isObject(value)) return null;
  const keys = Object.keys(value);
  if (keys.length === 1 && Array.isArray(value.and)) return "all";
  if (keys.length === 1 && Array.isArray(value.or)) return "any";
  return keys.every((key) => ["left", "operator", "right"].includes(key)) ? "rule" : null;
}

export function partsOf(value: unknown, key: "and" | "or"): unknown[] {
  const parts = isObject(value) ? value[key] : undefined;
  return Array.isArray(parts) ? parts : [];
}

/** A condition in another form, with what of it fits there. */
export function beginning(form: Form, value: unknown): unknown {
  const was = formOf(value);
  const parts = was === "all" ? partsOf(value, "and") : was === "any" ? partsOf(value, "or") : null;
  if (form === "expression") return "";
  if (form === "rule") {
    const [first] = parts ?? [];
    return formOf(first) === "rule" && isObject(first)
      ? first
      : { left: "", operator: "equals", right: "" };
  }
  const inside =
    parts ?? (was === "rule" && isObject(value) ? [value] : [beginning("rule", undefined)]);
  return { [form === "all" ? "and" : "or"]: inside };
}
