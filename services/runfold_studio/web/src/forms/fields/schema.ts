/** What a JSON Schema says about the field that a value is filled in with. No React here. */

import { isObject } from "@/graph/source/values";
import type { ValueKind } from "../value-kinds";

export type Schema = Record<string, unknown>;

export type FieldKind =
  | "text"
  | "number"
  | "boolean"
  | "choice"
  | "list"
  | "object"
  | "file"
  | "files"
  /** Nothing is said of it: whatever kind somebody chooses. */
  | "any"
  /** Whatever has no field of its own: written as JSON. */
  | "json";

export interface Property {
  name: string;
  schema: Schema;
  required: boolean;
}

/** Objects and lists that are in more than so many others are written as JSON. */
const DEEPEST = 5;

export function schemaOf(value: unknown): Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Schema)
    : {};
}

/** The one type that a schema allows beside null; empty where there are none or several. */
export function typeOf(schema: Schema): string {
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter(
    (type) => typeof type === "string" && type !== "null",
  );
  return types.length === 1 ? String(types[0]) : "";
}

export function allowsNull(schema: Schema): boolean {
  return Array.isArray(schema.type) && schema.type.includes("null");
}

export function propertiesOf(schema: Schema): Property[] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schemaOf(schema.properties)).map(([name, property]) => ({
    name,
    schema: schemaOf(property),
    required: required.includes(name),
  }));
}

const BY_TYPE: Record<string, FieldKind> = {
  string: "text",
  number: "number",
  integer: "number",
  boolean: "boolean",
  file: "file",
  files: "files",
};

/** Keywords by which a schema says what it takes, beside `type`. */
const SAYING = ["$ref", "$dynamicRef", "const", "anyOf", "oneOf", "allOf", "not", "if"];

export function kindOf(schema: Schema, depth = 0): FieldKind {
  if (Array.isArray(schema.enum)) return "choice";
  if (schema.type === undefined && !SAYING.some((word) => word in schema)) return "any";
  const type = typeOf(schema);
  if (type === "array" && depth < DEEPEST) return isOpen(schema.items) ? "json" : "list";
  if (type === "object" && depth < DEEPEST) return isOpen(schema.properties) ? "json" : "object";
  return BY_TYPE[type] ?? "json";
}

/** The kind of field for a value that is there: where it is of another kind, any can be chosen. */
export function kindFor(schema: Schema, value: unknown, depth = 0): FieldKind {
  const kind = kindOf(schema, depth);
  if (value === undefined || (value === null && allowsNull(schema))) return kind;
  return FITS[kind](value) ? kind : "any";
}

const always = () => true;
const FITS: Record<FieldKind, (value: unknown) => boolean> = {
  text: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  boolean: (value) => typeof value === "boolean",
  list: Array.isArray,
  object: isObject,
  choice: always,
  file: always,
  files: always,
  any: always,
  json: always,
};

/** A schema of one kind of value, with what another one says to people. */
export function schemaFor(kind: ValueKind, { description, title }: Schema): Schema {
  const said = { description, title };
  if (kind === "text") return { ...said, type: "string", minLength: 0 };
  return { ...said, type: TYPES[kind] };
}

const TYPES: Record<ValueKind, string> = {
  text: "string",
  number: "number",
  boolean: "boolean",
  list: "array",
  object: "object",
  null: "null",
};

function isOpen(value: unknown): boolean {
  return Object.keys(schemaOf(value)).length === 0;
}

/**
 * What stands in a form before anybody wrote in it: the defaults, and nothing where there is none.
 *
 * What is undefined is left out of the answer.
 */
export function startOf(schema: Schema): unknown {
  if ("default" in schema) return schema.default;
  if (kindOf(schema) !== "object") return undefined;
  const found: Record<string, unknown> = {};
  for (const property of propertiesOf(schema)) {
    const start = startOf(property.schema);
    if (start !== undefined) found[property.name] = start;
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

/** An object with a field set, or without it where the value is undefined; other fields keep their order. */
export function withField(
  value: unknown,
  name: string,
  field: unknown,
): Record<string, unknown> | undefined {
  const entries = Object.entries(schemaOf(value)).filter(
    ([key]) => key !== name || field !== undefined,
  );
  const next = new Map(entries);
  if (field !== undefined) next.set(name, field);
  return next.size > 0 ? Object.fromEntries(next) : undefined;
}

/** Problems by the place that they are about, as `tags[1]` of `values.tags[1]`. */
export function problemsByPlace(document: Record<string, unknown>): Map<string, string> {
  const found = new Map<string, string>();
  if (!Array.isArray(document.errors)) return found;
  for (const error of document.errors) {
    const { path, message } = schemaOf(error);
    if (typeof message !== "string") continue;
    const place = typeof path === "string" ? path.replace(/^values\.?/, "") : "";
    found.set(place, [found.get(place), message].filter(Boolean).join("; "));
  }
  return found;
}
