/** Edits of a source text as splices: a value set, removed or put in; all else keeps its characters. */

import { type Document, isPair, isScalar, isSeq, type Node, type Pair, Scalar } from "yaml";
import {
  afterColon,
  type Collection,
  child,
  collectionOf,
  columnOf,
  endOf,
  endOfPair,
  isAlias,
  isEmptyNull,
  type Path,
  startOf,
} from "./parse";
import { blockGap, dashOf, flowGap, runs } from "./removing";
import { flowText, itemValue, jsonBlock, keyText, type Look, pairValue, type Style } from "./spell";
import { lineEnd, lineStart, type Splice } from "./text";
import { withValue } from "./values";

/** The text does not let itself be edited in this place; a person may edit the text itself. */
export class CannotEdit extends Error {}

export interface Source {
  text: string;
  document: Document.Parsed;
  style: Style;
}

interface Place {
  parent: Collection;
  node: Node | null;
  pair: Pair<Scalar, Node | null> | null;
  index: number;
}

const MOST_ALIASES = 100;

/** Set a value; what is missing on the way to it is made. */
export function setValue(source: Source, path: Path, value: unknown, look: Look = {}): Splice[] {
  const root = source.document.contents as Node | null;
  return path.length === 0 || root === null
    ? [replaceRoot(source, withValue(undefined, path, value))]
    : [setBelow(source, root, path, value, look)];
}

function setBelow(source: Source, node: Node, path: Path, value: unknown, look: Look): Splice {
  const parent = collectionOf(node);
  const [step, ...rest] = path;
  if (parent === null || step === undefined) throw new CannotEdit(path.join("."));
  const found = child(parent, step);
  if (found === null) {
    const made = withValue(undefined, rest, value);
    return insert(source, parent, step, made, rest.length === 0 ? look : {});
  }
  const place = { ...found, parent };
  if (rest.length === 0) return replace(source, place, value, look);
  if (found.node && collectionOf(found.node)?.items.length)
    return setBelow(source, found.node, rest, value, look);
  // An alias stands for what is written elsewhere: here it becomes a value of its own.
  const whole = isAlias(found.node)
    ? found.node.toJS(source.document, { maxAliasCount: MOST_ALIASES })
    : null;
  return replace(source, place, withValue(whole, rest, value), look);
}

/** Remove what stands at a path; nothing when nothing does. */
export function removeValue(source: Source, path: Path): Splice[] {
  const parent = nodeAt(source, path.slice(0, -1));
  const found = parent && child(parent, path.at(-1) ?? "");
  return found ? removeItems(source, path.slice(0, -1), [found.index]) : [];
}

/** Remove several items of one collection, by their numbers in the text. */
export function removeItems(source: Source, path: Path, indices: readonly number[]): Splice[] {
  const parent = nodeAt(source, path);
  const gone = new Set(indices);
  if (parent === null || gone.size === 0) return [];
  if (gone.size === parent.items.length) return setValue(source, path, isSeq(parent) ? [] : {});
  return runs(gone, parent.items.length).map(([first, last]) =>
    parent.flow
      ? flowGap(source.text, parent, first, last)
      : blockGap(source.text, parent, first, last),
  );
}

/** Put an item behind the last of a list, which is made when there is none. */
export function addItem(source: Source, path: Path, value: unknown, look: Look = {}): Splice[] {
  const parent = nodeAt(source, path);
  if (parent === null || !isSeq(parent) || parent.items.length === 0)
    return setValue(source, path, [value], look);
  const last = collectionOf(parent.items.at(-1));
  const inLine = last ? last.flow === true : look.inLine;
  return [insert(source, parent, parent.items.length, value, { inLine })];
}

/** Give a key another name, in its place. */
export function renameKey(source: Source, path: Path, name: string): Splice[] {
  const parent = nodeAt(source, path.slice(0, -1));
  const key = parent && child(parent, path.at(-1) ?? "")?.pair?.key;
  if (!key) throw new CannotEdit(path.join("."));
  const isQuoted = key.type === Scalar.QUOTE_SINGLE || key.type === Scalar.QUOTE_DOUBLE;
  const insert = isQuoted ? JSON.stringify(name) : keyText(name, source.style);
  return [{ from: startOf(key), to: key.range?.[1] ?? startOf(key), insert }];
}

/** The collection at a path; null when there is none in the text itself. */
export function nodeAt(source: Source, path: Path): Collection | null {
  let node = source.document.contents as Node | null;
  for (const step of path) {
    const collection = collectionOf(node);
    node = (collection && child(collection, step)?.node) ?? null;
  }
  return collectionOf(node);
}

/** Write what each alias stands for in its place. */
export function unaliased(source: Source): Splice[] {
  const found: Splice[] = [];
  const look = (parent: Collection) => {
    for (const [index, item] of parent.items.entries()) {
      const pair = isPair(item) ? (item as Pair<Scalar, Node | null>) : null;
      const node = pair ? pair.value : (item as Node);
      if (isAlias(node)) {
        const value = node.toJS(source.document, { maxAliasCount: MOST_ALIASES });
        found.push(replace(source, { parent, node, pair, index }, value, {}));
      } else if (collectionOf(node)) look(node as Collection);
    }
  };
  const root = collectionOf(source.document.contents);
  if (root) look(root);
  return found;
}

