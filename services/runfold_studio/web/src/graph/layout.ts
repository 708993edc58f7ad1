/**
 * Places for boxes: layers from left to right (or downwards), bodies inside their composites.
 *
 * Deterministic: the same graph always comes out the same. Bodies are placed before what holds them.
 */

import type { Graph, GraphEdge, GraphNode } from "./graph";
import { type Layered, layered } from "./layers";

export interface Size {
  width: number;
  height: number;
}
export interface Point {
  x: number;
  y: number;
}
/** A box; `x` and `y` count from its composite's corner, or from the canvas' origin. */
export type Box = Point & Size;

export interface Layout {
  boxes: Map<string, Box>;
  /** Points that a line passes between its ends, from the corner that its ends count from. */
  bends: Map<string, Point[]>;
}

export type Direction = "right" | "down";

/** Space around the bodies of a composite; the top has its title. */
export const FRAME = { side: 20, top: 48, bottom: 20, between: 34 };
/** Room that a body without nodes is given. */
export const EMPTY_BODY: Size = { width: 200, height: 60 };

export function layout(
  graph: Graph,
  sizeOf: (node: GraphNode) => Size,
  direction: Direction = "right",
): Layout {
  const found: Layout = { boxes: new Map(), bends: new Map() };
  const inside = groupBy(graph.nodes, (node) => groupOf(node.parent, node.body));
  const groupByAddress = new Map(
    graph.nodes.map((node) => [node.address, groupOf(node.parent, node.body)]),
  );
  const edges = groupBy(graph.edges, (edge) => groupByAddress.get(edge.source) ?? "");
  const place = (parent: string | null, body: string): Size & { at: Layered } => {
    const group = groupOf(parent, body);
    const nodes = inside.get(group) ?? [];
    const sizes = new Map(
      nodes.map((node) => [node.address, node.bodies.length ? frame(node) : sizeOf(node)]),
    );
    const at = layered(nodes, edges.get(group) ?? [], sizes, direction);
    for (const node of nodes) {
      const size = sizes.get(node.address) ?? EMPTY_BODY;
      found.boxes.set(node.address, {
        ...(at.places.get(node.address) ?? { x: 0, y: 0 }),
        ...size,
      });
    }
    for (const [edge, points] of at.bends) found.bends.set(edge, points);
    return nodes.length ? { ...at.size, at } : { ...EMPTY_BODY, at };
  };
  const frame = (node: GraphNode): Size => {
    let top = FRAME.top;
    let width = sizeOf(node).width;
    for (const body of node.bodies) {
      const placed = place(node.address, body);
      shift(found, inside.get(groupOf(node.address, body)) ?? [], placed.at, {
        x: FRAME.side,
        y: top,
      });
      width = Math.max(width, placed.width + 2 * FRAME.side);
      top += placed.height + FRAME.between;
    }
    return { width, height: top - FRAME.between + FRAME.bottom };
  };
  place(null, "");
  return found;
}

function groupOf(parent: string | null, body: string): string {
  return parent === null ? "" : `${parent}[${body}]`;
}

function shift(found: Layout, nodes: GraphNode[], at: Layered, by: Point): void {
  for (const node of nodes) {
    const box = found.boxes.get(node.address);
    if (box) found.boxes.set(node.address, { ...box, x: box.x + by.x, y: box.y + by.y });
  }
  for (const [edge, points] of at.bends) {
    found.bends.set(
      edge,
      points.map((point) => ({ x: point.x + by.x, y: point.y + by.y })),
    );
  }
}

function groupBy<T extends GraphNode | GraphEdge>(
  all: T[],
  keyOf: (one: T) => string,
): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = found.get(key);
    if (group) group.push(one);
    else found.set(key, [one]);
  }
  return found;
}
