/** What changed between two layouts, box by box and note by note, so that one step can be taken back alone. */

import { isSame } from "./source/values";

interface Place {
  x: number;
  y: number;
}
interface Note {
  id: string;
}

/** What of a stored layout is changed by hand; all else stays. */
export interface Arranged<P extends Place = Place, N extends Note = Note> {
  nodes?: Record<string, P>;
  notes?: N[];
}

/** Entries as they become; null: there is none any more. */
export interface LayoutChange {
  nodes: Record<string, unknown>;
  notes: Record<string, unknown>;
}

/** What makes the layout after of the one before; null when they are the same. */
export function layoutChange(before: Arranged, after: Arranged): LayoutChange | null {
  const nodes = entriesChanged(before.nodes ?? {}, after.nodes ?? {});
  const notes = entriesChanged(byId(before.notes), byId(after.notes));
  return Object.keys(nodes).length + Object.keys(notes).length > 0 ? { nodes, notes } : null;
}

/** A layout with a change made; what somebody else changed meanwhile stays. */
export function withLayoutChange<L extends Arranged>(layout: L, change: LayoutChange): L {
  const nodes = entriesWith(layout.nodes ?? {}, change.nodes);
  if (Object.keys(change.notes).length === 0) return { ...layout, nodes };
  const notes = Object.values(entriesWith(byId(layout.notes), change.notes));
  return { ...layout, nodes, notes };
}

/** One change and then another, as one. */
export function followedBy(first: LayoutChange, second: LayoutChange): LayoutChange {
  return {
    nodes: { ...first.nodes, ...second.nodes },
    notes: { ...first.notes, ...second.notes },
  };
}

function byId(notes: readonly Note[] = []): Record<string, unknown> {
  return Object.fromEntries(notes.map((note) => [note.id, note]));
}

function entriesChanged(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return Object.fromEntries(
    names
      .filter((name) => !isSame(before[name], after[name]))
      .map((name) => [name, Object.hasOwn(after, name) ? after[name] : null]),
  );
}

function entriesWith(
  entries: Readonly<Record<string, unknown>>,
  change: Readonly<Record<string, unknown>>,
): Record<string, never> {
  const made = new Map(Object.entries(entries));
  for (const [name, value] of Object.entries(change)) {
    if (value === null) made.delete(name);
    else made.set(name, value);
  }
  return Object.fromEntries(made) as Record<string, never>;
}
