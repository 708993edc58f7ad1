/// <reference types="vitest/config" />
import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { manifest } from "./build/manifest.ts";
import { notices } from "./build/notices.ts";

const gateway = process.env.RUNFOLD_URL ?? "http://127.0.0.1:8321";

/** What every screen is made of. */
const SHARED = [
  /node_modules\/(react|react-dom|scheduler|use-sync-external-store|@tanstack)\//,
  /src\/api\/(changes|client|kept|key|sse|streams|texts)\.ts/,
  /src\/i18n\/(language|numbers)\.ts/,
  /src\/ui\/(later|modal|states|status|texts|title|visible)\.tsx?/,
];

export default defineConfig({
  base: "/studio/",
  plugins: [react(), notices(), manifest()],
  resolve: { alias: { "@": resolve(import.meta.dirname, "src") } },
  // The gateway puts a nonce of the answer where this stands.
  html: { cspNonce: "RUNFOLD_NONCE" },
  build: {
    outDir: process.env.STUDIO_OUT ?? "../built",
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    sourcemap: false,
    // One file of it: each further one costs its name in all that load it, and compresses less.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: "shared", test: (id) => SHARED.some((one) => one.test(id)) }],
        },
      },
    },
  },
  server: { proxy: { "/api": gateway, "/v1": gateway } },
  test: { environment: "jsdom", include: ["tests/**/*.test.{ts,tsx}"], restoreMocks: true },
});
