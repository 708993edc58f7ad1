import { describe, expect, it } from "vitest";
import { takesQuery } from "@/screens/chat/chatflows";
import { nameOf } from "@/screens/chat/conversations";
import { greetingIn } from "@/screens/chat/greeting";

describe("a workflow to talk to", () => {
  it.each([
    [{ nodes: [{ config: { prompt: "{{sys.query}}" } }] }, true],
    [{ nodes: [{ config: { history: "{{ sys.history | last }}" } }] }, true],
    [{ inputs: { query: { type: "string" } }, nodes: [] }, true],
    [{ nodes: [{ config: { each: { nodes: [{ config: { in: "{{sys.files}}" } }] } } }] }, true],
    [{ workflows: { inner: { nodes: [{ config: { prompt: "{{sys.query}}" } }] } } }, true],
    [{ nodes: [{ config: { prompt: "{{sys.query_count}} {{other.sys}}" } }] }, false],
    [{ nodes: [{ config: { prompt: "{{sys.user_id}}" } }] }, false],
    [{}, false],
  ])("%j: %s", (definition, takes) => {
    expect(takesQuery(definition)).toBe(takes);
  });
});

describe("a conversation", () => {
  it("is named after what was said first, whole characters of it", () => {
    expect(nameOf("  What\n is  tea? ")).toBe("What is tea?");
    expect(nameOf("茶".repeat(80))).toBe(`${"茶".repeat(59)}…`);
    expect(nameOf("🍵".repeat(80)).endsWith("🍵…")).toBe(true);
  });
});

describe("a greeting", () => {
  it("is what an import kept of the app, and nothing else", () => {
    const features = {
      opening_statement: " Hello, **I** help. ",
      suggested_questions: ["Who?", "", 5, "Who?", "<b>?"],
    };
    expect(greetingIn({ id: "a", origin: { format: "dify", features } })).toEqual({
      opening: "Hello, **I** help.",
      suggested: ["Who?", "<b>?"],
    });
    for (const none of [null, "text", {}, { origin: [] }, { origin: { features: "x" } }]) {
      expect(greetingIn(none)).toEqual({ opening: "", suggested: [] });
    }
  });
});
