/** Light or dark: the system's until somebody chooses. */

import { useSyncExternalStore } from "react";
import { forGood } from "@/api/kept";

export type Theme = "system" | "light" | "dark";
const NAME = "runfold.theme";
const listeners = new Set<() => void>();

function initial(): Theme {
  const chosen = forGood.get(NAME);
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

let current = initial();

function apply(): void {
  document.documentElement.style.colorScheme = current === "system" ? "light dark" : current;
  document.documentElement.dataset.theme = current;
}

apply();

export function setTheme(next: Theme): void {
  current = next;
  forGood.set(NAME, next);
  apply();
  for (const listener of listeners) listener();
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

/** Whether the page is dark now; for what is not drawn by style sheets. */
export function isDark(): boolean {
  if (current !== "system") return current === "dark";
  return globalThis.matchMedia?.("(prefers-color-scheme: dark)").matches ?? false;
}
