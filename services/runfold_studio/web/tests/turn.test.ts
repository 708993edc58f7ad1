// @vitest-environment node
import { describe, expect, it } from "vitest";
import type { Frame } from "@/api/sse";
import { heard, NO_TURN } from "@/screens/chat/turn";
import { variablesAfter } from "@/screens/chat/variables";

const frame = (event: string, data: object): Frame => ({
  id: "",
  event,
  data: JSON.stringify(data),
});
const piece = (text: string, more: object = {}) =>
  frame("answer_chunk", { node_id: "say", text, index: 0, ...more });

describe("a turn", () => {
  it("puts the answer together in the order in which its nodes began to speak", () => {
    const frames = [
      piece("Hmm", { kind: "reasoning" }),
      piece("One "),
      piece("two", { node_id: "more" }),
      piece("and a half, ", {}),
      piece(".", { node_id: "more" }),
    ];
    const turn = heard(NO_TURN, frames);
    expect(turn).toMatchObject({ text: "One and a half, two.", reasoning: "Hmm", status: "" });
    const cut = frames.reduce((before, one) => heard(before, [one]), NO_TURN);
    expect(cut).toEqual(turn);
  });

  it("takes back what was replaced, of that answer and kind alone", () => {
    const turn = heard(NO_TURN, [
      piece("think", { kind: "reasoning" }),
      piece("wrong"),
      piece("other", { scope: "each[1]" }),
      piece("right ", { replace: true }),
    ]);
    expect(turn).toMatchObject({ text: "right other", reasoning: "think" });
  });

  it("knows its sources, and leads to none that is not of the web", () => {
    const resources = [
      { number: 3, title: "Tea", content: "leaves", url: "https://tea.example/" },
      { document: "coffee.md", url: "javascript:alert(1)" },
      {},
    ];
    expect(heard(NO_TURN, [frame("retriever_resource", { resources })]).sources).toEqual([
      { number: 3, title: "Tea", content: "leaves", url: "https://tea.example/" },
      { number: 2, title: "coffee.md", content: "", url: "" },
      { number: 3, title: "", content: "", url: "" },
    ]);
  });

  it("asks until it is answered", () => {
    const asked = heard(NO_TURN, [
      frame("node_run_waiting", { waiting_for: "human", token: "r.1", message: "Well?" }),
      frame("node_run_waiting", { waiting_for: "timer" }),
    ]);
    expect(asked.questions).toEqual([{ token: "r.1", message: "Well?" }]);
    expect(heard(asked, [frame("input_received", { token: "r.1" })]).questions).toEqual([]);
  });

  it("ends with what went wrong", () => {
    const error = { code: "llm.rate_limited", message: "later" };
    const frames = [frame("run_failed", { error }), frame("end", { status: "failed" })];
    expect(heard(NO_TURN, frames)).toMatchObject({ status: "failed", problem: error });
  });

  it("passes over what it does not know", () => {
    expect(heard(NO_TURN, [frame("from_tomorrow", {}), frame("toString", {})])).toBe(NO_TURN);
  });
});

describe("variables of a conversation", () => {
  const started = {
    type: "run_started",
    definition: { conversation: { count: 0, name: "", list: [] } },
    conversation: { count: 3 },
  };
  const assigned = (node_id: string, variable: string, owner = "conversation", scope = "") => ({
    type: "variables_assigned",
    node_id,
    scope,
    assignments: [{ variable, owner, operation: "+=", value: 1 }],
  });
  const node = (address: string, outputs: object, status = "succeeded") => ({
    address,
    status,
    outputs: { ...outputs },
  });

  it("begin as the conversation left them, else as they are declared", () => {
    expect(variablesAfter([started], [])).toEqual({ count: 3, name: "", list: [] });
  });

  it("come to what the newest node in the log made of them", () => {
    const events = [
      started,
      assigned("up", "conversation.count"),
      assigned("up", "conversation.count", "conversation", "each[1]"),
      assigned("own", "count", ""),
      assigned("broken", "conversation.name"),
    ];
    const nodes = [
      node("up", { count: 4, output: {} }),
      node("each[1]/up", { count: 5 }),
      node("own", { count: 99 }),
      node("broken", { name: "x" }, "failed"),
    ];
    expect(variablesAfter(events, nodes)).toEqual({ count: 5, name: "", list: [] });
  });
});
