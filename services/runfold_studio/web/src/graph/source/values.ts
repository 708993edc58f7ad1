/** Values as JSON has them: copies with a part set or taken out, and whether two are the same. */

import type { Path } from "./parse";

/** A copy of a value with another in it; what is missing on the way is made. */
export function withValue(whole: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === "number") {
    const copy: unknown[] = Array.isArray(whole) ? [...whole] : [];
    copy[step] = withValue(copy[step], rest, value);
    return copy;
  }
  const entries = new Map(Object.entries(isObject(whole) ? whole : {}));
  entries.set(step, withValue(entries.get(step), rest, value));
  // `fromEntries` makes `__proto__` a key like any other.
  return Object.fromEntries(entries);
}

/** A copy of a value without what stands at a path. */
export function withoutValue(whole: unknown, path: Path): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return undefined;
  if (Array.isArray(whole)) {
    if (rest.length === 0) return whole.filter((_, index) => index !== step);
    return whole.map((one, index) => (index === step ? withoutValue(one, rest) : one));
  }
  if (!isObject(whole)) return whole;
  const entries = new Map(Object.entries(whole));
  if (rest.length === 0) entries.delete(String(step));
  else if (entries.has(String(step)))
    entries.set(String(step), withoutValue(entries.get(String(step)), rest));
  return Object.fromEntries(entries);
}

/** Whether two values are the same; the order of keys does not count. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((one, index) => isSame(one, b[index]))
    );
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]))
  );
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands at a path of a value; undefined when nothing does. */
export function valueAt(whole: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (here, step) =>
      typeof here === "object" && here !== null && Object.hasOwn(here, step)
        ? (here as Record<string | number, unknown>)[step]
        : undefined,
    whole,
  );
}
