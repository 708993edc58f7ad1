/** Puts a note on the canvas of a session. */

import type { Session } from "./session";

export function addNote(session: Session, text: string): void {
  session.arrange((layout) => {
    const notes = layout.notes ?? [];
    const used = new Set(notes.map((note) => note.id));
    let number = notes.length + 1;
    while (used.has(`note${number}`)) number += 1;
    const note = { id: `note${number}`, text, x: 0, y: -140, width: 220, height: 100 };
    return { ...layout, notes: [...notes, note] };
  });
}
