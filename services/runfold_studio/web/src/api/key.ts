/** The gateway's key, where it asks for one: kept for this tab alone, until it is closed. */

import { forTab } from "@/api/kept";

const NAME = "runfold.key";
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

let wanted = false;

export const key = {
  get: (): string => forTab.get(NAME) ?? "",
  /** Whether the gateway refused a request for want of a key that it knows. */
  wanted: (): boolean => wanted,
  set(value: string): void {
    wanted = false;
    forTab.set(NAME, value);
    tell();
  },
  refused(): void {
    wanted = true;
    tell();
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
