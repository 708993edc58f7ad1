/** Boxes and lines as React Flow takes them, made of a graph and places. */

import type { Edge, Node } from "@xyflow/react";
import { frameSizes } from "@/graph/frames";
import type { Graph, GraphEdge, GraphNode } from "@/graph/graph";
import { EMPTY_BODY, FRAME, type Layout, type Point } from "@/graph/layout";
import type { FrameData } from "./frame-box";
import type { LineData } from "./line";
import { sizeOf } from "./sizes";
import type { BoxData } from "./step-box";

/** Height of the name above a body. */
const NAME = 20;

export interface Elements {
  nodes: Node<BoxData | FrameData>[];
  edges: Edge<LineData>[];
}

/**
 * @param moved Places that somebody chose, by address; they go before the layout's.
 */
export function elementsOf(
  graph: Graph,
  layout: Layout,
  moved: ReadonlyMap<string, Point>,
): Elements {
  const frames = frameSizes(graph, layout.boxes, moved, sizeOf);
  const nodes = graph.nodes.map((node): Node<BoxData | FrameData> => {
    const box = layout.boxes.get(node.address) ?? { x: 0, y: 0, width: 200, height: 60 };
    const composite = node.bodies.length > 0;
    const size = frames.get(node.address) ?? box;
    return {
      id: node.address,
      type: composite ? "frame" : "step",
      position: moved.get(node.address) ?? { x: box.x, y: box.y },
      width: size.width,
      height: size.height,
      data: composite
        ? { node, height: size.height, bodies: bodyPlaces(node, graph, layout, moved) }
        : { node, height: size.height },
      ...(node.parent === null ? {} : { parentId: node.parent }),
      ariaLabel: `${node.name || node.id}, ${node.type}`,
    };
  });
  const box = new Map(graph.nodes.map((node) => [node.address, node]));
  const edges = graph.edges
    .filter((edge) => box.has(edge.source) && box.has(edge.target))
    .map((edge): Edge<LineData> => {
      const free = moved.has(edge.source) || moved.has(edge.target);
      return {
        id: edge.id,
        source: edge.source,
        target: edge.target,
        sourceHandle: edge.port,
        type: "line",
        data: { bends: free ? [] : absolute(box, layout, moved, edge) },
        ariaLabel: `${edge.source} ${edge.port} → ${edge.target}`,
      };
    });
  return { nodes, edges };
}

/** Where each body of a frame begins, one below the other; a single body needs no name. */
export function bodyPlaces(
  node: GraphNode,
  graph: Graph,
  layout: Layout,
  moved: ReadonlyMap<string, Point>,
): { name: string; top: number }[] {
  if (node.bodies.length < 2 && node.bodies[0] === "") return [];
  let next = FRAME.top;
  return node.bodies.map((name) => {
    const boxes = graph.nodes
      .filter((inner) => inner.parent === node.address && inner.body === name)
      .flatMap((inner) => {
        const box = layout.boxes.get(inner.address);
        return box ? [{ ...box, ...moved.get(inner.address) }] : [];
      });
    const top = boxes.length ? Math.min(...boxes.map((box) => box.y)) : next;
    const bottom = Math.max(top + EMPTY_BODY.height, ...boxes.map((box) => box.y + box.height));
    next = Math.max(next, bottom + FRAME.between);
    return { name, top: top - NAME };
  });
}

/** Bends count from the corner of the frame around them; lines are drawn on the whole canvas. */
function absolute(
  nodes: ReadonlyMap<string, GraphNode>,
  layout: Layout,
  moved: ReadonlyMap<string, Point>,
  edge: GraphEdge,
): Point[] {
  const bends = layout.bends.get(edge.id) ?? [];
  if (bends.length === 0) return bends;
  let [x, y] = [0, 0];
  for (
    let parent = nodes.get(edge.source)?.parent ?? null;
    parent !== null;
    parent = nodes.get(parent)?.parent ?? null
  ) {
    const at = moved.get(parent) ?? layout.boxes.get(parent) ?? { x: 0, y: 0 };
    x += at.x;
    y += at.y;
  }
  return bends.map((bend) => ({ x: bend.x + x, y: bend.y + y }));
}
