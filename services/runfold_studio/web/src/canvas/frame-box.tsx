/** A composite as a frame around the boxes of its bodies. */

import type { NodeProps } from "@xyflow/react";
import { memo, useContext } from "react";
import { useTexts } from "@/i18n/language";
import { Status, toneOf } from "@/ui/status";
import { visible } from "@/ui/visible";
import { FindingsContext } from "./editing";
import { useBoxState } from "./live";
import { useMark } from "./marks";
import { MenuButton } from "./menu";
import { type BoxData, Ports } from "./step-box";
import { canvasTexts } from "./texts";

export interface FrameData extends BoxData {
  /** Names of bodies and how far below the frame's top each begins. */
  bodies: { name: string; top: number }[];
}

export const FrameBox = memo(function FrameBox({
  data,
  selected,
}: NodeProps & { data: FrameData }) {
  const { node, bodies, height } = data;
  const t = useTexts(canvasTexts);
  const state = useBoxState(node.address);
  const mark = useMark(node.address);
  const finding = useContext(FindingsContext).get(node.address);
  return (
    <div
      className={`frame edge-${state ? toneOf(state.status) : "none"}`}
      data-selected={selected || undefined}
      data-status={state?.status}
      data-address={node.address}
      data-finding={finding}
      data-mark={mark}
    >
      <div className="frame-title">
        <strong className="cut">{visible(node.name || node.id)}</strong>
        <span className="kind">{visible(node.type)}</span>
        {finding && (
          <span className={`finding finding-${finding}`} title={t.problem}>
            ⚠<span className="hidden-text">{t.problem}</span>
          </span>
        )}
        {mark && <span className={`mark mark-${mark}`}>{t[mark]}</span>}
        {state && <Status status={state.status} />}
        {state?.items && (
          <span className="muted">
            {t.items(state.items.done, state.items.total)}
            {state.items.failed > 0 && ` · ${t.failedItems(state.items.failed)}`}
          </span>
        )}
        <MenuButton node={node} />
      </div>
      {bodies.map((body) => (
        <span key={body.name} className="body-name" style={{ top: body.top }}>
          {visible(body.name)}
        </span>
      ))}
      <Ports node={node} height={height} />
    </div>
  );
});
