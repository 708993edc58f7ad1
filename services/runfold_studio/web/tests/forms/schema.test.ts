import { describe, expect, it } from "vitest";
import { beginning, formOf } from "@/forms/condition-forms";
import { readValue } from "@/forms/reading";
import {
  beginningOf,
  fieldsOf,
  groupsOf,
  isTemplate,
  resolved,
  type Schema,
  unknownKeys,
  variantFor,
  variantName,
  variantsOf,
  widgetOf,
} from "@/forms/schema";
import { isSimple } from "@/forms/schema-field";
import { converted, type ValueKind } from "@/forms/value-kinds";

const AUTH: Schema = {
  anyOf: [{ anyOf: [{ $ref: "#/$defs/Basic" }, { $ref: "#/$defs/Bearer" }] }, { type: "null" }],
  "x-widget": "object",
};
const ROOT: Schema = {
  type: "object",
  properties: {
    late: { type: "string", "x-order": 3 },
    auth: { ...AUTH, "x-order": 1, "x-group": "request" },
    text: { type: "string", "x-order": 2, description: "What is said." },
    own: { type: "boolean" },
  },
  required: ["text"],
  $defs: {
    Basic: { title: "Basic", type: "object", properties: { type: { enum: ["basic"] }, user: {} } },
    Bearer: {
      title: "Bearer",
      type: "object",
      properties: { type: { const: "bearer" }, token: { type: "string" } },
    },
    "a/b": { type: "integer" },
  },
};

describe("fields", () => {
  it("stand in their order, in groups, the main one first", () => {
    const fields = fieldsOf(ROOT, ROOT);
    expect(fields.map((one) => one.name)).toEqual(["auth", "text", "late", "own"]);
    expect(fields[1]).toMatchObject({
      required: true,
      widget: "text",
      description: "What is said.",
    });
    expect(groupsOf(fields).map((one) => [one.name, one.fields.length])).toEqual([
      ["main", 3],
      ["request", 1],
    ]);
  });

  it("of a kind without hints follow from the types", () => {
    const schema: Schema = {
      properties: {
        text: { type: "string" },
        times: { type: "integer", default: 1 },
        loud: { type: "boolean" },
        how: { enum: ["a", "b"] },
        list: { type: "array", items: { type: "string" } },
        parts: { type: "array", items: { $ref: "#/$defs/Part" } },
        map: { type: "object" },
        named: { type: "object", additionalProperties: { $ref: "#/$defs/Part" } },
        part: { $ref: "#/$defs/Part" },
        any: {},
        either: { anyOf: [{ type: "string" }, { type: "number" }] },
        perhaps: { anyOf: [{ type: "number" }, { type: "null" }] },
      },
      $defs: { Part: { type: "object", properties: { a: {} } } },
    };
    expect(
      Object.fromEntries(fieldsOf(schema, schema).map((one) => [one.name, one.widget])),
    ).toEqual({
      text: "text",
      times: "number",
      loud: "boolean",
      how: "choice",
      list: "list",
      parts: "objects",
      map: "key_values",
      named: "named_objects",
      part: "object",
      any: "value",
      either: "value",
      perhaps: "number",
    });
  });

  it("follow references, escaped ones and circles too", () => {
    expect(resolved({ $ref: "#/$defs/a~1b", description: "x" }, ROOT)).toEqual({
      type: "integer",
      description: "x",
    });
    const circle: Schema = { $defs: { a: { $ref: "#/$defs/a" } } };
    expect(resolved({ $ref: "#/$defs/a" }, circle)).toBeDefined();
    expect(resolved({ $ref: "#/$defs/none" }, ROOT)).toEqual({});
    expect(widgetOf({ "x-widget": "not known" }, ROOT)).toBe("not known");
  });
});

describe("unions", () => {
  it("are flattened, named and told apart", () => {
    const parts = variantsOf(AUTH, ROOT);
    expect(parts.map(variantName)).toEqual(["basic", "bearer"]);
    expect(variantFor({ type: "bearer" }, AUTH, ROOT)).toBe(1);
    expect(variantFor({ user: "x" }, AUTH, ROOT)).toBe(0);
    expect(parts.map(beginningOf)).toEqual([{ type: "basic" }, { type: "bearer" }]);
  });

  it("of text and object know which is which", () => {
    const way: Schema = { anyOf: [{ type: "string" }, { $ref: "#/$defs/Basic" }] };
    expect(variantFor("paid", way, ROOT)).toBe(0);
    expect(variantFor({ user: "x" }, way, ROOT)).toBe(1);
  });
});

describe("values", () => {
  it("that are templates are known", () => {
    expect(["{{a}}", "x {% if a %}", { ref: "a.b" }].every(isTemplate)).toBe(true);
    expect(["a", 1, null, { ref: 1 }, { ref: "a", b: 1 }, []].some(isTemplate)).toBe(false);
  });

  it("of other kinds keep what they can", () => {
    const as = (value: unknown, kind: ValueKind) => converted(value, kind, readValue);
    expect(as("12", "number")).toBe(12);
    expect(as("x", "number")).toBe(0);
    expect(as("[1, a]", "list")).toEqual([1, "a"]);
    expect(as("{a: 1}", "object")).toEqual({ a: 1 });
    expect(as("[", "list")).toEqual([]);
    expect(as({ a: 1 }, "text")).toBe('{"a":1}');
    expect(as("a", "null")).toBeNull();
  });

  it("that a schema does not know are named", () => {
    expect(unknownKeys({ text: 1, constructor: 2, zz: 3 }, ROOT)).toEqual(["constructor", "zz"]);
  });
});

describe("conditions", () => {
  it("change their form with what fits", () => {
    const rule = { left: "{{a}}", operator: "equals", right: 1 };
    expect(formOf(rule)).toBe("rule");
    expect(formOf("a > 1")).toBe("expression");
    expect(formOf({ left: 1, note: 2 })).toBeNull();
    const all = beginning("all", rule);
    expect(all).toEqual({ and: [rule] });
    expect(beginning("any", all)).toEqual({ or: [rule] });
    expect(beginning("rule", all)).toEqual(rule);
    expect(beginning("rule", "x")).toEqual({ left: "", operator: "equals", right: "" });
  });
});

describe("schemas of data", () => {
  it("are edited as rows where they are simple", () => {
    expect(isSimple({ a: { type: "string", required: true } })).toBe(true);
    expect(isSimple({ a: { type: "string", enum: [1] } })).toBe(false);
    expect(isSimple({ type: "object", properties: {} })).toBe(false);
  });
});
