/** Notes on the canvas: kept in the layout, moved by their head, written in place. */

import { useReactFlow, ViewportPortal } from "@xyflow/react";
import { type PointerEvent, useState } from "react";
import { useTexts } from "@/i18n/language";
import type { Layout, Session } from "./session";
import { editorTexts } from "./texts";
import { usePart } from "./use-session";

type Note = NonNullable<Layout["notes"]>[number];
const NONE: Note[] = [];
/** Where the arrow keys move a note, and how far. */
const WAYS: Record<string, { x: number; y: number }> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};
const STEP = 10;
/** A name or `#rrggbb`; anything else is no colour. */
const COLOR = /^(#[0-9a-f]{6}|[a-z]{3,20})$/i;

export function Notes({ session }: { session: Session }) {
  const notes = usePart(session.store, (state) => state.layout.notes) ?? NONE;
  const root = usePart(session.store, (state) => state.root);
  if (root.length > 0) return null;
  const change = (id: string, change: Partial<Note> | null) =>
    session.arrange((layout) => ({
      ...layout,
      notes: (layout.notes ?? []).flatMap((note) =>
        note.id !== id ? note : change === null ? [] : { ...note, ...change },
      ),
    }));
  return (
    <ViewportPortal>
      {notes.map((note) => (
        <NoteBox key={note.id} note={note} change={(made) => change(note.id, made)} />
      ))}
    </ViewportPortal>
  );
}

function NoteBox({ note, change }: { note: Note; change: (change: Partial<Note> | null) => void }) {
  const t = useTexts(editorTexts);
  const flow = useReactFlow();
  const [drag, setDrag] = useState<{ x: number; y: number } | null>(null);
  const at = drag ?? note;
  const color = COLOR.test(note.color ?? "") ? (note.color ?? "") : "";
  const begin = (event: PointerEvent<HTMLDivElement>) => {
    if (event.target instanceof Element && event.target.closest(".remove")) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ x: note.x, y: note.y });
  };
  const move = (event: PointerEvent) => {
    if (!drag) return;
    const zoom = flow.getZoom();
    setDrag({ x: drag.x + event.movementX / zoom, y: drag.y + event.movementY / zoom });
  };
  const end = () => {
    if (drag) change({ x: Math.round(drag.x), y: Math.round(drag.y) });
    setDrag(null);
  };
  return (
    <div
      className="note nopan nodrag"
      data-color={color === "" ? undefined : color}
      style={{
        ...(color === "" ? {} : { "--note": color }),
        transform: `translate(${at.x}px, ${at.y}px)`,
        width: note.width,
        minHeight: note.height,
      }}
    >
      <div className="note-head" onPointerDown={begin} onPointerMove={move} onPointerUp={end}>
        <button
          type="button"
          className="plain note-move nokey"
          aria-label={t.moveNote}
          title={t.moveNote}
          onKeyDown={(event) => {
            const way = WAYS[event.key];
            if (!way) return;
            event.preventDefault();
            change({ x: note.x + way.x * STEP, y: note.y + way.y * STEP });
          }}
        >
          ⠿
        </button>
        <button
          type="button"
          className="plain remove"
          aria-label={t.deleteNote}
          onClick={() => change(null)}
        >
          ✕
        </button>
      </div>
      <textarea
        // What was undone is shown as well.
        key={note.text}
        aria-label={t.note}
        defaultValue={note.text}
        rows={3}
        onBlur={(event) => {
          if (event.target.value !== note.text) change({ text: event.target.value });
        }}
      />
    </div>
  );
}
