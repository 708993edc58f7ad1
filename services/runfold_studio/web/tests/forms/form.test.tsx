import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { FormContext, type FormEnvironment } from "@/forms/context";
import { SchemaForm } from "@/forms/form";
import { matching } from "@/forms/picker";
import type { Schema } from "@/forms/schema";

afterEach(cleanup);

/** What the gateway says of the kind `shout` of the guide. */
const SHOUT: Schema = {
  title: "Shout",
  type: "object",
  properties: {
    text: { type: "string", "x-widget": "text", "x-group": "main", "x-order": 1 },
    times: { type: "integer", default: 1, "x-widget": "number", "x-group": "main", "x-order": 2 },
  },
  required: ["text"],
};

function shown(value: unknown, schema: Schema = SHOUT, fixed: string[] = []) {
  const set = vi.fn<FormEnvironment["set"]>();
  const environment: FormEnvironment = {
    readable: [{ name: "draft.output", type: "string", when: "some_paths", kind: "node" }],
    templates: true,
    models: [],
    workflows: [],
    set,
    rename: vi.fn(),
    key: "n",
  };
  render(
    <FormContext.Provider value={environment}>
      <SchemaForm schema={schema} value={value} path={["nodes", 0, "config"]} fixed={fixed} />
    </FormContext.Provider>,
  );
  return set;
}

function field(label: string): HTMLInputElement {
  return screen.getByLabelText(label) as HTMLInputElement;
}

describe("a field", () => {
  it("is described by the sentence below it", () => {
    const text = { type: "string", description: "What is said, as `text`." };
    shown({}, { type: "object", properties: { text, on: { ...text, type: "boolean" } } });
    for (const name of ["text", "on"]) {
      const help = document.getElementById(field(name).getAttribute("aria-describedby") ?? "");
      expect(help?.textContent).toBe("What is said, as text.");
      expect(help?.querySelector("code")?.textContent).toBe("text");
    }
  });

  it("of a condition that may be left out can be left out again", () => {
    const guard = { "x-widget": "condition" };
    const schema: Schema = { type: "object", properties: { guard } };
    const set = shown({ guard: { left: "a", operator: "equals", right: "b" } }, schema);
    fireEvent.change(field("guard: Condition"), { target: { value: "" } });
    expect(set).toHaveBeenLastCalledWith(["nodes", 0, "config", "guard"], undefined, undefined);
    cleanup();
    shown({}, schema);
    expect(screen.queryByLabelText("Left")).toBeNull();
  });
});

describe("a form of a new kind", () => {
  it("needs nothing but its schema", () => {
    const set = shown({ text: "hello" });
    expect(field("text").value).toBe("hello");
    fireEvent.change(field("text"), { target: { value: "hey" } });
    fireEvent.blur(field("text"));
    expect(set).toHaveBeenLastCalledWith(["nodes", 0, "config", "text"], "hey", true);
    fireEvent.change(field("times"), { target: { value: "3" } });
    fireEvent.blur(field("times"));
    expect(set).toHaveBeenLastCalledWith(["nodes", 0, "config", "times"], 3, true);
  });

  it("says what is no number and does not take it", () => {
    const set = shown({});
    fireEvent.change(field("times"), { target: { value: "many" } });
    fireEvent.blur(field("times"));
    expect(set).not.toHaveBeenCalled();
    expect(screen.getByText("This is not a number.")).toBeDefined();
  });

  it("shows and keeps what the schema does not know", () => {
    const set = shown({ text: "a", volume: 11 });
    expect(field("volume").value).toBe("11");
    fireEvent.click(screen.getByLabelText("Remove volume"));
    expect(set).toHaveBeenLastCalledWith(["nodes", 0, "config", "volume"], undefined);
  });

  it("takes a template in place of any value, but where that cannot be", () => {
    shown({ text: "a", times: "{{count}}" });
    expect(field("times").value).toBe("{{count}}");
    cleanup();
    shown({ text: "a" }, SHOUT, ["times"]);
    expect(screen.queryByText("As a reference or template")).toBeNull();
  });

  it("draws hostile text as text", () => {
    shown({ text: "<img src=x onerror=alert(1)>", "<b>": "</script>" });
    expect(document.querySelector("img, b")).toBeNull();
  });
});

describe("names to refer to", () => {
  it("are searched by words; nodes come before what is always there", () => {
    const all = [
      { name: "sys.run_id", type: "string", when: "always", kind: "system" },
      { name: "draft.output", type: "string", when: "always", kind: "node" },
      { name: "item", type: "any", when: "always", kind: "item" },
    ] as const;
    expect(matching(all, "").map((one) => one.name)).toEqual([
      "item",
      "draft.output",
      "sys.run_id",
    ]);
    expect(matching(all, "OUT dra").map((one) => one.name)).toEqual(["draft.output"]);
  });
});
