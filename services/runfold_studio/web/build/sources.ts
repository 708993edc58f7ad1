/** What the built assets are made of: the files whose change makes a build stale. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

export const ROOT = join(import.meta.dirname, "..");

/** Folders and files, below the root, that a build reads; `tests/support/studio_build.py` has the same. */
const READ = [
  "build",
  "index.html",
  "package-lock.json",
  "package.json",
  "src",
  "tsconfig.json",
  "vite.config.ts",
];

function filesBelow(path: string): string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const found = join(path, entry.name);
    return entry.isDirectory() ? filesBelow(found) : [found];
  });
}

/** Types of the API, made when they are needed: nothing of them is in a build. */
const GENERATED = join(ROOT, "src", "api", "schema.ts");

export function sha256(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** One hash over names and contents, names in the order of their UTF-8 bytes. */
export function hashOfSources(): string {
  const all = READ.flatMap((name) =>
    /\.\w+$/.test(name) ? [join(ROOT, name)] : filesBelow(join(ROOT, name)),
  );
  const lines = all
    .filter((path) => path !== GENERATED)
    .map((path) => {
      const name = relative(ROOT, path).split(sep).join("/");
      return `${name} ${sha256(readFileSync(path))}\n`;
    });
  lines.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return sha256(lines.join(""));
}
