/** How values are spelled: as YAML in the style of what stands around them, or as JSON. */

import { Document, isCollection, isMap, isSeq, Scalar, type ToStringOptions, visit } from "yaml";

export interface Style {
  json: boolean;
  /** Columns of one level. */
  indent: number;
  /** Whether lists stand deeper than the key before them. */
  indentLists: boolean;
  newline: string;
}

const OPTIONS = { lineWidth: 0, flowCollectionPadding: false, nullStr: "null" } as const;

function options(style: Style): ToStringOptions {
  return {
    ...OPTIONS,
    indent: style.indent,
    indentSeq: style.indentLists,
    blockQuote: "literal",
  };
}

/** Text of a value in one line, as it stands within `{…}` and `[…]`. */
export function flowText(value: unknown, style: Style): string {
  if (style.json) return jsonLine(value);
  const document = new Document(value, { compat: "yaml-1.1" });
  visit(document, {
    Collection: (_, node) => {
      node.flow = true;
    },
    Scalar: (_, node) => {
      // A text of several lines would be a block, which no flow has.
      if (typeof node.value === "string" && /[\n\r]/.test(node.value))
        node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  // A lone scalar is spelled for the outermost level, where more is plain than within brackets.
  if (!isCollection(document.contents)) return flowText([value], style).slice(1, -1);
  return textOf(document, style).trimEnd();
}

/** Line ends that only some readers of YAML take for such. */
const ODD_LINE_ENDS = /[\u0085\u2028\u2029]/g;

function textOf(document: Document, style: Style): string {
  visit(document, {
    Scalar: (_, node) => {
      const text = typeof node.value === "string" ? node.value : "";
      if (/[\u0085\u2028\u2029\ufeff]/.test(text) || /^[^\n]*\t[^\n]*$/.test(text))
        node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document
    .toString(options(style))
    .replace(ODD_LINE_ENDS, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** JSON in one line, with a space behind commas and colons. */
function jsonLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonLine).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const pairs = Object.entries(value).map(([key, inner]) => `${quoted(key)}: ${jsonLine(inner)}`);
    return `{${pairs.join(", ")}}`;
  }
  return JSON.stringify(value ?? null);
}

/** JSON over lines, whose further lines begin at a column. */
export function jsonBlock(value: unknown, style: Style, column: number): string {
  const lines = JSON.stringify(value ?? null, null, style.indent).split("\n");
  return indented(lines, column, style);
}

export function quoted(text: string): string {
  return JSON.stringify(text);
}

export function keyText(key: string, style: Style): string {
  if (style.json) return quoted(key);
  const text = flowText({ [key]: 0 }, style);
  return text.slice(1, text.lastIndexOf(": 0}"));
}

/** What a value is to look like, where it can. */
export interface Look {
  /** The text that stood there: it says whether quotes or a block are wanted. */
  like?: Scalar | undefined;
  /** Write a map, or each item of a list, in one line. */
  inLine?: boolean | undefined;
}

/** What follows the colon of a pair that begins at a column: ` value`, or lines below it. */
export function pairValue(value: unknown, style: Style, column: number, look: Look): string {
  const document = new Document({ k: imitating(value, look.like) }, { compat: "yaml-1.1" });
  if (look.inLine) setInLine(document.get("k", true));
  return lines(document, style, column).slice(2);
}

/** What follows the dash of an item whose dash stands at a column. */
export function itemValue(value: unknown, style: Style, column: number, look: Look): string {
  const document = new Document([imitating(value, look.like)], { compat: "yaml-1.1" });
  if (look.inLine) setInLine(document.get(0, true));
  return lines(document, style, column).slice(1);
}

function setInLine(node: unknown): void {
  if (isMap(node)) node.flow = true;
  else if (isSeq(node)) node.items.forEach(setInLine);
}

function lines(document: Document, style: Style, column: number): string {
  const text = textOf(document, style);
  return indented(text.replace(/\n$/, "").split("\n"), column, style);
}

function indented(all: string[], column: number, style: Style): string {
  return all
    .map((line, index) => (index === 0 || line === "" ? line : " ".repeat(column) + line))
    .join(style.newline);
}

/** Text is spelled as the one before it was: in quotes, or as a block. */
function imitating(value: unknown, like?: Scalar): unknown {
  if (typeof value !== "string" || !like?.type) return value;
  const made = new Scalar(value);
  made.type = like.type === Scalar.BLOCK_FOLDED ? Scalar.BLOCK_LITERAL : like.type;
  return made;
}
