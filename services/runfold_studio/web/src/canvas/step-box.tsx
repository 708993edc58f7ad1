/** A node as a box: what it is, how it is going, and its ports. */

import { Handle, type NodeProps, Position } from "@xyflow/react";
import { memo, useContext } from "react";
import type { GraphNode } from "@/graph/graph";
import { useTexts } from "@/i18n/language";
import { Status, toneOf } from "@/ui/status";
import { visible } from "@/ui/visible";
import { FindingsContext, PinnedContext, useEditing } from "./editing";
import { useBoxState } from "./live";
import { useMark } from "./marks";
import { MenuButton } from "./menu";
import { portTop } from "./sizes";
import { canvasTexts } from "./texts";

export interface BoxData extends Record<string, unknown> {
  node: GraphNode;
  height: number;
}

export const StepBox = memo(function StepBox({ data, selected }: NodeProps & { data: BoxData }) {
  const { node, height } = data;
  const t = useTexts(canvasTexts);
  const state = useBoxState(node.address);
  const finding = useContext(FindingsContext).get(node.address);
  const pinned = useContext(PinnedContext).has(node.address);
  const mark = useMark(node.address);
  const tone = state ? toneOf(state.status) : "none";
  return (
    <div
      className={`box edge-${tone}`}
      data-selected={selected || undefined}
      data-status={state?.status}
      data-address={node.address}
      data-finding={finding}
      data-mark={mark}
    >
      <div className="box-title">
        <strong className="cut" title={visible(node.name || node.id)}>
          {visible(node.name || node.id)}
        </strong>
        {finding && (
          <span className={`finding finding-${finding}`} title={t.problem}>
            ⚠<span className="hidden-text">{t.problem}</span>
          </span>
        )}
        <MenuButton node={node} />
      </div>
      <div className="box-line">
        <span className="kind">
          {visible(node.type)}
          {!node.known && ` (${t.unknownKind})`}
        </span>
        {pinned && <span className="mark mark-pinned">⚑ {t.pinned}</span>}
        {mark && <span className={`mark mark-${mark}`}>{t[mark]}</span>}
        {state && <Status status={state.status} />}
        {state && state.attempts > 1 && (
          <span className="attempts">{t.attempt(state.attempts)}</span>
        )}
      </div>
      {state?.line && <div className="box-text cut">{state.line}</div>}
      <Ports node={node} height={height} />
    </div>
  );
});

export function Ports({ node, height }: { node: GraphNode; height: number }) {
  const editing = useEditing();
  const t = useTexts(canvasTexts);
  const named = node.ports.length > 1;
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={editing !== null} />
      {node.ports.map((port, index) => (
        <Handle
          key={port}
          id={port}
          type="source"
          position={Position.Right}
          isConnectable={editing !== null}
          style={{ top: portTop(node, index, height) }}
        >
          {named && <span className="port-name">{port}</span>}
          {editing && (
            <button
              type="button"
              className="add-after nodrag"
              aria-label={t.addAfter(`${node.id} ${port}`)}
              onClick={(event) => {
                event.stopPropagation();
                editing.addAfter(node.address, port);
              }}
            >
              +
            </button>
          )}
        </Handle>
      ))}
    </>
  );
}