// --- replacing ----------------------------------------------------------------------------------

function replaceRoot(source: Source, value: unknown): Splice {
  const { text, style } = source;
  const root = source.document.contents as Node | null;
  const made = style.json
    ? jsonBlock(value, style, 0)
    : itemValue(value, { ...style, indent: 2 }, 0, {})
        .replace(/^ /, "")
        .replace(/\n {2}/g, "\n");
  if (root === null) return { from: text.length, to: text.length, insert: made + style.newline };
  return { from: startOf(root), to: endOf(text, root), insert: made };
}

function replace(source: Source, place: Place, value: unknown, look: Look): Splice {
  return place.parent.flow
    ? replaceInFlow(source, place, value)
    : replaceInBlock(source, place, value, look);
}

function replaceInFlow(source: Source, { node, pair, parent }: Place, value: unknown): Splice {
  const { text } = source;
  if (pair) {
    const from = afterColon(text, pair);
    const insert = `${anchorOf(node)} ${inFlow(source, from, value)}`;
    return { from, to: endOfPair(text, pair), insert };
  }
  const from = node ? startOf(node) : endOf(text, parent) - 1;
  return { from, to: node ? endOf(text, node) : from, insert: inFlow(source, from, value) };
}

function replaceInBlock(source: Source, place: Place, value: unknown, look: Look): Splice {
  const { text, style } = source;
  const { node, pair, parent, index } = place;
  const how = { ...look, like: look.like ?? (isScalar(node) ? node : undefined) };
  if (pair) {
    const made = pairValue(value, style, columnOf(text, startOf(pair.key)), how);
    const to = endOfPair(text, pair);
    return { from: afterColon(text, pair), to, insert: anchorOf(node) + made };
  }
  const dash = dashOf(parent, index);
  const to = node && !isEmptyNull(node) ? endOf(text, node) : dash + 1;
  const made = itemValue(value, style, columnOf(text, dash), how);
  return { from: dash + 1, to, insert: anchorOf(node) + made };
}

/** The anchor of a value, which others may refer to. */
function anchorOf(node: Node | null): string {
  return node && "anchor" in node && node.anchor ? ` &${node.anchor}` : "";
}

/** A value as it stands within brackets; JSON goes over lines where the line has nothing before it. */
function inFlow(source: Source, at: number, value: unknown, isMultiLine?: boolean): string {
  const { text, style } = source;
  const line = text.slice(lineStart(text, at), at);
  const startsLine = isMultiLine ?? /^[ \t]*("(?:[^"\\]|\\.)*"\s*:)?\s*$/.test(line);
  const isPlain = typeof value !== "object" || value === null || Object.keys(value).length === 0;
  if (!style.json || isPlain || !startsLine) return flowText(value, style);
  return jsonBlock(value, style, line.length - line.trimStart().length);
}

// --- putting in ---------------------------------------------------------------------------------

function insert(
  source: Source,
  parent: Collection,
  step: string | number,
  value: unknown,
  look: Look,
): Splice {
  if (isSeq(parent) !== (typeof step === "number")) throw new CannotEdit(String(step));
  return parent.flow
    ? insertFlow(source, parent, step, value)
    : insertBlock(source, parent, step, value, look);
}

function insertBlock(
  source: Source,
  parent: Collection,
  step: string | number,
  value: unknown,
  look: Look,
): Splice {
  const { text, style } = source;
  const end = endOf(text, parent);
  const at = lineEnd(text, end);
  const first = parent.items[0];
  if (first === undefined || !/^[ \t]*(#.*)?$/.test(text.slice(end, at)))
    throw new CannotEdit(String(step));
  const isList = typeof step === "number";
  const start = isList ? dashOf(parent, 0) : startOf((first as Pair<Scalar>).key);
  const column = columnOf(text, start);
  const made = isList
    ? `-${itemValue(value, style, column, look)}`
    : `${keyText(step, style)}:${pairValue(value, style, column, look)}`;
  return { from: at, to: at, insert: style.newline + " ".repeat(column) + made };
}

function insertFlow(
  source: Source,
  parent: Collection,
  step: string | number,
  value: unknown,
): Splice {
  const { text, style } = source;
  const key = typeof step === "number" ? "" : `${keyText(step, style)}: `;
  const last = parent.items.at(-1) as Node | Pair<Scalar, Node | null> | undefined;
  if (last === undefined) {
    const at = startOf(parent) + 1;
    return { from: at, to: at, insert: key + inFlow(source, at, value, false) };
  }
  const [start, end] =
    "key" in last ? [startOf(last.key), endOfPair(text, last)] : [startOf(last), endOf(text, last)];
  const line = text.slice(lineStart(text, start), start);
  const isMultiLine = /^[ \t]*$/.test(line) && lineStart(text, start) > startOf(parent);
  const gap = isMultiLine ? style.newline + line : " ";
  return {
    from: end,
    to: end,
    insert: `,${gap}${key}${insertedValue(source, value, isMultiLine, line.length)}`,
  };
}

function insertedValue(
  source: Source,
  value: unknown,
  isMultiLine: boolean,
  column: number,
): string {
  const { style } = source;
  return style.json && isMultiLine ? jsonBlock(value, style, column) : flowText(value, style);
}
