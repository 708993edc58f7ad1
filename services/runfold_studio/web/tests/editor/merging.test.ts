// @vitest-environment node
import { describe, expect, it } from "vitest";
import { merged } from "@/screens/editor/merging";

const BASE = "a\nb\nc\nd\ne\nf\n";

describe("merging", () => {
  const cases: [string, string, string, string, number][] = [
    ["nothing", BASE, BASE, BASE, 0],
    ["one side", BASE.replace("b", "B"), BASE, BASE.replace("b", "B"), 0],
    ["the other side", BASE, BASE.replace("e", "E"), BASE.replace("e", "E"), 0],
    ["both, apart", BASE.replace("b", "B"), BASE.replace("e", "E"), "a\nB\nc\nd\nE\nf\n", 0],
    ["both the same", BASE.replace("b", "B"), BASE.replace("b", "B"), BASE.replace("b", "B"), 0],
    ["both otherwise", BASE.replace("b", "B"), BASE.replace("b", "X"), BASE.replace("b", "B"), 1],
    [
      "a line taken out and one put in",
      BASE.replace("b\n", ""),
      `${BASE}g\n`,
      "a\nc\nd\ne\nf\ng\n",
      0,
    ],
    ["all taken out", "", BASE.replace("c", "C"), "", 1],
  ];
  it.each(cases)("%s", (_, mine, theirs, text, conflicts) => {
    expect(merged(BASE, mine, theirs)).toEqual({ text, conflicts });
  });

  it("of a beginning from nothing counts as a conflict", () => {
    expect(merged("", "a\n", "b\n").conflicts).toBe(1);
  });
});
