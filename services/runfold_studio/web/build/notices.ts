/** Writes `NOTICES.txt`: the licences of the libraries that the assets contain. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/** Licences that may be shipped. */
const ALLOWED = new Set([
  "MIT",
  "ISC",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "0BSD",
  "Apache-2.0",
  "Unlicense",
  "BlueOak-1.0.0",
]);

function packageOf(module: string): string | null {
  const at = module.lastIndexOf("/node_modules/");
  if (at < 0) return null;
  const rest = module.slice(at + "/node_modules/".length).split("/");
  const name = rest[0]?.startsWith("@") ? rest.slice(0, 2).join("/") : (rest[0] ?? "");
  return module.slice(0, at + "/node_modules/".length) + name;
}

function licenceText(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  return file ? readFileSync(join(folder, file), "utf8").trim() : "";
}

export function notices(): Plugin {
  return {
    name: "runfold-notices",
    generateBundle() {
      const folders = new Set<string>();
      for (const module of this.getModuleIds()) {
        const folder = packageOf(module.replace(/^\0/, "").split("?")[0] ?? "");
        if (folder && existsSync(join(folder, "package.json"))) folders.add(folder);
      }
      const entries = [...folders].map((folder) => {
        const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
        if (!ALLOWED.has(about.license)) {
          throw new Error(
            `${about.name} has the licence ${about.license}, which may not be shipped`,
          );
        }
        return `${about.name} ${about.version} (${about.license})\n\n${licenceText(folder)}\n`;
      });
      entries.sort();
      const source = `The studio contains these libraries.\n\n${entries.join(`\n${"-".repeat(72)}\n\n`)}`;
      this.emitFile({ type: "asset", fileName: "NOTICES.txt", source });
    },
  };
}
