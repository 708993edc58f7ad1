// @vitest-environment node
import { describe, expect, it } from "vitest";
import { inputsOf, takesQuery } from "@/screens/chat/chatflows";
import { type Message, nameOf, unanswered } from "@/screens/chat/conversations";

describe("a workflow to talk to", () => {
  it.each([
    [{ nodes: [{ config: { prompt: "{{sys.query}}" } }] }, true],
    [{ nodes: [{ config: { history: "{{ sys.history | last }}" } }] }, true],
    [{ inputs: { query: { type: "string" } }, nodes: [] }, true],
    [{ nodes: [{ config: { prompt: "{{sys.query_count}} {{other.sys}}" } }] }, false],
    [{ nodes: [{ config: { prompt: "{{sys.user_id}}" } }] }, false],
    [{}, false],
  ])("%j: %s", (definition, takes) => {
    expect(takesQuery(definition)).toBe(takes);
  });

  it("asks for its other inputs, those with a default not at all costs", () => {
    const inputs = {
      query: { type: "string", required: true },
      topic: { type: "string", required: true },
      style: { type: "string", required: true, default: "short" },
    };
    expect(inputsOf({ inputs })).toEqual({
      type: "object",
      properties: { topic: { type: "string" }, style: { type: "string", default: "short" } },
      required: ["topic"],
    });
  });
});

describe("a conversation", () => {
  it("is named after what was said first, whole characters of it", () => {
    expect(nameOf("  What\n is  tea? ")).toBe("What is tea?");
    expect(nameOf("茶".repeat(80))).toBe(`${"茶".repeat(59)}…`);
    expect(nameOf("🍵".repeat(80)).endsWith("🍵…")).toBe(true);
  });

  it("waits for the run that its last message was said to", () => {
    const message = (role: string, run_id: string) => ({ role, run_id }) as Message;
    expect(unanswered([message("assistant", "a"), message("user", "b")])).toBe("b");
    expect(unanswered([message("user", "b"), message("assistant", "b")])).toBe("");
    expect(unanswered([message("user", "")])).toBe("");
    expect(unanswered([])).toBe("");
  });
});
