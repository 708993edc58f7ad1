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
/** Places between ranks that lines take, for each box. */
const MOST_PASSED = 12;
const ALIGNMENTS = 8;

/** A box, or the place where a long line passes a rank. */
interface Item {
  rank: number;
  /** Along the ranks, and across them. */
  along: number;
  across: number;
  at: number;
  /** Where its neighbours want it; of no meaning but while its rank is being sorted or moved. */
  wanted: number;
  node: GraphNode | null;
  before: Line[];
  after: Line[];
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
    items.set(node.address, itemAt(ranks.get(node.address) ?? 0, along, across, node));
  }
  const deepest = Math.max(-1, ...[...items.values()].map((item) => item.rank));
  const rows = Array.from({ length: deepest + 1 }, (): Item[] => []);
  for (const item of items.values()) rows[item.rank]?.push(item);
  const paths = new Map<string, Item[]>();
  for (const edge of withRoom(edges, items)) {
    const path = passage(edge, items, rows);
    if (path) paths.set(edge.id, path);
  }
  order(rows);
  align(rows);
  return places(rows, paths, direction);
}

function itemAt(rank: number, along: number, across: number, node: GraphNode | null): Item {
  return { rank, along, across, at: 0, wanted: 0, node, before: [], after: [] };
}

function join(from: Item, to: Item, port: number): void {
  const line = { from, to, port };
  from.after.push(line);
  to.before.push(line);
}

/**
 * The lines that are led around what stands between their ends.
 *
 * Each takes a place in every rank that it passes. Where there are more than boxes can bear, as of a thousand nodes in
 * a row with a way each to one that handles failures, the longest are drawn straight.
 */
function withRoom(edges: GraphEdge[], items: ReadonlyMap<string, Item>): GraphEdge[] {
  const most = MOST_PASSED * items.size;
  const spanOf = ({ source, target }: GraphEdge) =>
    Math.max(0, Math.abs((items.get(source)?.rank ?? 0) - (items.get(target)?.rank ?? 0)) - 1);
  const passed = edges.reduce((sum, edge) => sum + spanOf(edge), 0);
  if (passed <= most) return edges;
  let left = most;
  const led = new Set<GraphEdge>();
  for (const edge of [...edges].sort((a, b) => spanOf(a) - spanOf(b))) {
    left -= spanOf(edge);
    if (left < 0) break;
    led.add(edge);
  }
  return edges.filter((edge) => led.has(edge));
}

/** The items that a line passes between its ends, made where it spans several ranks. */
function passage(edge: GraphEdge, items: Map<string, Item>, rows: Item[][]): Item[] | null {
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
    const item = itemAt(rank, 0, 0, null);
    rows[rank]?.push(item);
    join(last, item, last === low ? port : 0);
    passed.push(item);
    last = item;
  }
  join(last, high, last === low ? port : 0);
  return low === source ? passed : passed.reverse();
}

/** Sort each rank by where its neighbours are, forwards and backwards in turn. */
function order(rows: Item[][]): void {
  const backwards = [...rows].reverse();
  rows.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const forwards = sweep % 2 === 0;
    for (const row of forwards ? rows : backwards) {
      for (const item of row) item.wanted = forwards ? afterThose(item) : beforeThose(item);
      row.sort((a, b) => a.wanted - b.wanted || a.at - b.at);
      number(row);
    }
  }
}

function number(row: Item[]): void {
  for (let index = 0; index < row.length; index += 1) (row[index] as Item).at = index;
}

/** The middle of those before it, each at the port that the line to it leaves from. */
function afterThose(item: Item): number {
  if (item.before.length === 0) return item.at;
  let sum = 0;
  for (const line of item.before) sum += line.from.at + line.port;
  return sum / item.before.length;
}

function beforeThose(item: Item): number {
  if (item.after.length === 0) return item.at;
  let sum = 0;
  for (const line of item.after) sum += line.to.at;
  return sum / item.after.length;
}

/** Move the items of each rank towards their neighbours, as far as its order and gaps allow. */
function align(rows: Item[][]): void {
  const backwards = [...rows].reverse();
  for (const row of rows) {
    for (const item of row) item.wanted = 0;
    settle(row);
  }
  for (let pass = 0; pass < ALIGNMENTS; pass += 1) {
    for (const row of pass % 2 === 0 ? rows : backwards) {
      for (const item of row) item.wanted = amongThose(item);
      settle(row);
    }
  }
}

function amongThose(item: Item): number {
  const count = item.before.length + item.after.length;
  if (count === 0) return item.at;
  let sum = 0;
  for (const line of item.before) sum += line.from.at + line.port * line.from.across;
  for (const line of item.after) sum += line.to.at - line.port * item.across;
  return sum / count;
}

/** The places nearest to those wanted (least squares) that keep the order and the gaps. */
function settle(row: Item[]): void {
  const offsets: number[] = [];
  // Items that stand as close as they may, from the first on: their sum and how many they are.
  const sums: number[] = [];
  const counts: number[] = [];
  let offset = 0;
  let above: Item | null = null;
  for (const item of row) {
    if (above) offset += (above.across + item.across) / 2 + gap(above, item);
    offsets.push(offset);
    above = item;
    let sum = item.wanted - offset;
    let count = 1;
    while (sums.length > 0) {
      const lastSum = sums[sums.length - 1] as number;
      const lastCount = counts[counts.length - 1] as number;
      if (lastSum / lastCount <= sum / count) break;
      sums.pop();
      counts.pop();
      sum += lastSum;
      count += lastCount;
    }
    sums.push(sum);
    counts.push(count);
  }
  let index = 0;
  for (let block = 0; block < sums.length; block += 1) {
    const count = counts[block] as number;
    const at = (sums[block] as number) / count;
    for (let one = 0; one < count; one += 1, index += 1)
      (row[index] as Item).at = at + (offsets[index] as number);
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
