/** Places for boxes that come to those that somebody has placed: beside what they follow, over nothing. */

import { frameSizes } from "./frames";
import type { Graph, GraphNode } from "./graph";
import { type Box, layout, type Point, type Size } from "./layout";

const BESIDE = 70;
const BELOW = 30;
const MOST_TRIES = 200;

/** Where all boxes stand now, chosen or laid out. */
export function boxesOf(
  graph: Graph,
  moved: ReadonlyMap<string, Point>,
  sizeOf: (node: GraphNode) => Size,
): Map<string, Box> {
  const laid = layout(graph, sizeOf).boxes;
  const frames = frameSizes(graph, laid, moved, sizeOf);
  return new Map(
    [...laid].map(([address, box]) => [
      address,
      { ...box, ...frames.get(address), ...moved.get(address) },
    ]),
  );
}

/** Places of the boxes of one body, so that they stay where they are when another one comes. */
export function pinned(
  graph: Graph,
  boxes: ReadonlyMap<string, Box>,
  parent: string | null,
): Map<string, Point> {
  return new Map(
    graph.nodes
      .filter((node) => node.parent === parent)
      .flatMap((node) => {
        const box = boxes.get(node.address);
        return box ? [[node.address, { x: box.x, y: box.y }] as const] : [];
      }),
  );
}

/** A free place near a wanted one: it moves down until nothing is in the way. */
export function freePlace(wanted: Point, size: Size, others: Iterable<Box>): Point {
  const all = [...others];
  const at = { ...wanted };
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const inTheWay = all.find((box) => overlap({ ...at, ...size }, box));
    if (!inTheWay) break;
    at.y = inTheWay.y + inTheWay.height + BELOW;
  }
  return { x: Math.round(at.x), y: Math.round(at.y) };
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Beside the box that something follows; between two, in their middle. */
export function wantedPlace(after: Box | undefined, before: Box | undefined): Point {
  if (after && before)
    return { x: (after.x + after.width + before.x) / 2 - 100, y: (after.y + before.y) / 2 };
  if (after) return { x: after.x + after.width + BESIDE, y: after.y };
  return { x: 0, y: 0 };
}
