/** What of a text goes when items of a collection do: with their line, their comma and their comments. */

import { isPair, type Node, type Pair, type Scalar } from "yaml";
import {
  type Collection,
  columnOf,
  endOf,
  endOfPair,
  endWithComment,
  isEmptyNull,
  isSeq,
  startOf,
} from "./parse";
import { lineEnd, lineStart, type Splice } from "./text";

type Item = Node | Pair<Scalar, Node | null>;

interface DashToken {
  start?: { type: string; offset: number }[];
}

/** Where the dash of an item of a block list stands. */
export function dashOf(list: Collection, index: number): number {
  const token = (list as { srcToken?: { items?: DashToken[] } }).srcToken;
  const dashes = (token?.items ?? []).flatMap(
    (item) => item.start?.find((one) => one.type === "seq-item-ind") ?? [],
  );
  const dash = dashes[index];
  if (dash === undefined) throw new RangeError(`the list has no item ${index}`);
  return dash.offset;
}

/** Runs of numbers that follow each other, each with its first and last. */
export function runs(numbers: ReadonlySet<number>, count: number): [number, number][] {
  const found: [number, number][] = [];
  for (let index = 0; index < count; index += 1) {
    if (!numbers.has(index)) continue;
    const last = found.at(-1);
    if (last && last[1] === index - 1) last[1] = index;
    else found.push([index, index]);
  }
  return found;
}

/** Within brackets an item goes with the comma before it, the first one with the comma behind it. */
export function flowGap(text: string, list: Collection, first: number, last: number): Splice {
  const items = list.items as Item[];
  const before = items[first - 1];
  const end = itemEnd(text, list, last);
  if (before !== undefined) return { from: itemEnd(text, list, first - 1), to: end, insert: "" };
  return { from: itemStart(list, first), to: itemStart(list, last + 1), insert: "" };
}

/** In a block an item goes with its lines, and with the comment right above it. */
export function blockGap(text: string, list: Collection, first: number, last: number): Splice {
  const start = itemStart(list, first);
  const end = endWithComment(text, itemEnd(text, list, last));
  const line = lineStart(text, start);
  const before = text.slice(line, start).replace("\ufeff", "");
  if (before.trim() !== "") {
    // The first key of a list's item stands behind its dash, which stays.
    const next = itemStart(list, last + 1);
    const between = text.slice(end, next);
    return { from: start, to: /#/.test(between) ? end : next, insert: "" };
  }
  const from =
    first === 0 ? start - before.length : withComments(text, line, columnOf(text, start));
  const feed = text.indexOf("\n", end);
  if (feed < 0)
    return { from: Math.max(lineEnd(text, Math.max(0, from - 2)), 0), to: end, insert: "" };
  return { from, to: feed + 1, insert: "" };
}

/** The first of the comment lines right above a line, in its column. */
function withComments(text: string, line: number, column: number): number {
  let from = line;
  while (from > 0) {
    const above = lineStart(text, from - 1);
    const content = text.slice(above, from);
    if (content.length - content.trimStart().length !== column || content[column] !== "#") break;
    from = above;
  }
  return from;
}

function itemStart(list: Collection, index: number): number {
  const item = (list.items as Item[])[index];
  if (item === undefined) throw new RangeError(`the collection has no item ${index}`);
  if (isSeq(list) && !list.flow) return dashOf(list, index);
  return isPair(item) ? startOf(item.key as Node) : startOf(item);
}

function itemEnd(text: string, list: Collection, index: number): number {
  const item = (list.items as Item[])[index];
  if (item === undefined) throw new RangeError(`the collection has no item ${index}`);
  if (isPair(item)) return endOfPair(text, item as Pair<Scalar, Node | null>);
  if (isEmptyNull(item) && isSeq(list) && !list.flow) return dashOf(list, index) + 1;
  return endOf(text, item);
}
