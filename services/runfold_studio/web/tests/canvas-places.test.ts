import type { Node } from "@xyflow/react";
import { describe, expect, it } from "vitest";
import { placeAt } from "@/canvas/drop-place";
import { bodyPlaces, elementsOf } from "@/canvas/elements";
import { sizeOf } from "@/canvas/sizes";
import { graphOf } from "@/graph/graph";
import { layout } from "@/graph/layout";

const KINDS = new Map([
  ["parallel", { bodies: { places: ["branches.*"] }, ports: { names: ["out"], follow_from: [] } }],
]) as unknown as Parameters<typeof graphOf>[1];
const graph = graphOf(
  {
    nodes: [
      {
        id: "fan",
        type: "parallel",
        config: {
          branches: {
            a: { nodes: [] },
            b: { nodes: [{ id: "x", type: "llm" }] },
            c: { nodes: [] },
          },
        },
      },
    ],
  },
  KINDS,
);
const placed = layout(graph, sizeOf);

describe("bodies of a frame", () => {
  it("stand one below the other, empty ones too", () => {
    const [fan] = graph.nodes;
    if (!fan) throw new Error("there is no frame");
    const tops = bodyPlaces(fan, graph, placed, new Map()).map((body) => body.top);
    expect([...tops].sort((a, b) => a - b)).toEqual(tops);
    expect(new Set(tops).size).toBe(3);
  });

  it("take what is let go below their names", () => {
    const nodes = elementsOf(graph, placed, new Map()).nodes as Node[];
    const fan = nodes[0];
    const bodies = (fan?.data.bodies ?? []) as { name: string; top: number }[];
    for (const { name, top } of bodies) {
      const at = { x: (fan?.position.x ?? 0) + 5, y: (fan?.position.y ?? 0) + top + 30 };
      expect(placeAt(at, nodes)).toMatchObject({ parent: "fan", body: name });
    }
    expect(placeAt({ x: -500, y: 0 }, nodes)).toEqual({
      parent: null,
      body: "",
      at: { x: -500, y: 0 },
    });
  });
});

describe("the size of a frame", () => {
  const looped = graphOf(
    {
      nodes: [
        {
          id: "fan",
          type: "parallel",
          config: {
            branches: {
              a: {
                nodes: [
                  { id: "x", type: "llm" },
                  { id: "y", type: "llm" },
                ],
                edges: [{ source: "x", target: "y" }],
              },
            },
          },
        },
      ],
    },
    KINDS,
  );
  const laid = layout(looped, sizeOf);
  const sizeWith = (moved: [string, { x: number; y: number }][]) => {
    const [frame] = elementsOf(looped, laid, new Map(moved)).nodes;
    return { width: frame?.width ?? 0, height: frame?.height ?? 0 };
  };

  it("is what its boxes need where all of them have a chosen place", () => {
    const stacked = sizeWith([
      ["fan[a]/x", { x: 20, y: 48 }],
      ["fan[a]/y", { x: 20, y: 148 }],
    ]);
    const chosen = sizeOf({ ports: ["out"] } as Parameters<typeof sizeOf>[0]);
    expect(stacked).toEqual({ width: chosen.width + 40, height: 148 + chosen.height + 20 });
  });

  it("is at least the layout's where one of them has none", () => {
    const whole = sizeWith([]);
    expect(sizeWith([["fan[a]/x", { x: 20, y: 48 }]])).toEqual(whole);
    expect(sizeWith([["fan[a]/y", { x: 900, y: 48 }]]).width).toBeGreaterThan(whole.width);
  });
});
