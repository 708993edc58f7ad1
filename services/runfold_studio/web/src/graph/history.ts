/** Undo and redo of a text: steps that know what they replaced, merged while somebody types. */

import { difference, inverse, type Splice, spliced } from "./source/text";

export interface Step {
  /** What makes the text after it of the text before it, and the other way round. */
  done: Splice;
  undone: Splice;
  /** Steps of one kind that follow each other soon are one; empty: never. */
  kind: string;
  /** Milliseconds. */
  at: number;
}

export interface History {
  text: string;
  past: readonly Step[];
  future: readonly Step[];
}

const MOST_STEPS = 500;
/** Milliseconds after which typing is another step. */
const PAUSE = 1_500;

export function historyOf(text: string): History {
  return { text, past: [], future: [] };
}

/** The history after a change; what was undone before it is forgotten. */
export function changed(history: History, text: string, kind: string, now: number): History {
  if (text === history.text) return history;
  const last = history.past.at(-1);
  const isMore =
    kind !== "" && last?.kind === kind && now - last.at < PAUSE && history.future.length === 0;
  const before = isMore && last ? spliced(history.text, [last.undone]) : history.text;
  const past = isMore ? history.past.slice(0, -1) : history.past;
  // Typed and taken back again: nothing is left to undo.
  if (before === text) return { text, past, future: [] };
  const done = difference(before, text);
  const step = { done, undone: inverse(before, done), kind, at: now };
  return { text, past: [...past, step].slice(-MOST_STEPS), future: [] };
}

export function undone(history: History): History {
  const step = history.past.at(-1);
  if (step === undefined) return history;
  return {
    text: spliced(history.text, [step.undone]),
    past: history.past.slice(0, -1),
    future: [...history.future, step],
  };
}

export function redone(history: History): History {
  const step = history.future.at(-1);
  if (step === undefined) return history;
  return {
    text: spliced(history.text, [step.done]),
    // A step that was made again is complete: more typing is another one.
    past: [...history.past, { ...step, kind: "" }],
    future: history.future.slice(0, -1),
  };
}
