/** Three-way merging of texts by lines: what only one side changed is taken, what both changed is counted. */

import { Chunk } from "@codemirror/merge";
import { Text } from "@codemirror/state";

export interface Merged {
  text: string;
  /** Places where both changed the same lines to something else; there the text has mine. */
  conflicts: number;
}

interface Change {
  from: number;
  to: number;
  text: string;
}

export function merged(base: string, mine: string, theirs: string): Merged {
  const ours = changesOf(base, mine);
  const others = changesOf(base, theirs);
  let conflicts = 0;
  const kept: Change[] = [];
  for (const other of others) {
    const meets = ours.filter((one) => overlap(one, other));
    if (meets.length === 0) kept.push(other);
    else if (!meets.some((one) => isSame(one, other))) conflicts += 1;
  }
  const all = [...ours, ...kept].sort((a, b) => a.from - b.from || a.to - b.to);
  let text = "";
  let at = 0;
  for (const { from, to, text: made } of all) {
    text += base.slice(at, from) + made;
    at = to;
  }
  return { text: text + base.slice(at), conflicts };
}

/** The lines of the base that another text has otherwise. */
function changesOf(base: string, other: string): Change[] {
  const before = Text.of(base.split("\n"));
  const after = Text.of(other.split("\n"));
  return Chunk.build(before, after).map(({ fromA, toA, fromB, toB }) => ({
    from: fromA,
    to: Math.min(toA, base.length),
    text: other.slice(fromB, Math.min(toB, other.length)),
  }));
}

function overlap(a: Change, b: Change): boolean {
  // Two that put something in at the same place meet as well.
  return a.from <= b.to && b.from <= a.to;
}

function isSame(a: Change, b: Change): boolean {
  return a.from === b.from && a.to === b.to && a.text === b.text;
}
