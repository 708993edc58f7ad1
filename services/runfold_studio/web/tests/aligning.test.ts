import { describe, expect, it } from "vitest";
import { aligned } from "@/graph/aligning";

const BOXES = new Map([
  ["a", { x: 100, y: 50, width: 200, height: 60 }],
  ["b", { x: 400, y: 90, width: 200, height: 100 }],
  ["c", { x: 900, y: 10, width: 200, height: 60 }],
]);

describe("aligning", () => {
  it("puts edges and middles in one line", () => {
    expect([...aligned(BOXES, "left").values()].map((at) => at.x)).toEqual([100, 100, 100]);
    expect([...aligned(BOXES, "top").values()].map((at) => at.y)).toEqual([10, 10, 10]);
    expect([...aligned(BOXES, "middle").values()].map((at) => at.y)).toEqual([50, 30, 50]);
  });

  it("gives the same room between boxes, the outer two where they are", () => {
    const at = aligned(BOXES, "across");
    expect([at.get("a")?.x, at.get("b")?.x, at.get("c")?.x]).toEqual([100, 500, 900]);
    expect(aligned(BOXES, "down").get("c")).toEqual({ x: 900, y: 10 });
  });

  it("moves nothing where there is nothing to align", () => {
    expect(aligned(new Map(), "left").size).toBe(0);
    expect(aligned(new Map([["a", { x: 1, y: 2, width: 3, height: 4 }]]), "across").size).toBe(0);
  });
});
