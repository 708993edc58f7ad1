/** Parts of the page that could not be loaded: the gateway is away, or has newer ones under other names. */

import { texts } from "@/i18n/language";
import { shellTexts } from "./texts";

const found = new WeakSet<Error>();

/** Tell such errors apart from now on, and say them in the page's words. */
export function watchLoading(): void {
  addEventListener("vite:preloadError", ({ payload }) => {
    found.add(payload);
    payload.message = texts(shellTexts).notLoaded;
  });
}

export function isNotLoaded(error: unknown): boolean {
  return error instanceof Error && found.has(error);
}
