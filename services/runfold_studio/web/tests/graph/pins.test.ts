// @vitest-environment node
import { describe, expect, it } from "vitest";
import { caseInputs } from "@/graph/case-inputs";
import { SourceDocument } from "@/graph/document";
import {
  casesOf,
  outputsOf,
  pinnedAmong,
  pinsOf,
  renamedInCases,
  replyOf,
  withoutPin,
  withPin,
  withReply,
} from "@/graph/pins";

const PLAIN = `# mine
id: w
nodes:
  - {id: write, type: llm} # kept
`;
const WITH_CASE = `${PLAIN}tests:
  - name: tea # of mine
    inputs: {topic: tea}
    replies: {write: Hello, "each[0]/call": {error: {message: no}}}
    expect: {nodes: {write: {output: Hello}}}
`;

function of(text: string): SourceDocument {
  return SourceDocument.of(text);
}

describe("a pin", () => {
  it("makes a case, and goes with it", () => {
    const made = withPin(
      of(PLAIN),
      { name: "pinned", inputs: { topic: "tea" } },
      "write",
      replyOf({ output: "Hello" }, "out"),
    );
    expect(made.text.startsWith(PLAIN)).toBe(true);
    expect(made.at(["tests"])).toEqual([
      {
        name: "pinned",
        inputs: { topic: "tea" },
        replies: { write: { outputs: { output: "Hello" } } },
      },
    ]);
    const [pin] = pinsOf(made.value, "write");
    if (!pin) throw new Error("no pin");
    expect(withoutPin(made, pin).text).toBe(PLAIN);
  });

  it("goes into a case that there is, and leaves the case when it goes", () => {
    const before = of(WITH_CASE);
    const made = withPin(before, { index: 0 }, "read", replyOf({ output: 1 }, "found"));
    expect(made.at(["tests", 0, "replies", "read"])).toEqual({
      outputs: { output: 1 },
      port: "found",
    });
    expect(made.text).toContain("tea # of mine");
    const [pin] = pinsOf(made.value, "read");
    if (!pin) throw new Error("no pin");
    expect(withReply(made, pin, "short").at(["tests", 0, "replies", "read"])).toBe("short");
    expect(withoutPin(made, pin).value).toEqual(before.value);
  });

  it("leaves a case that says more than pins do", () => {
    const text = `${PLAIN}tests:\n  - {name: pinned, replies: {write: 1}, expect: {status: failed}}\n`;
    const [pin] = pinsOf(of(text).value, "write");
    if (!pin) throw new Error("no pin");
    expect(withoutPin(of(text), pin).at(["tests"])).toEqual([
      { name: "pinned", expect: { status: "failed" } },
    ]);
  });

  it("is of a node by its id, or by an address that it has in a run", () => {
    const { value } = of(WITH_CASE);
    expect(pinsOf(value, "write").map((pin) => pin.key)).toEqual(["write"]);
    expect(pinsOf(value, "each/call").map((pin) => pin.key)).toEqual(["each[0]/call"]);
    expect(pinsOf(value, "other/call")).toEqual([]);
    expect([...pinnedAmong(value, ["write", "each", "each/call", "x/write"])]).toEqual([
      "write",
      "each/call",
      "x/write",
    ]);
  });

  it("is read as runfold test reads a reply", () => {
    expect(outputsOf("Hello")).toEqual({ output: "Hello" });
    expect(outputsOf({ a: 1 })).toEqual({ output: { a: 1 } });
    expect(outputsOf({})).toEqual({ output: {} });
    expect(outputsOf({ outputs: { a: 1 }, port: "x" })).toEqual({ a: 1 });
    expect(outputsOf({ error: { message: "no" } })).toBeNull();
    expect(outputsOf([{ outputs: { a: 1 } }, "x"])).toEqual({ a: 1 });
    expect(outputsOf([])).toEqual({ output: [] });
  });

  it("takes what is half written", () => {
    for (const tests of [null, 3, {}, [null, 7, { replies: 3 }, { replies: [1] }]])
      expect(pinsOf({ tests }, "a")).toEqual([]);
    expect(casesOf({ tests: [7, {}] })).toEqual([
      { index: 1, name: "case 2", inputs: {}, replies: {} },
    ]);
  });
});

describe("a node under another id", () => {
  it("takes its replies, answers and expectations along", () => {
    const made = renamedInCases(of(WITH_CASE), "write", "write", "draft", true);
    expect(made.at(["tests", 0])).toEqual({
      name: "tea",
      inputs: { topic: "tea" },
      replies: { draft: "Hello", "each[0]/call": { error: { message: "no" } } },
      expect: { nodes: { draft: { output: "Hello" } } },
    });
    expect(made.text).toContain("tea # of mine");
  });

  it("is renamed in the addresses of a run too, and nowhere where others have its id", () => {
    const replies = (made: SourceDocument) => Object.keys(casesOf(made.value)[0]?.replies ?? {});
    const before = of(WITH_CASE);
    expect(replies(renamedInCases(before, "each", "each", "all", true))).toEqual([
      "write",
      "all[0]/call",
    ]);
    expect(replies(renamedInCases(before, "each/call", "call", "ask", true))).toEqual([
      "write",
      "each[0]/ask",
    ]);
    expect(renamedInCases(before, "write", "write", "draft", false).text).toBe(WITH_CASE);
    expect(renamedInCases(before, null, "call", "ask", true).text).toBe(WITH_CASE);
  });
});

describe("the inputs of a new case", () => {
  it("are those that are known, and something for what is asked for", () => {
    const declared = {
      topic: { type: "string", required: true },
      count: { type: "integer", required: true },
      tone: { enum: ["warm", "cold"], required: true },
      more: "string",
      set: { type: "number", required: true, default: 3 },
      paper: { type: "file", required: true },
      any: "any",
    };
    expect(caseInputs(declared, { topic: "tea", other: 1, any: { $file: "x" } }, ["y"])).toEqual({
      topic: "tea",
      count: 0,
      tone: "warm",
    });
    expect(caseInputs(undefined, { topic: "tea" }, ["topic", "name"])).toEqual({
      topic: "tea",
      name: "",
    });
  });
});
