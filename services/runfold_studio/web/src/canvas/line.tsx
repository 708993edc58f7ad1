/** A line between two boxes; it passes the points that the layout keeps free for it. */

import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from "@xyflow/react";
import { memo } from "react";
import type { Point } from "@/graph/layout";
import { useTexts } from "@/i18n/language";
import { useEditing } from "./editing";
import { useEdgeState } from "./live";
import { canvasTexts } from "./texts";

export interface LineData extends Record<string, unknown> {
  bends: Point[];
}

/** A smooth way over some points, level at each of them. */
export function through(points: Point[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let path = `M${first.x},${first.y}`;
  let last = first;
  for (const point of rest) {
    const middle = (last.x + point.x) / 2;
    path += ` C${middle},${last.y} ${middle},${point.y} ${point.x},${point.y}`;
    last = point;
  }
  return path;
}

export const Line = memo(function Line(props: EdgeProps & { data?: LineData }) {
  const { id, sourceX, sourceY, targetX, targetY, data, selected } = props;
  const state = useEdgeState(id);
  const editing = useEditing();
  const t = useTexts(canvasTexts);
  const bends = data?.bends ?? [];
  const [curve, middleX, middleY] = getBezierPath(props);
  const path = bends.length
    ? through([{ x: sourceX, y: sourceY }, ...bends, { x: targetX, y: targetY }])
    : curve;
  const middle = bends[Math.floor(bends.length / 2)] ?? { x: middleX, y: middleY };
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        className={`line line-${state ?? "idle"}`}
        interactionWidth={18}
      />
      {editing && selected && (
        <EdgeLabelRenderer>
          <button
            type="button"
            className="add-on-line nodrag nopan"
            style={{ transform: `translate(-50%, -50%) translate(${middle.x}px, ${middle.y}px)` }}
            aria-label={t.addAfter(id)}
            onClick={() => editing.addOnEdge(id)}
          >
            +
          </button>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
