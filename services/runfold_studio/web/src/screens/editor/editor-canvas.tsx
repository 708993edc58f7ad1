/** The canvas of the editor with its notes; loaded while the rest is shown. */

import { useReactFlow, useStoreApi } from "@xyflow/react";
import { useEffect } from "react";
import { Canvas } from "@/canvas/canvas";
import type { CanvasEditing } from "@/canvas/editing";
import { Notes } from "./notes";
import type { Session } from "./session";
import { usePart } from "./use-session";
import { useLevels, usePinned, usePlaces } from "./views";

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
  const pinned = usePinned(session);
  return (
    <Canvas
      graph={graph}
      moved={moved}
      editing={editing}
      findings={levels}
      pinned={pinned}
      selected={selected}
      onSelect={session.select}
      first={focus?.address}
    >
      <Notes session={session} />
      <Focus on={focus} />
      <Reveal session={session} />
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

/** Milliseconds that another move of the canvas takes. */
const SETTLED = 300;

/** Brings what is selected into sight, where it was added, pasted or made of others out of it. */
function Reveal({ session }: { session: Session }) {
  const [first] = usePart(session.store, (state) => state.selected);
  const flow = useReactFlow();
  const store = useStoreApi();
  useEffect(() => {
    if (first === undefined) return;
    const timer = setTimeout(() => {
      const node = flow.getInternalNode(first);
      if (!node) return;
      const { x, y } = node.internals.positionAbsolute;
      const middle = { x: x + (node.width ?? 0) / 2, y: y + (node.height ?? 0) / 2 };
      const { width, height, transform } = store.getState();
      const [left, top, zoom] = transform;
      const across = middle.x * zoom + left;
      const down = middle.y * zoom + top;
      const isSeen = across > 0 && across < width && down > 0 && down < height;
      if (!isSeen) void flow.setCenter(middle.x, middle.y, { zoom, duration: 200 });
    }, SETTLED);
    return () => clearTimeout(timer);
  }, [first, flow, store]);
  return null;
}
