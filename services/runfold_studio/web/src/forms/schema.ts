/** What a form shows of a JSON Schema: fields with their widgets, in groups and in order. No React. */

import { isObject } from "@/graph/source/values";
import type { Schema } from "./fields/schema";

export type { Schema };

export interface Field {
  name: string;
  /** With what it refers to in its place. */
  schema: Schema;
  widget: string;
  group: string;
  description: string;
  required: boolean;
  examples: unknown[];
  /** Undefined when it has none. */
  default: unknown;
  /** Of a choice. */
  options: unknown[];
}

export interface FieldGroup {
  name: string;
  fields: Field[];
}

const DEEPEST = 20;

/** A schema with the definitions that it refers to in their place, one level deep. */
export function resolved(schema: unknown, root: Schema): Schema {
  let here: Schema = isObject(schema) ? schema : {};
  for (let depth = 0; depth < DEEPEST && typeof here.$ref === "string"; depth += 1) {
    const { $ref, ...beside } = here;
    here = { ...definitionAt(String($ref), root), ...beside };
  }
  return here;
}

function definitionAt(reference: string, root: Schema): Schema {
  const found = reference
    .replace(/^#\/?/, "")
    .split("/")
    .filter((step) => step !== "")
    .reduce<unknown>(
      (here, step) =>
        isObject(here) ? here[step.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined,
      root,
    );
  return isObject(found) ? found : {};
}

/** The fields of an object's schema, by `x-order`. */
export function fieldsOf(schema: Schema, root: Schema): Field[] {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(properties)
    .map(([name, one]) => fieldOf(name, one, root, required.includes(name)))
    .sort((a, b) => orderOf(a.schema) - orderOf(b.schema));
}

export function fieldOf(name: string, written: unknown, root: Schema, required: boolean): Field {
  const schema = resolved(written, root);
  return {
    name,
    schema,
    widget: widgetOf(schema, root),
    group: typeof schema["x-group"] === "string" ? schema["x-group"] : "main",
    description: typeof schema.description === "string" ? schema.description : "",
    required,
    examples: Array.isArray(schema.examples) ? schema.examples : [],
    default: schema.default,
    options: optionsOf(schema, root),
  };
}

function orderOf(schema: Schema): number {
  return typeof schema["x-order"] === "number" ? schema["x-order"] : Number.MAX_SAFE_INTEGER;
}

/** Fields by group, `main` first; groups and fields keep their order. */
export function groupsOf(fields: readonly Field[]): FieldGroup[] {
  const found = new Map<string, Field[]>([["main", []]]);
  for (const field of fields) found.set(field.group, [...(found.get(field.group) ?? []), field]);
  return [...found]
    .filter(([, all]) => all.length > 0)
    .map(([name, all]) => ({ name, fields: all }));
}

/** The parts of a union but null, with what they refer to in their place. */
export function variantsOf(schema: Schema, root: Schema): Schema[] {
  const parts = schema.anyOf ?? schema.oneOf;
  if (!Array.isArray(parts)) return [schema];
  return parts
    .map((part) => resolved(part, root))
    .filter((part) => part.type !== "null")
    .flatMap((part) => variantsOf(part, root));
}

export function optionsOf(schema: Schema, root: Schema): unknown[] {
  return variantsOf(schema, root).flatMap((part) => {
    if (Array.isArray(part.enum)) return part.enum;
    return "const" in part ? [part.const] : [];
  });
}

/** What a setting is filled in with: as its hint says, else as its type lets one guess. */
export function widgetOf(schema: Schema, root: Schema): string {
  const hint = schema["x-widget"];
  if (typeof hint === "string") return hint;
  if (optionsOf(schema, root).length > 0) return "choice";
  const types = new Set(variantsOf(schema, root).map((part) => part.type));
  const [type] = types;
  if (types.size !== 1) return "value";
  return widgetOfType(String(type), variantsOf(schema, root)[0] ?? {}, root);
}

function widgetOfType(type: string, schema: Schema, root: Schema): string {
  if (type === "string") return "text";
  if (type === "boolean") return "boolean";
  if (type === "integer" || type === "number") return "number";
  if (type === "array") return hasProperties(schema.items, root) ? "objects" : "list";
  if (type !== "object") return "value";
  if (isObject(schema.properties)) return "object";
  return hasProperties(schema.additionalProperties, root) ? "named_objects" : "key_values";
}

function hasProperties(schema: unknown, root: Schema): boolean {
  return variantsOf(resolved(schema, root), root).some((part) => isObject(part.properties));
}

/** The part of a union that a value is of: by its discriminator, else by the keys that it has. */
export function variantFor(value: unknown, schema: Schema, root: Schema): number {
  const variants = variantsOf(schema, root);
  if (!isObject(value)) {
    const found = variants.findIndex((part) => isOfType(value, part));
    return Math.max(0, found);
  }
  const scores = variants.map((part) => scoreOf(value, part));
  return Math.max(0, scores.indexOf(Math.max(...scores)));
}

function isOfType(value: unknown, schema: Schema): boolean {
  if (schema.type === "string") return typeof value === "string";
  if (schema.type === "number" || schema.type === "integer") return typeof value === "number";
  if (schema.type === "boolean") return typeof value === "boolean";
  return schema.type === "array" && Array.isArray(value);
}

function scoreOf(value: Record<string, unknown>, schema: Schema): number {
  if (!isObject(schema.properties)) return schema.type === "object" ? 0 : -1;
  let score = 0;
  for (const [name, inner] of Object.entries(schema.properties)) {
    if (!(name in value) || !isObject(inner)) continue;
    const only = "const" in inner ? [inner.const] : Array.isArray(inner.enum) ? inner.enum : null;
    if (only === null) score += 1;
    else score += only.includes(value[name]) ? 10 : -10;
  }
  return score;
}

/** The name of a union's part, for people. */
export function variantName(schema: Schema): string {
  for (const inner of Object.values(isObject(schema.properties) ? schema.properties : {})) {
    if (isObject(inner) && Array.isArray(inner.enum) && inner.enum.length === 1)
      return String(inner.enum[0]);
    if (isObject(inner) && "const" in inner) return String(inner.const);
  }
  return typeof schema.title === "string" ? schema.title : String(schema.type ?? "");
}

/** What a new value of a schema begins as: with what tells a union's parts apart, and nothing more. */
export function beginningOf(schema: Schema): unknown {
  if (isObject(schema.properties)) {
    const known = Object.entries(schema.properties).flatMap(([name, inner]) => {
      if (!isObject(inner)) return [];
      if ("const" in inner) return [[name, inner.const] as const];
      return Array.isArray(inner.enum) && inner.enum.length === 1
        ? [[name, inner.enum[0]] as const]
        : [];
    });
    return Object.fromEntries(known);
  }
  if (schema.type === "array") return [];
  if (schema.type === "object") return {};
  if (schema.type === "boolean") return false;
  if (schema.type === "number" || schema.type === "integer") return 0;
  return "";
}

/** Whether a value is a reference or a template instead of a plain value. */
export function isTemplate(value: unknown): boolean {
  if (typeof value === "string") return value.includes("{{") || value.includes("{%");
  return isObject(value) && Object.keys(value).length === 1 && typeof value.ref === "string";
}

/** Names of a configuration that its schema does not know. */
export function unknownKeys(value: unknown, schema: Schema): string[] {
  const properties = isObject(schema.properties) ? schema.properties : {};
  return isObject(value) ? Object.keys(value).filter((key) => !Object.hasOwn(properties, key)) : [];
}
