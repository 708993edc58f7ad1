/** Kinds of values that somebody chooses from where anything may be given. No React. */

export const VALUE_KINDS = ["text", "number", "boolean", "list", "object", "null"] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

/** A tree that was read, or why it could not be. */
export type Read = { value: unknown } | { problem: string };

export function kindOfValue(value: unknown): ValueKind {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value === "object") return "object";
  if (typeof value === "number") return "number";
  return typeof value === "boolean" ? "boolean" : "text";
}

const EMPTY: Record<ValueKind, unknown> = {
  text: "",
  number: 0,
  boolean: true,
  list: [],
  object: {},
  null: null,
};

/** A value as another kind, where it can be read as such. */
export function converted(value: unknown, kind: ValueKind, read: (text: string) => Read): unknown {
  if (kind === "text")
    return typeof value === "object" && value !== null
      ? JSON.stringify(value)
      : String(value ?? "");
  if (kind === "number") return Number.isFinite(Number(value)) ? Number(value) : 0;
  if (typeof value === "string" && (kind === "list" || kind === "object")) {
    const made = read(value);
    if ("value" in made && kindOfValue(made.value) === kind) return made.value;
  }
  return EMPTY[kind];
}
