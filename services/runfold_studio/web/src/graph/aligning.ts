/** Places for selected boxes in a line, or with the same room between them. Of one body alone. */

import type { Box, Point } from "./layout";

export const ALIGNMENTS = ["left", "middle", "top", "across", "down"] as const;
/**
 * `left`, `middle` and `top` put edges or middles in one line; `across` and `down` leave the outer two
 * where they are and give all the same room between them.
 */
export type Alignment = (typeof ALIGNMENTS)[number];

export function aligned(boxes: ReadonlyMap<string, Box>, how: Alignment): Map<string, Point> {
  const all = [...boxes];
  if (all.length < 2) return new Map();
  if (how === "across" || how === "down") return spread(all, how === "across" ? "x" : "y");
  const [, first] = all[0] as [string, Box];
  const least = (of: (box: Box) => number) => Math.min(...all.map(([, box]) => of(box)));
  const line =
    how === "left"
      ? least((box) => box.x)
      : how === "top"
        ? least((box) => box.y)
        : first.y + first.height / 2;
  const place = (box: Box): Point => {
    if (how === "left") return { x: line, y: box.y };
    return { x: box.x, y: how === "top" ? line : Math.round(line - box.height / 2) };
  };
  return new Map(all.map(([address, box]) => [address, place(box)]));
}

function spread(all: [string, Box][], axis: "x" | "y"): Map<string, Point> {
  const size = axis === "x" ? "width" : "height";
  const sorted = all.toSorted(([, a], [, b]) => a[axis] - b[axis]);
  const [, first] = sorted[0] as [string, Box];
  const [, last] = sorted.at(-1) as [string, Box];
  const taken = sorted.reduce((sum, [, box]) => sum + box[size], 0);
  const room = (last[axis] + last[size] - first[axis] - taken) / (sorted.length - 1);
  let at = first[axis];
  return new Map(
    sorted.map(([address, box]) => {
      const place = { x: box.x, y: box.y, [axis]: Math.round(at) };
      at += box[size] + room;
      return [address, place];
    }),
  );
}
