/**
 * A run's log with its state at every event.
 *
 * The state before each page of the log is kept, and inside pages that are at hand that before
 * every so many events; the rest is folded again.
 */

import type { EventOf, LogEvent } from "./events";
import { aboutOf } from "./filter";
import { Draft } from "./fold/draft";
import { beginRun, foldEvent } from "./fold/rules";
import { LogIndex } from "./log-index";
import { PAGE, Pages, type Read } from "./pages";
import type { Plan } from "./plan";
import type { Head, NodeState, RunState, ScopeState } from "./state";
import type { Table } from "./table";

/** Events between two states that are kept in a page; the first is that before the page. */
const EVERY = 100;
/** Characters of an event's JSON, where nobody says how many. */
const SIZE = 250;

interface Kept {
  head: Head;
  nodes: Table<NodeState>;
  scopes: Table<ScopeState>;
}

export class History {
  readonly index = new LogIndex();
  readonly pages: Pages;
  #newest: Draft | null = null;
  #first: EventOf<"run_started"> | null = null;
  /** For each page the states in it, by how many times `EVERY` events they are into it. */
  #kept: (Kept | undefined)[][] = [];

  /** @param read Reads events again; without it all of them are kept. */
  constructor(read: Read | null = null) {
    this.pages = new Pages(read, (page) => this.#kept[page]?.splice(1));
  }

  get plan(): Plan | null {
    return this.#newest?.plan ?? null;
  }

  /** The event by which the run began. */
  get first(): EventOf<"run_started"> | null {
    return this.#first;
  }

  /** The state after all events; it goes on changing as more are added. */
  get newest(): RunState | null {
    return this.#newest;
  }

  /** How many events there are. */
  get count(): number {
    return this.index.length;
  }

  /** Sequence of the newest event; 0 before the first. */
  get lastSeq(): number {
    return this.index.seq(this.count - 1);
  }

  /**
   * Add events in the order of the log; those that are there already are passed over.
   *
   * @param size Characters of their JSON.
   * @returns How many were new.
   */
  add(events: readonly LogEvent[], size = events.length * SIZE): number {
    const before = this.count;
    for (const event of events) {
      if (this.count > 0 && event.seq <= this.lastSeq) continue;
      if (this.#newest) {
        if (this.count % EVERY === 0) this.#keep(this.count, this.#newest);
        foldEvent(this.#newest, event);
      } else if (event.type === "run_started") {
        this.#first = event;
        this.#newest = beginRun(event);
      } else throw new LogDamaged(event);
      const about = aboutOf(event);
      this.index.add(event, about ? this.#newest.nodes.placeOf(about) : -1);
      this.pages.add(event, size / events.length);
    }
    return this.count - before;
  }

  #keep(count: number, { head, nodes, scopes }: Draft): void {
    const page = Math.floor(count / PAGE);
    this.#kept[page] ??= [];
    const kept = this.#kept[page] as (Kept | undefined)[];
    kept[(count % PAGE) / EVERY] ??= { head, nodes: nodes.kept(), scopes: scopes.kept() };
  }

  /** The address of the node that an event is about, by its number; empty for one of the run. */
  aboutAt(place: number): string {
    const node = this.index.node(place);
    return node < 0 ? "" : (this.#newest?.nodes.keyAt(node) ?? "");
  }

  /** Whether the state after so many events can be told at once. */
  isAtHand(count: number): boolean {
    return this.pages.at(count - 1) !== undefined;
  }

  /**
   * The state after the first `count` events; null after none, and where its page is not at hand.
   */
  at(count: number): RunState | null {
    if (!this.#newest || count < 1) return null;
    if (count >= this.count) return this.#newest;
    const page = Math.floor((count - 1) / PAGE);
    const events = this.pages.events(page);
    if (!events) return null;
    const inside = count - page * PAGE;
    const kept = this.#kept[page] ?? [];
    let place = Math.floor(inside / EVERY);
    while (place > 0 && !kept[place]) place -= 1;
    let from = place * EVERY;
    const state = kept[place];
    let draft: Draft;
    if (state)
      draft = new Draft(this.#newest.plan, state.head, state.nodes.kept(), state.scopes.kept());
    else if (page === 0 && this.#first) {
      draft = beginRun(this.#first);
      from = 1;
    } else return null;
    for (; from < inside; from += 1) {
      if (from % EVERY === 0) this.#keep(page * PAGE + from, draft);
      foldEvent(draft, events[from] as LogEvent);
    }
    return draft;
  }

  /** How many events there are up to a sequence. */
  countUpTo(seq: number): number {
    return this.index.countUpTo(seq);
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
