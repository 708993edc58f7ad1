/** One graph without bodies in layers: ranks, an order in each rank with few crossings, then places. */

import type { GraphEdge, GraphNode } from "./graph";
import type { Direction, Point, Size } from "./layout";
import { ranksOf } from "./ranks";

export interface Layered {
  places: Map<string, Point>;
  bends: Map<string, Point[]>;
  size: Size;
}

const BETWEEN_RANKS = 60;
const BETWEEN_BOXES = 28;
const BETWEEN_LINES = 14;
const SWEEPS = 6;
const ALIGNMENTS = 8;

/** A box, or the place where a long line passes a rank. */
interface Item {
  rank: number;
  /** Along the ranks, and across them. */
  along: number;
  across: number;
  at: number;
  node: GraphNode | null;
}
interface Line {
  from: Item;
  to: Item;
  /** Where at its source the line leaves, from -0.5 to 0.5 of the source's size. */
  port: number;
}

export function layered(
  nodes: GraphNode[],
  edges: GraphEdge[],
  sizes: Map<string, Size>,
  direction: Direction,
): Layered {
  const ranks = ranksOf(nodes, edges);
  const items = new Map<string, Item>();
  for (const node of nodes) {
    const size = sizes.get(node.address) ?? { width: 0, height: 0 };
    const [along, across] =
      direction === "right" ? [size.width, size.height] : [size.height, size.width];
    items.set(node.address, { rank: ranks.get(node.address) ?? 0, along, across, at: 0, node });
  }
  const deepest = Math.max(-1, ...[...items.values()].map((item) => item.rank));
  const rows = Array.from({ length: deepest + 1 }, (): Item[] => []);
  for (const item of items.values()) rows[item.rank]?.push(item);
  const lines: Line[] = [];
  const paths = new Map<string, Item[]>();
  for (const edge of edges) {
    const path = passage(edge, items, rows, lines);
    if (path) paths.set(edge.id, path);
  }
  const neighbours = neighboursOf(lines);
  order(rows, neighbours);
  align(rows, neighbours);
  return places(rows, paths, direction);
}

/** The items that a line passes between its ends, made where it spans several ranks. */
function passage(
  edge: GraphEdge,
  items: Map<string, Item>,
  rows: Item[][],
  lines: Line[],
): Item[] | null {
  const source = items.get(edge.source);
  const target = items.get(edge.target);
  if (!source || !target || source === target || target.rank === source.rank) return null;
  const [low, high] = source.rank < target.rank ? [source, target] : [target, source];
  const ports = source.node?.ports ?? [];
  const index = Math.max(0, ports.indexOf(edge.port));
  const port = low === source && ports.length > 1 ? (index + 0.5) / ports.length - 0.5 : 0;
  const passed: Item[] = [];
  let last = low;
  for (let rank = low.rank + 1; rank < high.rank; rank += 1) {
    const item: Item = { rank, along: 0, across: 0, at: 0, node: null };
    rows[rank]?.push(item);
    lines.push({ from: last, to: item, port: last === low ? port : 0 });
    passed.push(item);
    last = item;
  }
  lines.push({ from: last, to: high, port: last === low ? port : 0 });
  return low === source ? passed : passed.reverse();
}

interface Neighbours {
  before: Map<Item, Line[]>;
  after: Map<Item, Line[]>;
}

function neighboursOf(lines: Line[]): Neighbours {
  const found: Neighbours = { before: new Map(), after: new Map() };
  for (const line of lines) {
    const after = found.after.get(line.from);
    if (after) after.push(line);
    else found.after.set(line.from, [line]);
    const before = found.before.get(line.to);
    if (before) before.push(line);
    else found.before.set(line.to, [line]);
  }
  return found;
}

/** Sort each rank by where its neighbours are, forwards and backwards in turn. */
function order(rows: Item[][], neighbours: Neighbours): void {
  const number = (row: Item[]) => {
    for (const [index, item] of row.entries()) item.at = index;
  };
  rows.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const forwards = sweep % 2 === 0;
    const sweepRows = forwards ? rows : [...rows].reverse();
    for (const row of sweepRows) {
      const wanted = new Map(row.map((item) => [item, wantedIndex(item, neighbours, forwards)]));
      row.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0) || a.at - b.at);
      number(row);
    }
  }
}

