/** A list of runs that is read as it is scrolled through, and follows what changes. No React here. */

import type { RunChange } from "@/api/changes";
import type { components } from "@/api/schema";
import { changed, noPages, type Pages, pagesIn, trimmed, wanted, withPage } from "./pages";

export type Run = components["schemas"]["RunSummary"];

export interface Answer {
  items: Run[];
  next_cursor: string | null;
  counts: Record<string, number> | null;
}
export type Read = (cursor: string, counts: boolean, signal: AbortSignal) => Promise<Answer>;

export interface RunListState {
  runs: Pages<Run>;
  /** Runs of each status over all pages; null until the first page is here. */
  counts: Record<string, number> | null;
  /** How many begun since the list was read stand before its first row, which is not in the window. */
  newer: number;
  problem: unknown;
}

const AHEAD = 40;
const KEEP = 400;

export class RunList {
  #state: RunListState = { runs: noPages(), counts: null, newer: 0, problem: null };
  #window = { first: 0, end: 0 };
  /** The list's first run when its beginning was taken in last. */
  #top: string | undefined;
  readonly #reading = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #ended = new AbortController();
  readonly #read: Read;

  constructor(read: Read) {
    this.#read = read;
  }

  readonly state = (): RunListState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Read the list from its beginning, after `close` as well. */
  open(): void {
    if (this.#ended.signal.aborted) {
      this.#ended = new AbortController();
      this.#reading.clear();
    }
    this.#fill();
  }

  /** End all reading. */
  close(): void {
    this.#ended.abort();
  }

  /** Say which rows are looked at: what is missing is read, what is far away is let go. */
  look(first: number, end: number): void {
    this.#window = { first, end };
    const runs = trimmed(this.#state.runs, first, end, KEEP);
    if (runs !== this.#state.runs) this.#set({ runs });
    if (this.#state.problem === null) this.#fill();
  }

  /** Read again what failed to be read. */
  again(): void {
    this.#set({ problem: null });
    this.#fill();
  }

  /** Read the list from its beginning. */
  restart(): void {
    this.#window = { first: 0, end: 0 };
    this.#set({ runs: noPages(), newer: 0, problem: null });
    this.#fill();
  }

  /** Show what became of runs, and see what else is different now. */
  async apply(changes: readonly RunChange[]): Promise<void> {
    const newest = new Map(changes.map((change) => [change.run_id, change]));
    const touched = new Set<string>();
    const runs = changed(this.#state.runs, (run) => {
      const change = newest.get(run.run_id);
      if (!change) return run;
      touched.add(run.run_id);
      const status = change.status as Run["status"];
      return { ...run, status, finished_at: change.ended_at ?? run.finished_at };
    });
    if (runs !== this.#state.runs) this.#set({ runs });
    const { first, end } = this.#window;
    const shown = pagesIn(runs, first, end)
      .map((index) => runs.pages[index])
      .filter((page) => page?.items?.some((run) => touched.has(run.run_id)))
      .map((page) => page?.cursor ?? "");
    await Promise.all([
      this.#readTop(),
      ...shown.filter((cursor) => cursor !== "").map((cursor) => this.#readPage(cursor)),
    ]);
  }

  #set(next: Partial<RunListState>): void {
    this.#state = { ...this.#state, ...next };
    for (const listener of this.#listeners) listener();
  }

  #fill(): void {
    const { first, end } = this.#window;
    for (const cursor of wanted(this.#state.runs, first, end, AHEAD)) void this.#readPage(cursor);
  }

  /** The newest page: taken into the list when its place is looked at, else only counted. */
  async #readTop(): Promise<void> {
    if (this.#window.first === 0) {
      await this.#readPage("");
      return;
    }
    await this.#reads("", (answer) => {
      const at = answer.items.findIndex((run) => run.run_id === this.#top);
      this.#set({ counts: answer.counts, newer: at < 0 ? answer.items.length : at });
    });
  }

  async #readPage(cursor: string): Promise<void> {
    await this.#reads(cursor, (answer) => {
      const runs = withPage(this.#state.runs, cursor, answer.items, answer.next_cursor);
      if (cursor === "") this.#top = answer.items[0]?.run_id;
      const top = cursor === "" ? { counts: answer.counts, newer: 0 } : {};
      const { first, end } = this.#window;
      this.#set({ runs: trimmed(runs, first, end, KEEP), ...top, problem: null });
      this.#fill();
    });
  }

  async #reads(cursor: string, take: (answer: Answer) => void): Promise<void> {
    const { signal } = this.#ended;
    if (this.#reading.has(cursor) || signal.aborted) return;
    this.#reading.add(cursor);
    try {
      const answer = await this.#read(cursor, cursor === "", signal);
      if (signal.aborted) return;
      this.#reading.delete(cursor);
      take(answer);
    } catch (problem) {
      if (signal.aborted) return;
      this.#reading.delete(cursor);
      this.#set({ problem });
    }
  }
}
