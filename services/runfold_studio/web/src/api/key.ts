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
  /**
   * Ask for another key than one that was refused, and wait until somebody enters it: what was
   * about to be done is done then, and nothing that was written is lost.
   */
  async another(refused: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    // Requests under way together are refused together; one of them has asked already.
    if (key.get() !== refused) return;
    wanted = true;
    tell();
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        end();
        signal?.removeEventListener("abort", leave);
        if (signal?.aborted) reject(signal.reason);
        else resolve();
      };
      const end = key.subscribe(() => {
        if (!wanted) leave();
      });
      signal?.addEventListener("abort", leave);
    });
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