function wantedIndex(item: Item, neighbours: Neighbours, forwards: boolean): number {
  const lines = (forwards ? neighbours.before : neighbours.after).get(item) ?? [];
  if (lines.length === 0) return item.at;
  const sum = lines.reduce(
    (total, line) => total + (forwards ? line.from.at + line.port : line.to.at),
    0,
  );
  return sum / lines.length;
}

/** Move the items of each rank towards their neighbours, as far as its order and gaps allow. */
function align(rows: Item[][], neighbours: Neighbours): void {
  for (const row of rows)
    settle(
      row,
      row.map(() => 0),
    );
  for (let pass = 0; pass < ALIGNMENTS; pass += 1) {
    const forwards = pass % 2 === 0;
    for (const row of forwards ? rows : [...rows].reverse()) {
      const lines = row.map((item) => [
        ...(neighbours.before.get(item) ?? []).map(
          (line) => line.from.at + line.port * line.from.across,
        ),
        ...(neighbours.after.get(item) ?? []).map((line) => line.to.at - line.port * item.across),
      ]);
      settle(
        row,
        row.map((item, index) => average(lines[index] ?? [], item.at)),
      );
    }
  }
}

function average(values: number[], otherwise: number): number {
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : otherwise;
}

/** The places nearest to those wanted (least squares) that keep the order and the gaps. */
function settle(row: Item[], wanted: number[]): void {
  const offsets: number[] = [];
  let offset = 0;
  for (const [index, item] of row.entries()) {
    const above = row[index - 1];
    if (above) offset += (above.across + item.across) / 2 + gap(above, item);
    offsets.push(offset);
  }
  const blocks: { sum: number; count: number }[] = [];
  for (const [index, want] of wanted.entries()) {
    let block = { sum: want - (offsets[index] ?? 0), count: 1 };
    for (
      let last = blocks.at(-1);
      last && last.sum / last.count > block.sum / block.count;
      last = blocks.at(-1)
    ) {
      blocks.pop();
      block = { sum: last.sum + block.sum, count: last.count + block.count };
    }
    blocks.push(block);
  }
  let index = 0;
  for (const block of blocks) {
    for (let one = 0; one < block.count; one += 1, index += 1) {
      const item = row[index];
      if (item) item.at = block.sum / block.count + (offsets[index] ?? 0);
    }
  }
}

function gap(above: Item, below: Item): number {
  return above.node && below.node ? BETWEEN_BOXES : BETWEEN_LINES;
}

/** Corners of boxes and bends of lines, the smallest at nought. */
function places(rows: Item[][], paths: Map<string, Item[]>, direction: Direction): Layered {
  const all = rows.flat();
  const top = all.reduce(
    (least, item) => Math.min(least, item.at - item.across / 2),
    Number.POSITIVE_INFINITY,
  );
  const starts: number[] = [];
  const ends: number[] = [];
  let along = 0;
  for (const row of rows) {
    starts.push(along);
    ends.push(along + row.reduce((most, item) => Math.max(most, item.along), 0));
    along = (ends.at(-1) ?? 0) + BETWEEN_RANKS;
  }
  const point = (a: number, c: number): Point => {
    const [x, y] = direction === "right" ? [a, c] : [c, a];
    return { x: Math.round(x), y: Math.round(y) };
  };
  const found: Layered = { places: new Map(), bends: new Map(), size: { width: 0, height: 0 } };
  let across = 0;
  for (const item of all) {
    const corner = item.at - item.across / 2 - top;
    across = Math.max(across, corner + item.across);
    if (item.node) found.places.set(item.node.address, point(starts[item.rank] ?? 0, corner));
  }
  for (const [edge, path] of paths) {
    // Level beside the boxes of each rank that the line passes.
    const bends = path.flatMap((item) => {
      const forth = [starts[item.rank] ?? 0, ends[item.rank] ?? 0].map((a) =>
        point(a, item.at - top),
      );
      return (path[0]?.rank ?? 0) <= (path.at(-1)?.rank ?? 0) ? forth : forth.reverse();
    });
    if (bends.length) found.bends.set(edge, bends);
  }
  const length = Math.max(0, along - BETWEEN_RANKS);
  found.size =
    direction === "right"
      ? { width: length, height: Math.ceil(across) }
      : { width: Math.ceil(across), height: length };
  return found;
}
