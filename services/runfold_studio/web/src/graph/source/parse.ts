/** A source text read as YAML, of which JSON is a part, as the gateway reads it; and where things stand in it. */

import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { lineEnd } from "./text";

export type Path = readonly (string | number)[];
export type Collection = YAMLMap | YAMLSeq;

export interface Parsed {
  document: Document.Parsed;
  /** The value as JSON has it. */
  value: unknown;
}

export interface ReadingProblem {
  message: string;
  /** Where it is, counted in characters. */
  at: number;
}

const MOST_ALIASES = 100;

/** Whole numbers as the gateway has them: `007` and `1_000` are text. */
const WHOLE = /^(?:[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+|0o[0-7]+)$/;

/** Read a text.
 *
 * @returns what it is, or why it cannot be read.
 */
export function read(text: string): Parsed | ReadingProblem {
  const document = parseDocument(text, {
    keepSourceTokens: true,
    merge: true,
    version: "1.2",
    schema: "core",
    strict: true,
    uniqueKeys: true,
    logLevel: "silent",
    customTags: (tags) => [
      ...tags.filter((tag) => typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:int"),
      {
        identify: (value) => typeof value === "number" && Number.isInteger(value),
        default: true,
        tag: "tag:yaml.org,2002:int",
        test: WHOLE,
        resolve: (source) => Number(source.replace(/^\+/, "")),
        stringify: (item) => (item instanceof Scalar ? String(item.value) : ""),
      },
    ],
  });
  const first = document.errors[0];
  if (first) return { message: first.message.split("\n")[0] ?? "", at: first.pos[0] };
  try {
    return { document, value: document.toJS({ maxAliasCount: MOST_ALIASES }) };
  } catch (error) {
    return { message: error instanceof Error ? error.message : String(error), at: 0 };
  }
}

export function isProblem(found: Parsed | ReadingProblem): found is ReadingProblem {
  return "message" in found;
}

/** What stands at a step below a collection: the node, and the pair when it is a map's. */
export interface Found {
  node: Node | null;
  pair: Pair<Scalar, Node | null> | null;
  index: number;
}

/** The child of a collection; null when its text has none of that name, merged ones included. */
export function child(parent: Collection, step: string | number): Found | null {
  if (isSeq(parent)) {
    const node = parent.items[Number(step)] as Node | undefined;
    return node === undefined || typeof step !== "number"
      ? null
      : { node, pair: null, index: step };
  }
  const index = parent.items.findIndex((pair) => keyOf(pair) === String(step));
  if (index < 0) return null;
  const pair = parent.items[index] as Pair<Scalar, Node | null>;
  return { node: pair.value, pair, index };
}

/** A key as text, which all keys are to the gateway. */
export function keyOf(pair: unknown): string {
  if (!isPair(pair) || !isScalar(pair.key)) return "";
  return pair.key.source ?? String(pair.key.value);
}

export function collectionOf(node: unknown): Collection | null {
  return isMap(node) || isSeq(node) ? node : null;
}

/** The first character of a node, its anchor and tag included. */
export function startOf(node: Node): number {
  const token = (node as { srcToken?: { offset: number } }).srcToken;
  return Math.min(node.range?.[0] ?? 0, token?.offset ?? Number.POSITIVE_INFINITY);
}

/** Behind the last character of a pair's value, or of its colon when it has none. */
export function endOfPair(text: string, pair: Pair<Scalar, Node | null>): number {
  const value = pair.value;
  if (value && !isEmptyNull(value)) return endOf(text, value);
  return afterColon(text, pair);
}

/** A null that is written by writing nothing. */
export function isEmptyNull(node: Node): boolean {
  return isScalar(node) && node.value === null && (node.source ?? "") === "" && !node.anchor;
}

/** Behind the colon of a pair; behind its key when it has no colon. */
export function afterColon(text: string, pair: Pair<Scalar, Node | null>): number {
  const token = (pair as { srcToken?: { sep?: { type: string; offset: number }[] } }).srcToken;
  const colon = token?.sep?.find((one) => one.type === "map-value-ind");
  return colon ? colon.offset + 1 : endOf(text, pair.key);
}

/** Behind the last character that belongs to a node; a block text ends before its last line feed. */
export function endOf(text: string, node: Node): number {
  const to = node.range?.[1] ?? 0;
  const collection = collectionOf(node);
  if (collection && !collection.flow) {
    const last = collection.items.at(-1);
    if (last === undefined) return to;
    const end = isPair(last)
      ? endOfPair(text, last as Pair<Scalar, Node | null>)
      : isEmptyNull(last as Node)
        ? (last as Node).range?.[1]
        : endOf(text, last as Node);
    return Math.max(end ?? to, startOf(node));
  }
  if (isScalar(node) && (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED))
    return endOfBlock(text, node.range?.[0] ?? 0, to);
  return to;
}

/** A block text's end: with `+` its empty lines are a part of it, else they are not. */
function endOfBlock(text: string, from: number, to: number): number {
  const header = text.slice(from, lineEnd(text, from));
  const whole = text.slice(from, to);
  const kept = /^[|>][1-9]?\+/.test(header);
  const trimmed = kept ? whole.replace(/\r?\n$/, "") : whole.replace(/[ \t\r\n]+$/, "");
  return from + Math.max(trimmed.length, header.length);
}

/** The end of the line that a node's end stands in, when nothing but a comment comes before it. */
export function endWithComment(text: string, end: number): number {
  const rest = text.slice(end, lineEnd(text, end));
  return /^[ \t]*(#.*)?$/.test(rest) && (rest === "" || /^[ \t]/.test(rest))
    ? end + rest.length
    : end;
}

/** The first character of what stands at a path, or of the nearest on the way there. */
export function offsetOf(document: Document.Parsed, path: Path): number {
  let node = document.contents as Node | null;
  let at = node ? startOf(node) : 0;
  for (const step of path) {
    const parent = collectionOf(node);
    const found = parent && child(parent, step);
    if (!found) return at;
    if (found.pair) at = startOf(found.pair.key);
    else if (found.node) at = startOf(found.node);
    node = found.node;
  }
  return at;
}

/** The column of a place, from 0. */
export function columnOf(text: string, at: number): number {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const mark = start === 0 && text.startsWith("\ufeff") ? 1 : 0;
  return at - start - mark;
}

export { isAlias, isMap, isScalar, isSeq };
