/** A run's log with its state at every event: every so many states are kept, the rest folded again. */

import type { LogEvent } from "./events";
import { Draft } from "./fold/draft";
import { beginRun, foldEvent } from "./fold/rules";
import type { Plan } from "./plan";
import type { Head, NodeState, RunState, ScopeState } from "./state";
import type { Table } from "./table";

const EVERY = 200;

interface Kept {
  head: Head;
  nodes: Table<NodeState>;
  scopes: Table<ScopeState>;
}

export class History {
  readonly events: LogEvent[] = [];
  #newest: Draft | null = null;
  #kept: Kept[] = [];

  get plan(): Plan | null {
    return this.#newest?.plan ?? null;
  }

  /** The state after all events; it goes on changing as more are added. */
  get newest(): RunState | null {
    return this.#newest;
  }

  /**
   * Add events in the order of the log; those that are there already are passed over.
   * @returns How many were new.
   */
  add(events: readonly LogEvent[]): number {
    let added = 0;
    for (const event of events) {
      const last = this.events.at(-1);
      if (last !== undefined && event.seq <= last.seq) continue;
      if (this.#newest) foldEvent(this.#newest, event);
      else if (event.type === "run_started") this.#newest = beginRun(event);
      else throw new LogDamaged(event);
      this.events.push(event);
      added += 1;
      if (this.events.length % EVERY === 0) this.#kept.push(this.#copy(this.#newest));
    }
    return added;
  }

  #copy(draft: Draft): Kept {
    return { head: draft.head, nodes: draft.nodes.kept(), scopes: draft.scopes.kept() };
  }

  /** The state after the first `count` events; null after none. */
  at(count: number): RunState | null {
    const [first] = this.events;
    if (!this.#newest || !first || count < 1) return null;
    if (count >= this.events.length) return this.#newest;
    const place = Math.floor(count / EVERY);
    const kept = this.#kept[place - 1];
    let draft: Draft;
    if (kept)
      draft = new Draft(this.#newest.plan, kept.head, kept.nodes.kept(), kept.scopes.kept());
    else if (first.type === "run_started") draft = beginRun(first);
    else return null;
    const from = kept ? place * EVERY : 1;
    for (const event of this.events.slice(from, count)) foldEvent(draft, event);
    return draft;
  }

  /** How many events there are up to a sequence. */
  countUpTo(seq: number): number {
    let [low, high] = [0, this.events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.events[middle] as LogEvent).seq <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The log does not begin with the event by which a run begins. */
export class LogDamaged extends Error {
  constructor(readonly event: LogEvent) {
    super(
      `The log does not begin with run_started but, at sequence ${event.seq}, with ${event.type}`,
    );
  }
}
