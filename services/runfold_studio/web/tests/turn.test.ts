import { describe, expect, it } from "vitest";
import type { Frame } from "@/api/sse";
import { answerIn, heard, NO_TURN } from "@/screens/chat/turn";
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
      { number: 3, title: "Tea", excerpt: "leaves", url: "https://tea.example/" },
      { document: "coffee.md", content: "beans", url: "javascript:alert(1)" },
      {},
    ];
    const found = frame("retriever_resource", { node_id: "find", resources });
    expect(heard(NO_TURN, [found]).sources).toEqual([
      { number: 3, title: "Tea", content: "leaves", url: "https://tea.example/", node: "find" },
      { number: 2, title: "coffee.md", content: "beans", url: "", node: "find" },
      { number: 3, title: "", content: "", url: "", node: "find" },
    ]);
  });

  it("takes the sources of a node that was tried again once, and of each round by itself", () => {
    const found = (title: string, more: object = {}) =>
      frame("retriever_resource", { node_id: "find", resources: [{ title }], ...more });
    const frames = [found("old"), found("item", { scope: "each[0]" }), found("new")];
    expect(heard(NO_TURN, frames).sources.map((one) => one.title)).toEqual(["item", "new"]);
  });

  const waits = (more: object) =>
    frame("node_run_waiting", { node_id: "ask", seq: 7, waiting_for: "human", ...more });

  it("asks until it is answered", () => {
    const asked = heard(NO_TURN, [
      frame("node_run_started", { node_id: "ask" }),
      waits({ token: "r.1", due: 5 }),
      frame("node_run_waiting", { node_id: "nap", seq: 8, waiting_for: "timer" }),
    ]);
    expect(asked.working).toEqual([]);
    expect(asked.waits).toEqual([
      { node: "ask", for: "human", token: "r.1", due: 5, machine: false, seq: 7 },
      { node: "nap", for: "timer", token: "", due: null, machine: false, seq: 8 },
    ]);
    const answered = heard(asked, [frame("input_received", { token: "r.1" })]);
    expect(answered.waits.map((one) => one.node)).toEqual(["nap"]);
    // It may ask again, or be over without an answer.
    expect(heard(answered, [waits({ token: "r.2" })]).waits.map((one) => one.token)).toEqual([
      "",
      "r.2",
    ]);
    for (const event of ["node_run_failed", "node_run_cancelled", "node_run_exception"]) {
      const late = heard(asked, [frame(event, { node_id: "ask" })]);
      expect(late.waits.map((one) => one.node)).toEqual(["nap"]);
    }
  });

  it("goes on asking for the events of a state machine, whose state is read anew", () => {
    const turn = heard(NO_TURN, [
      frame("state_machine_started", { node_id: "order", seq: 3, token: "r.9" }),
      frame("input_received", { node_id: "order", token: "r.9" }),
      frame("state_changed", { node_id: "order", seq: 5 }),
    ]);
    expect(turn.waits).toEqual([
      { node: "order", for: "human", token: "r.9", due: null, machine: true, seq: 5 },
    ]);
    expect(heard(turn, [frame("end", { status: "succeeded" })]).waits).toEqual([]);
  });

  it("knows what the run is doing", () => {
    const started = (node_id: string, scope = "") => frame("node_run_started", { node_id, scope });
    const turn = heard(NO_TURN, [
      frame("run_started", { concurrency_key: "k" }),
      frame("run_admitted", {}),
      started("a"),
      started("b", "each[2]"),
      started("a"),
      frame("node_run_retry", { node_id: "b", scope: "each[2]" }),
    ]);
    expect(turn).toMatchObject({ status: "running", working: ["a"], over: false });
    expect(heard(turn, [frame("run_paused", {})]).status).toBe("paused");
    expect(heard(NO_TURN, [frame("run_started", { concurrency_key: "k" })]).status).toBe("queued");
  });

  it.each([
    [{ answer: "a", output: "o" }, "a"],
    [{ answer: 5 }, "5"],
    [{ answer: null, result: "r", text: "t" }, "t"],
    [{ count: 3, only: "one" }, "one"],
    [{ first: "1", second: "2" }, ""],
    [null, ""],
  ])("without a node that answers says %j as %s", (outputs, text) => {
    expect(answerIn(outputs)).toBe(text);
    const ended = [frame("run_succeeded", { outputs }), frame("end", { status: "succeeded" })];
    expect(heard(NO_TURN, ended)).toMatchObject({ text, over: true });
  });

  it("keeps what was heard over what the outputs repeat", () => {
    const frames = [piece("said"), frame("run_succeeded", { outputs: { answer: "said" } })];
    expect(heard(NO_TURN, frames).text).toBe("said");
  });

  it("ends with what went wrong", () => {
    const error = { code: "llm.rate_limited", message: "later" };
    const frames = [frame("run_failed", { error }), frame("end", { status: "failed" })];
    expect(heard(NO_TURN, frames)).toMatchObject({
      status: "failed",
      problem: error,
      over: true,
    });
  });

  it("says why its stream was cut until it goes on, and has not failed for that", () => {
    const error = { code: "viewer.too_slow", message: "come back" };
    const cut = heard(NO_TURN, [piece("a"), frame("error", error)]);
    expect(cut).toMatchObject({ cut: error, problem: null, over: false });
    expect(heard(cut, [piece("b")])).toMatchObject({ cut: null, text: "ab" });
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
