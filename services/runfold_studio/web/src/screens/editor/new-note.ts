/** Puts a note on the canvas of a session. */

import type { Session } from "./session";

const GAP = 20;

export function addNote(session: Session, text: string): void {
  session.arrange((layout) => {
    const notes = layout.notes ?? [];
    const used = new Set(notes.map((note) => note.id));
    let number = notes.length + 1;
    while (used.has(`note${number}`)) number += 1;
    // Beside the others, above the boxes.
    const x = notes.reduce((most, note) => Math.max(most, note.x + note.width + GAP), 0);
    const note = { id: `note${number}`, text, x, y: -140, width: 220, height: 100 };
    return { ...layout, notes: [...notes, note] };
  });
}
