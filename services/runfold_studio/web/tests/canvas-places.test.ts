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
