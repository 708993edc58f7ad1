import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = join(import.meta.dirname, "..", "src");

function files(folder: string, ending: RegExp): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Words between tags, and in attributes that are read out or shown. */
const BETWEEN_TAGS = />\s*([^<>{}()=;&|]*\p{L}{2,}[^<>{}()=;&|]*)\s*<\//gu;
const IN_ATTRIBUTES = /\b(?:aria-label|title|placeholder|alt)="([^"]*\p{L}[^"]*)"/gu;
/** The same in every language: the product, and a word of JSON. */
const NAMES = new Set(["runfold", "null"]);

describe("the texts of the studio", () => {
  it("stand in catalogues, and none in the markup", () => {
    const found = files(SRC, /\.tsx$/).flatMap((path) => {
      const source = readFileSync(path, "utf8");
      return [...source.matchAll(BETWEEN_TAGS), ...source.matchAll(IN_ATTRIBUTES)]
        .map((match) => match[1]?.trim() ?? "")
        .filter((text) => !NAMES.has(text))
        .map((text) => `${path.slice(SRC.length)}: ${text}`);
    });
    expect(found).toEqual([]);
  });

  it("are told in Chinese where they are told in English", async () => {
    const same: string[] = [];
    for (const path of files(SRC, /texts\.ts$/)) {
      const module = (await import(/* @vite-ignore */ path)) as Record<string, unknown>;
      for (const [name, texts] of Object.entries(module)) same.push(...untold(name, texts));
    }
    expect(same).toEqual([]);
  });
});

/** Sentences of a catalogue that are the same in both languages; both must have the same names. */
function untold(name: string, texts: unknown): string[] {
  const { en, zh } = texts as { en?: Record<string, unknown>; zh?: Record<string, unknown> };
  if (!en || !zh) return [];
  expect(Object.keys(zh).sort(), name).toEqual(Object.keys(en).sort());
  return Object.entries(en)
    .filter(([, text]) => typeof text === "string" && /\p{L}{2,} \p{L}{2,}/u.test(text))
    .filter(([key, text]) => zh[key] === text)
    .map(([key]) => `${name}.${key}`);
}
