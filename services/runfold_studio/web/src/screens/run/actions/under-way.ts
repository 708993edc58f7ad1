/** Which nodes of a run are under way, wait, or would be undone: what an act touches. */

import type { Moment } from "@/run/moment";
import { shownStatus } from "@/run/shown";

export interface Touched {
  readonly running: readonly string[];
  readonly waiting: readonly string[];
  readonly failed: readonly string[];
  /** Completed nodes that have one that undoes them, the newest first. */
  readonly undone: readonly string[];
}

export function touchedBy({ plan, state }: Moment): Touched {
  const running: string[] = [];
  const waiting: string[] = [];
  const failed: string[] = [];
  for (const [address, node] of state.nodes.entries()) {
    const status = shownStatus(plan, state, node);
    if (status === "waiting") waiting.push(address);
    else if (status === "failed" && node.composite === null) failed.push(address);
    else if ((status === "running" || status === "retrying") && !node.composite)
      running.push(address);
  }
  return { running, waiting, failed, undone: state.head.completed };
}

/** Some addresses as a sentence has them. */
export function listed(addresses: readonly string[], most = 8): string {
  const shown = addresses.slice(0, most).join(", ");
  return addresses.length > most ? `${shown} … (${addresses.length})` : shown;
}
