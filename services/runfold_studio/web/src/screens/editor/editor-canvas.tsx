/** The canvas of the editor with its notes; loaded while the rest is shown. */

import { useReactFlow } from "@xyflow/react";
import { useEffect } from "react";
import { Canvas } from "@/canvas/canvas";
import type { CanvasEditing } from "@/canvas/editing";
import { Notes } from "./notes";
import type { Session } from "./session";
import { usePart } from "./use-session";
import { useLevels, usePlaces } from "./views";

export default function EditorCanvas({
  session,
  editing,
  focus,
}: {
  session: Session;
  editing: CanvasEditing;
  focus: { address: string } | null;
}) {
  const graph = usePart(session.store, (state) => state.drawn.graph);
  const selected = usePart(session.store, (state) => state.selected);
  const moved = usePlaces(session);
  const levels = useLevels(session);
  return (
    <Canvas
      graph={graph}
      moved={moved}
      editing={editing}
      findings={levels}
      selected={selected}
      onSelect={session.select}
      first={focus?.address}
    >
      <Notes session={session} />
      <Focus on={focus} />
    </Canvas>
  );
}

/** Brings a node to the middle of the canvas. */
function Focus({ on }: { on: { address: string } | null }) {
  const flow = useReactFlow();
  useEffect(() => {
    if (on) void flow.fitView({ nodes: [{ id: on.address }], maxZoom: 1, duration: 200 });
  }, [on, flow]);
  return null;
}
