/** A run as it was after some of its events: what every part of the screen shows. */

import type { LogEvent } from "./events";
import type { Plan } from "./plan";
import type { RunState } from "./state";
import type { RunData } from "./store";

export interface Moment {
  readonly plan: Plan;
  readonly state: RunState;
  /** How many events were folded. */
  readonly count: number;
  /** The newest of them. */
  readonly event: LogEvent;
  /** Whether these are all there are. */
  readonly isNewest: boolean;
  /** Until when text is shown: that of the newest event, or without an end. */
  readonly until: number;
}

/**
 * The run after its first `count` events, or as it is now.
 *
 * @returns Null before it has begun, and while the events around are not at hand.
 */
export function momentOf(data: RunData, count: number | null): Moment | null {
  const { history } = data;
  const total = history.count;
  const shown = count === null ? total : Math.max(1, Math.min(count, total));
  const event = history.pages.at(shown - 1);
  const state = history.at(shown);
  if (!history.plan || !state || !event) return null;
  const isNewest = shown === total;
  return {
    plan: history.plan,
    state,
    count: shown,
    event,
    isNewest,
    until: isNewest ? Number.POSITIVE_INFINITY : event.time,
  };
}
