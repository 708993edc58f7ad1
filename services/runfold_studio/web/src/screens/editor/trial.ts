/** What a node reads, as the paths under which a trial is given values. */

import { isObject } from "@/graph/source/values";

const ROOTS_OF_THEIR_OWN = new Set(["sys", "env", "secrets", "loop"]);
const WORDS = new Set(["true", "false", "none", "not", "and", "or", "in", "is", "if", "else"]);
const PATH =
  /(?<![\p{L}\p{N}_.'"|-])(\p{L}[\p{L}\p{M}\p{N}_-]*)((?:\.\p{L}[\p{L}\p{M}\p{N}_-]*)*)/gu;

/** The plain paths within the braces of a node's settings; the server says what else is missing. */
export function readNames(node: unknown): string[][] {
  const found = new Map<string, string[]>();
  const look = (value: unknown): void => {
    if (typeof value === "string")
      for (const path of pathsIn(value)) found.set(path.join("."), path);
    else if (Array.isArray(value)) for (const one of value) look(one);
    else if (isObject(value)) for (const one of Object.values(value)) look(one);
  };
  look(isObject(node) ? node.config : undefined);
  const all = [...found.values()];
  // `a.b` says already that there is an `a`.
  return all.filter(
    (path) =>
      !all.some(
        (other) => other.length > path.length && path.every((step, at) => other[at] === step),
      ),
  );
}

function pathsIn(text: string): string[][] {
  const found: string[][] = [];
  for (const [, inside = ""] of text.matchAll(/\{\{([\s\S]*?)\}\}/g)) {
    const bare = inside.replace(/'[^']*'|"[^"]*"/g, "''").replace(/\|\s*[\w]+/g, "|");
    for (const [, root = "", rest = ""] of bare.matchAll(PATH)) {
      if (ROOTS_OF_THEIR_OWN.has(root) || WORDS.has(root.toLowerCase())) continue;
      found.push([root, ...rest.split(".").filter(Boolean)]);
    }
  }
  return found;
}
