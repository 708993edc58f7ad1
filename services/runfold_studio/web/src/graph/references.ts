/** References of templates, conditions and settings to a name, and how they get another one. */

import { isObject } from "./source/values";

/** What of a kind says how its settings are read. */
export interface ReadingKind {
  raw?: string[];
  bodies?: { places: string[] } | null;
}

const WORDS = new Set(["and", "or", "not", "in", "is", "if", "else", "true", "false", "none"]);
const PYTHON = new Set([
  ...WORDS,
  ..."True False None as assert async await break class continue def del elif except finally for from global import lambda nonlocal pass raise return try while with yield null".split(
    " ",
  ),
]);
const NAME = "[\\p{L}\\p{M}\\p{N}_-]";
/** Settings in which nothing is read, or programs that get their values another way. */
const KEPT = new Set(["code", "sql", "document", "parameters", "written", "node", "workflow"]);
const QUOTED = `'(?:[^'\\\\]|\\\\.)*'|"(?:[^"\\\\]|\\\\.)*"`;

/** A text with its references to `from` leading to `to`.
 *
 * @param to a name, or a path such as `group.draft`.
 * @param isExpression whether all of it is an expression, and not only what stands in braces.
 */
export function renamedInText(
  text: string,
  from: string,
  to: string,
  isExpression = false,
): string {
  if (!text.includes(from)) return text;
  if (isExpression) {
    const pieces = text.split(/(\{\{[\s\S]*?\}\})/);
    return pieces
      .map((piece, index) =>
        index % 2 === 1 ? inBlocks(piece, from, to) : inExpression(piece, from, to, PYTHON),
      )
      .join("");
  }
  return inBlocks(text, from, to);
}

function inBlocks(text: string, from: string, to: string): string {
  // A name that the template gives to something of its own is not the node's.
  const own = new RegExp(
    `\\{%-?\\s*(?:set\\s+${escaped(from)}\\s*=|for\\s+(?:[^%]*,\\s*)?${escaped(from)}(?:\\s*,[^%]*)?\\s+in\\s)`,
    "u",
  );
  if (own.test(text)) return text;
  return text.replace(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g, (block) => {
    const inner = block.slice(2, -2);
    return block.slice(0, 2) + inExpression(inner, from, to, WORDS) + block.slice(-2);
  });
}

function inExpression(text: string, from: string, to: string, words: Set<string>): string {
  const name = escaped(from);
  const pattern = new RegExp(
    `(?<byName>(?<![\\p{L}\\p{N}_.])_\\s*\\[\\s*(?<quote>['"])${name}\\k<quote>\\s*\\])` +
      `|${QUOTED}` +
      `|(?<before>(?:[|.]|\\bis)\\s*)?(?<!${NAME})(?<plain>${name})(?!${NAME})(?<after>\\s*[(=](?!=))?`,
    "gu",
  );
  return text.replace(pattern, (...found) => {
    const whole = String(found[0]);
    const groups = found.at(-1) as Record<string, string | undefined>;
    if (groups.byName !== undefined) return byName(to);
    if (groups.plain === undefined || groups.before !== undefined || groups.after !== undefined)
      return whole;
    const at = Number(found.at(-3));
    return spelledName(to, words, text.slice(at + whole.length));
  });
}

/** A name as an expression reads it: by itself, or as `_['name']` where it would be something else. */
function spelledName(to: string, words: Set<string>, behind: string): string {
  const root = to.split(".")[0] ?? to;
  const isPlain = /^[\p{L}_][\p{L}\p{M}\p{N}_]*$/u.test(root) && !words.has(root);
  if (isPlain || (/^\.[\p{L}_]/u.test(to.slice(root.length) + behind) && words === WORDS))
    return to;
  return byName(to);
}

function byName(to: string): string {
  const [root = to, ...rest] = to.split(".");
  return [`_['${root}']`, ...rest].join(".");
}

/** A hyphen means something in a set of characters alone, and elsewhere must not be escaped. */
function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** One text of a value that is to change. */
export interface Renaming {
  path: (string | number)[];
  text: string;
}

/** The texts of a node that read a name, with what they are to be.
 *
 * @param isHidden whether a body has something else of that name, so that it is not looked at.
 */
export function renamingsOf(
  node: unknown,
  from: string,
  to: string,
  kindOf: (type: string) => ReadingKind | undefined,
): Renaming[] {
  if (!isObject(node)) return [];
  const kind = kindOf(String(node.type));
  const found: Renaming[] = [];
  for (const [key, value] of Object.entries(node)) {
    if (["id", "type", "name", "description"].includes(key)) continue;
    if (key === "compensate") {
      if (value === from && !to.includes(".")) found.push({ path: [key], text: to });
    } else if (key === "config" && isObject(value)) {
      for (const [setting, inner] of Object.entries(value))
        settingOf(found, inner, ["config", setting], {
          from,
          to,
          kindOf,
          raw: kind?.raw?.includes(setting) ?? false,
          bare: setting === "items" && kind?.bodies != null,
        });
    } else {
      textsOf(found, value, [key], { from, to, kindOf, raw: false, bare: false });
    }
  }
  return found;
}

interface How {
  from: string;
  to: string;
  kindOf: (type: string) => ReadingKind | undefined;
  raw: boolean;
  bare: boolean;
}

function settingOf(found: Renaming[], value: unknown, path: (string | number)[], how: How): void {
  const setting = String(path.at(-1));
  if (how.raw && KEPT.has(setting)) return;
  if (how.bare && value === how.from) found.push({ path, text: how.to });
  else textsOf(found, value, path, how, how.raw);
}

function textsOf(
  found: Renaming[],
  value: unknown,
  path: (string | number)[],
  how: How,
  isExpression = false,
): void {
  if (typeof value === "string") {
    const text = renamedText(value, path, how, isExpression);
    if (text !== value) found.push({ path, text });
  } else if (Array.isArray(value)) {
    if (path.at(-1) === "nodes") nodesOf(found, value, path, how);
    else for (const [index, one] of value.entries()) textsOf(found, one, [...path, index], how);
  } else if (isObject(value)) {
    const isBody = Array.isArray(value.nodes);
    if (hides(value.nodes, how.from)) return;
    for (const [key, inner] of Object.entries(value)) {
      if (!isBody || key !== "edges")
        textsOf(found, inner, [...path, key], how, how.raw && key === "condition");
    }
  }
}

function renamedText(
  text: string,
  path: (string | number)[],
  { from, to }: How,
  isExpression: boolean,
): string {
  return path.at(-1) === "ref"
    ? inExpression(text, from, to, WORDS)
    : renamedInText(text, from, to, isExpression);
}

function nodesOf(found: Renaming[], nodes: unknown[], path: (string | number)[], how: How): void {
  if (hides(nodes, how.from)) return;
  for (const [index, one] of nodes.entries())
    for (const inner of renamingsOf(one, how.from, how.to, how.kindOf))
      found.push({ path: [...path, index, ...inner.path], text: inner.text });
}

/** Whether a body has a node of the name itself, which hides the one outside. */
function hides(nodes: unknown, from: string): boolean {
  return Array.isArray(nodes) && nodes.some((one) => isObject(one) && one.id === from);
}
