/** What can be done from a node of a run, and why not: as the API would answer. No React here. */

import type { History } from "./history";
import type { Moment } from "./moment";
import { hasEnded, type RunState } from "./state";

export type Refusal =
  | "not_ended"
  | "undone"
  | "not_reached"
  | "not_reached_then"
  | "never_ready"
  | "of_trial"
  | "not_stored";

/** The run is over and came to the node: then a new run can do it again. */
export function retryRefusal(newest: RunState | null, address: string): Refusal | null {
  if (!newest || !hasEnded(newest.head.status)) return "not_ended";
  if ((newest.head.saga?.log.length ?? 0) > 0) return "undone";
  return newest.nodes.get(address) ? null : "not_reached";
}

/** A fork goes on from an event: the node has to have been ready by then. */
export function forkRefusal(moment: Moment, address: string): Refusal | null {
  const node = moment.state.nodes.get(address);
  if (!node) return moment.isNewest ? "not_reached" : "not_reached_then";
  return node.attempts.some((one) => one.readySeq !== null) ? null : "never_ready";
}

/** What a node is tried with is what the run had for it. */
export function trialRefusal(newest: RunState | null, address: string): Refusal | null {
  if (newest?.head.labels["runfold.trial"] === "true") return "of_trial";
  return newest?.nodes.get(address) ? null : "not_reached";
}

/**
 * How many events a fork keeps, so that a node runs anew and nothing before it does: those up to the
 * one by which it was ready first. 0 where it never was.
 */
export function countBefore(history: History, moment: Moment, address: string): number {
  const attempts = moment.state.nodes.get(address)?.attempts ?? [];
  const ready = attempts.find((one) => one.readySeq !== null)?.readySeq ?? null;
  return ready === null ? 0 : history.countUpTo(ready);
}
