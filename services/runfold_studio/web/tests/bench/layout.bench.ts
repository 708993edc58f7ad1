// @vitest-environment node
/** What the automatic layout costs: processor time by shape and size, printed. `npm run bench`. */

import { it } from "vitest";
import { sizeOf } from "@/canvas/sizes";
import { type Graph, graphOf, type Kind, kindsByType } from "@/graph/graph";
import { layout } from "@/graph/layout";

const PORTS = { names: ["out"], follow_from: [], rule: "" };
const KINDS = kindsByType([
  { type: "noop", ports: PORTS },
  { type: "iteration", ports: PORTS, bodies: { places: [""] } },
] as unknown as Kind[]);
const TIMES = 15;

type Edge = [from: number, to: number, port?: string];

function flow(count: number, edges: Edge[]): Graph {
  const nodes = Array.from({ length: count }, (_, at) => ({ id: `n${at}`, type: "noop" }));
  const written = edges.map(([from, to, port = "out"]) => ({
    source: `n${from}`,
    target: `n${to}`,
    port,
  }));
  return graphOf({ nodes, edges: written }, KINDS);
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}

/** The same numbers each time, from 0 up to 1. */
function numbers(): () => number {
  let state = 7;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

function random(count: number, reach: number): Graph {
  const next = numbers();
  return flow(
    count,
    upTo(count - 1).flatMap((at) =>
      upTo(1 + Math.floor(next() * 2)).map(
        (): Edge => [at, Math.min(count - 1, at + 1 + Math.floor(next() * reach))],
      ),
    ),
  );
}

const row = (count: number): Edge[] => upTo(count - 1).map((at) => [at, at + 1]);

const SHAPES: Record<string, (count: number) => Graph> = {
  "a row": (count) => flow(count, row(count)),
  "twenty rows": (count) =>
    flow(
      count,
      upTo(count - 20).map((at) => [at, at + 20]),
    ),
  "one or two ways on from each, up to 6 nodes far": (count) => random(count, 6),
  "one or two ways on from each, up to 100 nodes far": (count) => random(count, 100),
  "a row, with a way from each to one that handles failures": (count) =>
    flow(count, [
      ...row(count - 1),
      ...upTo(count - 2).map((at): Edge => [at, count - 1, "error"]),
    ]),
  "loops of nine nodes in a row": (count) => {
    const body = {
      nodes: upTo(9).map((at) => ({ id: `n${at}`, type: "noop" })),
      edges: upTo(8).map((at) => ({ source: `n${at}`, target: `n${at + 1}` })),
    };
    const nodes = upTo(count / 10).map((at) => ({ id: `l${at}`, type: "iteration", config: body }));
    const edges = nodes.slice(1).map(({ id }, at) => ({ source: `l${at}`, target: id }));
    return graphOf({ nodes, edges }, KINDS);
  },
};

/** Milliseconds of processor time that something took, each time. */
function costs(act: () => unknown): number[] {
  return upTo(TIMES).map(() => {
    const before = process.cpuUsage();
    act();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
}

it("prints what a layout costs", () => {
  const lines = Object.entries(SHAPES).flatMap(([name, make]) =>
    [500, 1000].map((count) => {
      const graph = make(count);
      const all = costs(() => layout(graph, sizeOf));
      const sorted = [...all].sort((a, b) => a - b);
      const median = sorted[Math.floor(TIMES / 2)] ?? 0;
      const [first = 0] = all;
      return `${count} nodes, ${name}: median ${median.toFixed(1)} ms, the first ${first.toFixed(1)} ms`;
    }),
  );
  // biome-ignore lint/suspicious/noConsole: it is what this is for
  console.log(lines.join("\n"));
});
