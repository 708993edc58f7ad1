// @vitest-environment node
import { describe, expect, it } from "vitest";
import type { Message } from "@/screens/chat/conversations";
import { exchangesOf, type Pending } from "@/screens/chat/exchanges";

let seq = 0;
const message = (role: Message["role"], run_id: string, more: Partial<Message> = {}): Message => ({
  message_id: `${run_id}:${role === "user" ? "query" : "answer"}`,
  role,
  content: `${role} of ${run_id}`,
  files: [],
  metadata: {},
  created_at: 0,
  edited_at: null,
  run_id,
  reply_to: role === "user" ? "" : `${run_id}:query`,
  seq: ++seq,
  ...more,
});
const pending = (run: string): Pending => ({ conversation: "c", run, query: "q", files: [] });
const shown = (messages: Message[], sent: Pending[] = []) =>
  exchangesOf(messages, sent).map((one) => [
    one.key,
    one.asked === null ? null : "query" in one.asked ? "pending" : one.asked.message_id,
    one.run,
    one.answers.map((answer) => answer.message_id),
  ]);

describe("exchanges", () => {
  it("have each answer behind what it answers, also when two runs answered out of order", () => {
    const messages = [
      message("user", "a"),
      message("user", "b"),
      message("assistant", "b"),
      message("assistant", "a"),
    ];
    expect(shown(messages)).toEqual([
      ["a", "a:query", "a", ["a:answer"]],
      ["b", "b:query", "b", ["b:answer"]],
    ]);
  });

  it("take the answer of a retry as one to what was said first", () => {
    const retried = message("assistant", "b", { reply_to: "a:query" });
    expect(shown([message("user", "a"), retried])).toEqual([["a", "a:query", "a", ["b:answer"]]]);
  });

  it("keep what was said to no run, and an answer whose question is on a page before", () => {
    const said = message("user", "", { message_id: "m1" });
    const system = message("system", "", { message_id: "m2", reply_to: "" });
    expect(shown([message("assistant", "z"), said, system])).toEqual([
      ["z:answer", null, "", ["z:answer"]],
      ["m1", "m1", "", []],
      ["m2", null, "", ["m2"]],
    ]);
  });

  it("end with what was sent and is in no list yet, by the key that it will have there", () => {
    const before = shown([message("user", "a")], [pending("a"), pending("b")]);
    expect(before).toEqual([
      ["a", "a:query", "a", []],
      ["b", "pending", "b", []],
    ]);
    const after = shown([message("user", "a"), message("user", "b")], [pending("b")]);
    expect(after.map(([key]) => key)).toEqual(["a", "b"]);
  });
});
