import { describe, expect, it } from "vitest";
import { boxOf, type Graph, type GraphNode, graphOf, type Kind, kindsByType } from "@/graph/graph";
import { type Box, layout } from "@/graph/layout";

const KINDS = kindsByType([
  { type: "noop", ports: { names: ["out"], follow_from: [], rule: "" } },
  {
    type: "condition",
    aliases: ["if"],
    ports: { names: ["true", "false"], follow_from: [], rule: "" },
  },
  { type: "selector", ports: { names: ["else"], follow_from: ["branches"], rule: "" } },
  {
    type: "iteration",
    ports: { names: ["out"], follow_from: [], rule: "" },
    bodies: { places: [""] },
  },
  {
    type: "parallel",
    ports: { names: ["out"], follow_from: [], rule: "" },
    bodies: { places: ["branches.*"] },
  },
  {
    type: "state_machine",
    ports: { names: ["out"], follow_from: ["states"], rule: "" },
    bodies: { places: ["states.*.entry", "states.*.on.*.action", "states.*.timeout.action"] },
  },
] as unknown as Kind[]);

const size = () => ({ width: 200, height: 60 });

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

function made(count: number, seed: number): Graph {
  const next = random(seed);
  const nodes = Array.from({ length: count }, (_, index) => ({ id: `n${index}`, type: "noop" }));
  const edges = nodes.flatMap((_, index) =>
    Array.from({ length: 1 + Math.floor(next() * 2) }, () => ({
      source: `n${index}`,
      target: `n${Math.min(count - 1, index + 1 + Math.floor(next() * 6))}`,
    })),
  );
  return graphOf({ nodes, edges: edges.filter((edge) => edge.source !== edge.target) }, KINDS);
}

function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function siblings(nodes: GraphNode[]): [GraphNode, GraphNode][] {
  return nodes.flatMap((a, index) =>
    nodes
      .slice(index + 1)
      .filter((b) => a.parent === b.parent)
      .map((b): [GraphNode, GraphNode] => [a, b]),
  );
}

describe("the graph of a definition", () => {
  it("has the nodes of all bodies under the addresses that the API gives them", () => {
    const body = (id: string) => ({ nodes: [{ id, type: "noop" }], edges: [] });
    const graph = graphOf(
      {
        nodes: [
          { id: "each", type: "iteration", config: body("call") },
          {
            id: "fan",
            type: "parallel",
            config: { branches: { web: body("a"), "1st": body("b") } },
          },
          {
            id: "order",
            type: "state_machine",
            config: {
              states: {
                new: { entry: body("hi"), on: { pay: { action: body("charge") } } },
                paid: { timeout: { action: body("late") } },
              },
            },
          },
        ],
      },
      KINDS,
    );
    expect(graph.nodes.map((node) => node.address)).toEqual([
      "each",
      "each/call",
      "fan",
      "fan[web]/a",
      "fan[1st]/b",
      "order",
      "order[new]/hi",
      "order[new.pay]/charge",
      "order[paid.timeout]/late",
    ]);
  });

  it("takes what is half written", () => {
    for (const definition of [
      null,
      [],
      3,
      "x",
      { nodes: 1 },
      { nodes: [null, 3, { id: 4 }, {}], edges: [null, 7] },
    ]) {
      expect(graphOf(definition, KINDS)).toEqual({ nodes: [], edges: [] });
    }
  });

  it("knows ports of kinds, of settings, of edges, and of failures", () => {
    const graph = graphOf(
      {
        nodes: [
          { id: "which", type: "selector", config: { branches: [{ id: "大" }, { id: "small" }] } },
          { id: "odd", type: "unheard_of", on_error: { strategy: "error_branch" } },
          { id: "is", type: "if" },
        ],
        edges: [
          { source: "odd", target: "is", port: "left" },
          { from: "is", to: "odd", condition: true },
        ],
      },
      KINDS,
    );
    expect(graph.nodes.map((node) => node.ports)).toEqual([
      ["大", "small", "else"],
      ["out", "left", "error"],
      ["true", "false"],
    ]);
    expect(graph.nodes[1]?.known).toBe(false);
    expect(graph.edges[1]).toEqual({
      id: "is true odd",
      source: "is",
      target: "odd",
      port: "true",
    });
  });

  it("finds the box of a node of a run", () => {
    expect(boxOf("each[3]/call")).toBe("each/call");
    expect(boxOf("fan[web.0]/each[12]/x")).toBe("fan[web]/each/x");
    expect(boxOf("order[new.pay.2]/charge")).toBe("order[new.pay]/charge");
    expect(boxOf("plain")).toBe("plain");
  });
});

