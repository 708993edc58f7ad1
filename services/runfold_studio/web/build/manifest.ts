/** Writes `manifest.json`: of which sources the assets are, and what each of them is. */

import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { hashOfSources, sha256 } from "./sources.ts";

export function manifest(): Plugin {
  return {
    name: "runfold-manifest",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const items = Object.values(bundle).sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
        const assets = items.map((item) => {
          const bytes = Buffer.from(item.type === "chunk" ? item.code : item.source);
          const gzip = gzipSync(bytes, { level: 9 }).length;
          return [item.fileName, { sha256: sha256(bytes), bytes: bytes.length, gzip }];
        });
        // What a browser loads before a screen can be shown: the chunk, what it imports, its styles.
        const chunks = items
          .filter((item) => item.type === "chunk")
          .map((item) => {
            const styles = [...(item.viteMetadata?.importedCss ?? [])].sort();
            const module =
              item.facadeModuleId?.replace(/^.*\/(src|node_modules)\//, "$1/") ?? item.name;
            return [item.isEntry ? "entry" : module, [item.fileName, ...item.imports, ...styles]];
          });
        const document = {
          sources: hashOfSources(),
          assets: Object.fromEntries(assets),
          chunks: Object.fromEntries(chunks),
        };
        const source = `${JSON.stringify(document, null, 1)}\n`;
        this.emitFile({ type: "asset", fileName: "manifest.json", source });
      },
    },
  };
}
