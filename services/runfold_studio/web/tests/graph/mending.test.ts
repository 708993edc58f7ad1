// @vitest-environment node
import { describe, expect, it } from "vitest";
import { SourceDocument } from "@/graph/document";
import { mended, mendOf } from "@/graph/mending";

const TEXT = `# mine
id: w
nodes:
  - {id: write, type: lmm, config: {promt: "{{topc}} and topc"}} # kept
  - id: loud
    type: template
    config:
      template: "{{write.otput | upper}} {{ write.otput_2 }}"
      more: [{ref: write.otput.text}]
      when: write.otput > 1 and topc
edges:
  - {from: write, to: lod}
tests:
  - replies: {"each[0]/cal": 1, "a.b": 2}
`;

function mendedText(path: string, written: string, meant: string): string | null {
  const document = SourceDocument.of(TEXT);
  const mend = mendOf(document.value, { path, suggestion: { written, meant } });
  return mend && mended(document, mend).text;
}
const inPlaceOf = (from: string, to: string) => TEXT.replace(from, to);

describe("a name that was probably meant", () => {
  it.each([
    ["a value", "nodes[0].type", "lmm", "llm", "type: lmm", "type: llm"],
    ["a key", "nodes[0].config.promt", "promt", "prompt", "promt:", "prompt:"],
    ["an end by another key", "edges[0].target", "lod", "loud", "to: lod", "to: loud"],
    [
      "an output in a template",
      "nodes[1].config.template",
      "write.otput",
      "write.output",
      "{{write.otput | upper}}",
      "{{write.output | upper}}",
    ],
    [
      "an output in a reference",
      "nodes[1].config.more[0]",
      "write.otput",
      "write.output",
      "ref: write.otput.text",
      "ref: write.output.text",
    ],
    [
      "a name in an expression",
      "nodes[1].config.when",
      "topc",
      "topic",
      "> 1 and topc",
      "> 1 and topic",
    ],
    [
      "a key with dots and brackets",
      "tests[0].replies.each[0]/cal",
      "each[0]/cal",
      "each[0]/call",
      "each[0]/cal",
      "each[0]/call",
    ],
  ])("is written in place of %s", (_, path, written, meant, from, to) => {
    expect(mendedText(path, written, meant)).toBe(inPlaceOf(from, to));
  });

  it("is not written into the words around a template", () => {
    expect(mendedText("nodes[0].config.promt", "topc", "topic")).toBe(
      inPlaceOf("{{topc}} and topc", "{{topic}} and topc"),
    );
  });

  it("is not offered where the document says something else by now, or has the key already", () => {
    const { value } = SourceDocument.of("a: {promt: 1, prompt: 2}\nb: [x]\n");
    const at = (path: string) =>
      mendOf(value, { path, suggestion: { written: "promt", meant: "prompt" } });
    expect(["a.promt", "b[0]", "b[7]", "c.d", "a.z.q", "", "["].map(at)).toEqual(
      Array(7).fill(null),
    );
    expect(mendOf(value, { path: "a.promt" })).toBeNull();
    expect(mendOf(undefined, { path: "a", suggestion: { written: "a", meant: "b" } })).toBeNull();
  });
});