describe("a layout", () => {
  it("puts no box on another, and no node before what leads to it", () => {
    for (let seed = 1; seed <= 25; seed += 1) {
      for (const direction of ["right", "down"] as const) {
        const graph = made(30, seed);
        const { boxes } = layout(graph, size, direction);
        const box = (address: string) => boxes.get(address) as Box;
        for (const [a, b] of siblings(graph.nodes)) {
          expect(overlaps(box(a.address), box(b.address))).toBe(false);
        }
        for (const edge of graph.edges) {
          const [from, to] = [box(edge.source), box(edge.target)];
          if (direction === "right") expect(from.x + from.width).toBeLessThan(to.x);
          else expect(from.y + from.height).toBeLessThan(to.y);
        }
      }
    }
  });

  it("is the same each time", () => {
    expect(layout(made(60, 7), size)).toEqual(layout(made(60, 7), size));
  });

  it("holds bodies inside their composites, with room around them", () => {
    const inner = {
      nodes: [
        { id: "a", type: "noop" },
        { id: "b", type: "noop" },
      ],
      edges: [{ source: "a", target: "b" }],
    };
    const graph = graphOf(
      {
        nodes: [
          {
            id: "fan",
            type: "parallel",
            config: {
              branches: {
                x: inner,
                y: { nodes: [{ id: "each", type: "iteration", config: inner }] },
              },
            },
          },
        ],
      },
      KINDS,
    );
    const { boxes } = layout(graph, size);
    for (const node of graph.nodes) {
      const [box, around] = [boxes.get(node.address) as Box, boxes.get(node.parent ?? "")];
      if (!around) continue;
      expect(box.x).toBeGreaterThan(0);
      expect(box.y).toBeGreaterThan(0);
      expect(box.x + box.width).toBeLessThan(around.width);
      expect(box.y + box.height).toBeLessThan(around.height);
    }
    for (const [a, b] of siblings(graph.nodes)) {
      expect(overlaps(boxes.get(a.address) as Box, boxes.get(b.address) as Box)).toBe(false);
    }
  });

  it("places circles, loops of one node, and a thousand nodes in a row", () => {
    const ring = graphOf(
      {
        nodes: ["a", "b", "c"].map((id) => ({ id, type: "noop" })),
        edges: [
          ["a", "b"],
          ["b", "c"],
          ["c", "a"],
          ["a", "a"],
        ].map(([source, target]) => ({ source, target })),
      },
      KINDS,
    );
    expect(layout(ring, size).boxes.size).toBe(3);
    const row = Array.from({ length: 1000 }, (_, index) => ({ id: `n${index}`, type: "noop" }));
    const long = graphOf(
      {
        nodes: row,
        edges: row.slice(1).map((node, index) => ({ source: `n${index}`, target: node.id })),
      },
      KINDS,
    );
    const { boxes } = layout(long, size);
    expect(new Set([...boxes.values()].map((box) => box.y))).toEqual(new Set([0]));
  });

  it("puts a second beginning right before what it leads to", () => {
    const nodes = ["start", "a", "b", "c", "end", "late", "later"].map((id) => ({
      id,
      type: "noop",
    }));
    const edges = [
      ["start", "a"],
      ["a", "b"],
      ["b", "c"],
      ["c", "end"],
      ["late", "later"],
      ["later", "end"],
      ["late", "c"],
    ].map(([source, target]) => ({ source, target }));
    const { boxes } = layout(graphOf({ nodes, edges }, KINDS), size);
    const x = (id: string) => (boxes.get(id) as Box).x;
    expect(x("start")).toBe(0);
    expect([x("late"), x("later")]).toEqual([x("b"), x("c")]);
  });

  it("draws the longest lines straight where more pass than boxes can bear", () => {
    const count = 1000;
    const names = Array.from({ length: count }, (_, index) => `n${index}`);
    const handled = names
      .slice(0, -1)
      .map((source) => ({ source, target: "fails", port: "error" }));
    const row = names.slice(1).map((target, index) => ({ source: `n${index}`, target }));
    const nodes = [...names, "fails"].map((id) => ({ id, type: "noop" }));
    const graph = graphOf({ nodes, edges: [...row, ...handled] }, KINDS);
    const { boxes, bends } = layout(graph, size);
    expect(boxes.size).toBe(count + 1);
    const points = [...bends.values()].reduce((sum, one) => sum + one.length, 0);
    expect(points).toBeGreaterThan(0);
    expect(points).toBeLessThan(25 * count);
    expect(bends.has("n0 error fails")).toBe(false);
    expect(bends.has("n990 error fails")).toBe(true);
  });

  it("keeps the ways out of a choice in the order of its ports", () => {
    const graph = graphOf(
      {
        nodes: [
          { id: "no", type: "noop" },
          { id: "if", type: "condition" },
          { id: "yes", type: "noop" },
        ],
        edges: [
          { source: "if", target: "no", port: "false" },
          { source: "if", target: "yes", port: "true" },
        ],
      },
      KINDS,
    );
    const { boxes } = layout(graph, size);
    expect((boxes.get("yes") as Box).y).toBeLessThan((boxes.get("no") as Box).y);
  });
});
