import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { afterEach, describe, expect, it } from "vitest";
import { propertiesOf, type Schema, startOf } from "@/forms/fields/schema";
import { ObjectFields } from "@/forms/fields/value-field";
import { inputProblems, inputsSchema } from "@/forms/inputs";

afterEach(cleanup);

let values: unknown;

function Form({ schema, begin }: { schema: Schema; begin: unknown }) {
  const [value, change] = useState(begin);
  values = value;
  return (
    <form>
      <ObjectFields
        schema={schema}
        value={value}
        change={change}
        place=""
        problems={new Map([["topic", "too short"]])}
        depth={0}
      />
      <button type="button" onClick={() => change({ tree: { kept: true } })}>
        kept
      </button>
    </form>
  );
}

function shown(declared: unknown, begin: unknown = undefined, read: string[] = []) {
  const given = (begin ?? {}) as Record<string, unknown>;
  render(<Form schema={inputsSchema(declared, { read, given, mayBeEmpty: true })} begin={begin} />);
}
const field = (name: string) =>
  screen.getByLabelText(new RegExp(`^${name}( required)?$`)) as HTMLInputElement;
const write = (name: string, text: string) =>
  fireEvent.change(field(name), { target: { value: text } });
const choose = (name: string, kind: string) =>
  fireEvent.change(screen.getByLabelText(`${name}: Kind of value`), { target: { value: kind } });
const isWhole = () => document.querySelector("form")?.checkValidity();

describe("the inputs of a workflow", () => {
  it("are a schema: declared, read, given before, and not those asked for elsewhere", () => {
    const declared = {
      query: { type: "string", required: true },
      topic: { type: "string", required: true, description: "What about" },
      style: { type: "string", required: true, default: "short", enum: ["short", "long"] },
      count: "integer",
      photo: { type: "file", media_types: ["image/*"] },
      thing: { type: "any" },
    };
    const schema = inputsSchema(declared, {
      read: ["topic", "further"],
      given: { count: 3, old: true },
      without: ["query"],
    });
    expect(schema).toEqual({
      type: "object",
      properties: {
        topic: { type: "string", description: "What about" },
        style: { type: "string", default: "short", enum: ["short", "long"] },
        count: { type: "integer" },
        photo: { type: "file", media_types: ["image/*"] },
        thing: {},
        further: {},
        old: {},
      },
      required: ["topic", "further"],
    });
    expect(startOf(schema)).toEqual({ style: "short" });
    expect(propertiesOf(inputsSchema(null))).toEqual([]);
  });

  it("that do not fit are said at their fields", () => {
    const document = {
      missing: ["topic"],
      invalid: ["count (must be integer, is text (long))", 7],
    };
    expect([...inputProblems(document, "give it")]).toEqual([
      ["topic", "give it"],
      ["count", "must be integer, is text (long)"],
    ]);
    expect(inputProblems({}, "give it").size).toBe(0);
    shown({ topic: "string" });
    expect(screen.getByText("✕ too short")).toBeTruthy();
  });

  it("may be empty text once it was touched, where text is required", () => {
    shown({ topic: { type: "string", required: true } });
    expect(isWhole()).toBe(false);
    write("topic", "tea");
    write("topic", "");
    expect(values).toEqual({ topic: "" });
    expect(isWhole()).toBe(true);
  });

  it("of any kind are text, a number, a truth, nothing, a list or an object", async () => {
    shown({ thing: "any" });
    write("thing", "12");
    expect(values).toEqual({ thing: "12" });
    choose("thing", "number");
    await waitFor(() => expect(values).toEqual({ thing: 12 }));
    choose("thing", "null");
    await waitFor(() => expect(values).toEqual({ thing: null }));
    choose("thing", "text");
    await waitFor(() => expect(values).toEqual({ thing: "" }));
    write("thing", "{a: [1, b]}");
    choose("thing", "object");
    await waitFor(() => expect(values).toEqual({ thing: { a: [1, "b"] } }));
    choose("thing", "");
    expect(values).toBeUndefined();
  });

  it("are written as JSON or as YAML, and stop the form while they cannot be read", async () => {
    shown({ tree: "object", list: "array" });
    write("tree", '{"a": 1}');
    expect(values).toEqual({ tree: { a: 1 } });
    write("list", "- x\n- y: 2");
    await waitFor(() => expect(values).toEqual({ tree: { a: 1 }, list: ["x", { y: 2 }] }));
    write("list", "only words");
    expect(isWhole()).toBe(false);
    expect(screen.getByText(/neither JSON nor YAML/)).toBeTruthy();
    write("list", "[1]");
    expect(isWhole()).toBe(true);
  });

  it("follow values that are taken from elsewhere", () => {
    shown({ tree: "object", list: "array" });
    write("tree", '{"a": 1}');
    write("list", "[");
    fireEvent.click(screen.getByText("kept"));
    expect(field("tree").value).toBe('{\n  "kept": true\n}');
  });

  it("show values of another kind than is declared, and keep them", () => {
    shown({ count: "number", way: { enum: ["a"] } }, { count: "many", way: "z", more: [1] });
    expect(field("count").value).toBe("many");
    expect(screen.getByRole("option", { name: "z" })).toHaveProperty("selected", true);
    expect(field("more").value).toBe("[\n  1\n]");
    expect(values).toEqual({ count: "many", way: "z", more: [1] });
  });
});
