/** The mend of a finding that knows which name was probably meant: where it stands, and what it becomes. No React. */

import type { SourceDocument } from "./document";
import { renamedInText } from "./references";
import type { Path } from "./source/parse";
import { isObject, valueAt } from "./source/values";

/** What of a finding is needed. */
export interface Mendable {
  path: string;
  suggestion?: { written: string; meant: string } | null;
}

export type Mend = { rename: Path; name: string } | { set: { path: Path; value: string }[] };

/** What mends a finding; null where it suggests nothing, or the document no longer says what it is about. */
export function mendOf(value: unknown, { path: where, suggestion }: Mendable): Mend | null {
  if (!suggestion) return null;
  const { written, meant } = suggestion;
  const path = pathIn(value, where, written);
  if (path === null) return null;
  const there = valueAt(value, path);
  if (path.at(-1) === written && there !== written) {
    const around = valueAt(value, path.slice(0, -1));
    // Two keys of one name would be one too many.
    return isObject(around) && !Object.hasOwn(around, meant) ? { rename: path, name: meant } : null;
  }
  const set = textsOf(there, path, written, meant);
  return set.length > 0 ? { set } : null;
}

export function mended(document: SourceDocument, mend: Mend): SourceDocument {
  return "rename" in mend ? document.renameKey(mend.rename, mend.name) : document.setAll(mend.set);
}

/** A finding's path as steps in a value: `edges[0].port` is where its edge says so, by whatever key. */
function pathIn(value: unknown, where: string, written: string): Path | null {
  const path: (string | number)[] = [];
  let here = value;
  let left = where;
  while (left !== "") {
    const step = stepOf(here, left);
    if (step === null) return isLast(left) ? byValue(here, path, written) : null;
    path.push(step.key);
    here = valueAt(here, [step.key]);
    left = left.slice(step.length);
  }
  return path;
}

/** The next step, and the characters that it takes. Keys may have dots and brackets: the longest that is there. */
function stepOf(here: unknown, left: string): { key: string | number; length: number } | null {
  if (Array.isArray(here)) {
    const [whole, index] = /^\[(\d+)\]/.exec(left) ?? [];
    const isThere = whole !== undefined && Number(index) < here.length;
    return isThere ? { key: Number(index), length: whole.length } : null;
  }
  if (!isObject(here)) return null;
  const dot = left.startsWith(".") ? 1 : 0;
  const name = left.slice(dot);
  const keys = Object.keys(here).filter(
    (key) => key !== "" && name.startsWith(key) && /^(?:$|[.[])/.test(name.slice(key.length)),
  );
  const key = keys.sort((a, b) => b.length - a.length)[0];
  return key === undefined ? null : { key, length: dot + key.length };
}

function isLast(left: string): boolean {
  return /^\.?[^.[\]]+$/.test(left);
}

function byValue(here: unknown, path: Path, written: string): Path | null {
  const keys = Object.entries(isObject(here) ? here : {}).filter(([, value]) => value === written);
  return keys.length === 1 && keys[0] ? [...path, keys[0][0]] : null;
}

/** The texts of a value that have the name, with what they become. */
function textsOf(
  value: unknown,
  path: Path,
  written: string,
  meant: string,
): { path: Path; value: string }[] {
  if (typeof value === "string") {
    const text = textWith(value, path.at(-1) === "ref", written, meant);
    return text === value ? [] : [{ path, value: text }];
  }
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value ?? {});
  if (typeof value !== "object" || value === null) return [];
  return inner.flatMap(([key, one]) => textsOf(one, [...path, key], written, meant));
}

function textWith(text: string, isReference: boolean, written: string, meant: string): string {
  if (text === written) return meant;
  if (isReference)
    return text.startsWith(`${written}.`) || text.startsWith(`${written}[`)
      ? meant + text.slice(written.length)
      : text;
  const isExpression = !text.includes("{{") && !text.includes("{%");
  return renamedInText(text, written, meant, isExpression);
}
