/** How large frames are once somebody has chosen places for what is in them. */

import type { Graph, GraphNode } from "./graph";
import { type Box, FRAME, type Point, type Size } from "./layout";

/**
 * The sizes of all frames, the innermost first: as laid out, and larger where what was moved needs it.
 * One in which every box has a chosen place is only as large as they need.
 */
export function frameSizes(
  graph: Graph,
  laid: ReadonlyMap<string, Box>,
  moved: ReadonlyMap<string, Point>,
  sizeOf: (node: GraphNode) => Size,
): Map<string, Size> {
  const inside = byFrame(graph);
  const found = new Map<string, Size>();
  for (const frame of graph.nodes.toReversed()) {
    if (frame.bodies.length === 0) continue;
    const inner = inside.get(frame.address) ?? [];
    const filled = new Set(inner.map((node) => node.body)).size === frame.bodies.length;
    const chosen = filled && inner.every((node) => moved.has(node.address));
    const least = { width: sizeOf(frame).width, height: FRAME.top + FRAME.bottom };
    let { width, height } = chosen ? least : (laid.get(frame.address) ?? least);
    for (const node of inner) {
      const box = laid.get(node.address);
      const size = found.get(node.address) ?? box;
      const place = moved.get(node.address) ?? box;
      if (!size || !place) continue;
      width = Math.max(width, place.x + size.width + FRAME.side);
      height = Math.max(height, place.y + size.height + FRAME.bottom);
    }
    found.set(frame.address, { width, height });
  }
  return found;
}

function byFrame(graph: Graph): Map<string, GraphNode[]> {
  const inside = new Map<string, GraphNode[]>();
  for (const node of graph.nodes) {
    if (node.parent === null) continue;
    const beside = inside.get(node.parent);
    if (beside) beside.push(node);
    else inside.set(node.parent, [node]);
  }
  return inside;
}
