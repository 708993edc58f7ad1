/** Undo and redo of a text and of the layout beside it: steps that know what they replaced. */

import { followedBy, type LayoutChange } from "./layout-changes";
import { difference, inverse, type Splice, spliced } from "./source/text";

export interface Step {
  /** What makes the text after it of the text before it, and the other way round; a move has none. */
  done?: Splice;
  undone?: Splice;
  /** The same of the layout; most edits of the text have none. */
  moved?: { done: LayoutChange; undone: LayoutChange };
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

/** A history after a step back or forth, and what is to become of the layout. */
export interface Stepped {
  history: History;
  layout: LayoutChange | null;
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
  const last = lastOfKind(history, kind, now);
  const before = last?.undone ? spliced(history.text, [last.undone]) : history.text;
  const past = last ? history.past.slice(0, -1) : history.past;
  // Typed and taken back again: nothing is left to undo.
  if (before === text && !last?.moved) return { text, past, future: [] };
  const done = difference(before, text);
  const moved = last?.moved ? { moved: last.moved } : {};
  const step = { done, undone: inverse(before, done), ...moved, kind, at: now };
  return { text, past: [...past, step].slice(-MOST_STEPS), future: [] };
}

/**
 * The history after a change of the layout alone.
 *
 * @param isPart whether it is a part of the newest step, such as the place of a node that it added.
 */
export function arranged(
  history: History,
  moved: { done: LayoutChange; undone: LayoutChange },
  kind: string,
  now: number,
  isPart = false,
): History {
  const last = isPart ? history.past.at(-1) : lastOfKind(history, kind, now);
  const step: Step = {
    ...(last ?? { kind, at: now }),
    moved: last?.moved
      ? {
          done: followedBy(last.moved.done, moved.done),
          undone: followedBy(moved.undone, last.moved.undone),
        }
      : moved,
    ...(isPart ? {} : { at: now }),
  };
  const past = last ? history.past.slice(0, -1) : history.past;
  return { text: history.text, past: [...past, step].slice(-MOST_STEPS), future: [] };
}

function lastOfKind(history: History, kind: string, now: number): Step | undefined {
  const last = history.past.at(-1);
  const isMore =
    kind !== "" && last?.kind === kind && now - last.at < PAUSE && history.future.length === 0;
  return isMore ? last : undefined;
}

export function undone(history: History): Stepped {
  const step = history.past.at(-1);
  if (step === undefined) return { history, layout: null };
  return {
    history: {
      text: step.undone ? spliced(history.text, [step.undone]) : history.text,
      past: history.past.slice(0, -1),
      future: [...history.future, step],
    },
    layout: step.moved?.undone ?? null,
  };
}

export function redone(history: History): Stepped {
  const step = history.future.at(-1);
  if (step === undefined) return { history, layout: null };
  return {
    history: {
      text: step.done ? spliced(history.text, [step.done]) : history.text,
      // A step that was made again is complete: more typing is another one.
      past: [...history.past, { ...step, kind: "" }],
      future: history.future.slice(0, -1),
    },
    layout: step.moved?.done ?? null,
  };
}
