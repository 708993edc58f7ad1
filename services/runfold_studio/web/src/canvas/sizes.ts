/** How large a box is: known before it is drawn, so that nothing jumps. */

import type { GraphNode } from "@/graph/graph";
import type { Size } from "@/graph/layout";

const WIDTH = 208;
const TITLE = 72;
const PORT = 22;

export function sizeOf(node: GraphNode): Size {
  const named = node.ports.length > 1 ? node.ports.length : 0;
  return { width: WIDTH, height: TITLE + named * PORT };
}

/** Distance from a box's top to the middle of a port. */
export function portTop(node: GraphNode, index: number, height: number): number {
  if (node.bodies.length > 0 || node.ports.length <= 1) {
    return ((index + 1) * height) / (node.ports.length + 1);
  }
  return TITLE + index * PORT + PORT / 2 - 4;
}
