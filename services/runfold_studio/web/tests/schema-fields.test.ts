// @vitest-environment node
import { describe, expect, it } from "vitest";
import {
  kindFor,
  kindOf,
  problemsByPlace,
  propertiesOf,
  startOf,
  withField,
} from "@/forms/fields/schema";

describe("fields of a schema", () => {
  it.each([
    [{ type: "string" }, "text"],
    [{ type: ["string", "null"] }, "text"],
    [{ type: "integer" }, "number"],
    [{ enum: [1, "two", null] }, "choice"],
    [{ type: "array", items: { type: "string" } }, "list"],
    [{ type: "array" }, "json"],
    [{ type: "object", properties: { a: {} } }, "object"],
    [{ type: "object" }, "json"],
    [{ type: ["string", "integer"] }, "json"],
    [{ oneOf: [{ type: "string" }] }, "json"],
    [{ $ref: "#/$defs/a" }, "json"],
    [{}, "any"],
    [{ description: "What it is for" }, "any"],
    [{ type: "file" }, "file"],
  ])("%j is %s", (schema, kind) => {
    expect(kindOf(schema)).toBe(kind);
  });

  it("end in JSON where a schema goes on for ever", () => {
    const schema = { type: "array", items: { type: "array", items: { type: "string" } } };
    expect(kindOf(schema, 5)).toBe("json");
  });

  it("take a value of another kind as what it is", () => {
    expect(kindFor({ type: "number" }, "many")).toBe("any");
    expect(kindFor({ type: "number" }, 3)).toBe("number");
    expect(kindFor({ type: "string" }, null)).toBe("any");
    expect(kindFor({ type: ["string", "null"] }, null)).toBe("text");
    expect(kindFor({ type: "array", items: { type: "string" } }, { a: 1 })).toBe("any");
    expect(kindFor({ type: "boolean" }, undefined)).toBe("boolean");
  });

  it("begin with the defaults alone, those inside of objects too", () => {
    const schema = {
      type: "object",
      properties: {
        a: { type: "string" },
        b: { type: "boolean", default: false },
        c: { type: "object", properties: { d: { type: "integer", default: 0 } } },
      },
      required: ["a", "__proto__"],
    };
    expect(startOf(schema)).toEqual({ b: false, c: { d: 0 } });
    expect(propertiesOf(schema).map((one) => one.required)).toEqual([true, false, false]);
    expect(startOf({ type: "object", properties: { a: { type: "string" } } })).toBeUndefined();
  });

  it("are set, left out and kept in their order", () => {
    expect(Object.keys(withField({ b: 1, a: 2 }, "b", 3) ?? {})).toEqual(["b", "a"]);
    expect(withField({ b: 1 }, "b", undefined)).toBeUndefined();
    expect(withField(undefined, "b", null)).toEqual({ b: null });
    expect(Object.keys(withField({ a: 1 }, "__proto__", 2) ?? {})).toEqual(["a", "__proto__"]);
  });

  it("know what is wrong with each", () => {
    const errors = [
      { path: "values.tags[1]", message: "too short" },
      { path: "values.tags[1]", message: "no match" },
      { path: "values", message: "'x' is missing" },
      "strange",
    ];
    expect([...problemsByPlace({ errors })]).toEqual([
      ["tags[1]", "too short; no match"],
      ["", "'x' is missing"],
    ]);
    expect(problemsByPlace({}).size).toBe(0);
  });
});
