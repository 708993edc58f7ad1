/** Where something that is let go on the canvas belongs: into the innermost body under it. */

import type { Node } from "@xyflow/react";
import type { Point } from "@/graph/layout";
import type { DropPlace } from "./editing";

export function rounded(point: Point): Point {
  return { x: Math.round(point.x), y: Math.round(point.y) };
}

/** The innermost frame under a point of the canvas, its body there, and the point from its corner.
 *
 * @param nodes frames come before what stands in them.
 */
export function placeAt(at: Point, nodes: readonly Node[]): DropPlace {
  const corner = new Map<string, Point>();
  let place: DropPlace = { parent: null, body: "", at: rounded(at) };
  for (const node of nodes) {
    const around = corner.get(node.parentId ?? "") ?? { x: 0, y: 0 };
    const here = { x: around.x + node.position.x, y: around.y + node.position.y };
    corner.set(node.id, here);
    const inside = { x: at.x - here.x, y: at.y - here.y };
    const { width = 0, height = 0 } = node;
    const isOver = inside.x >= 0 && inside.y >= 0 && inside.x <= width && inside.y <= height;
    if (node.type !== "frame" || !isOver) continue;
    place = { parent: node.id, body: bodyAt(inside.y, node), at: rounded(inside) };
  }
  return place;
}

/** The body whose name is the last above a height; of a frame with one body, that one. */
function bodyAt(y: number, frame: Node): string {
  const bodies = (frame.data.bodies ?? []) as { name: string; top: number }[];
  const below = bodies.filter((body) => body.top <= y);
  return (below.at(-1) ?? bodies[0])?.name ?? "";
}
