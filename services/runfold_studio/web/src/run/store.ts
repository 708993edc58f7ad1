/**
 * One run being looked at: its log from the gateway and then its stream, or a log from a file.
 *
 * What comes is folded once a frame. Components subscribe and read the newest `RunData`.
 */

import { ApiProblem, exchange } from "@/api/client";
import type { Frame } from "@/api/sse";
import { type Connection, follow } from "@/api/streams";
import type { LogEvent, StreamEvent } from "./events";
import { History } from "./history";
import { eventsOf } from "./lines";
import { PAGE } from "./pages";
import { Streamed } from "./streamed";

/** Milliseconds between folds while the page is hidden: frames do not come then. */
const HIDDEN = 250;
/** Milliseconds between two folds at least: people see no more of a busy run at 60 a second. */
const BETWEEN = 50;

export interface RunData {
  readonly history: History;
  readonly streamed: Streamed;
  /** Events so far: what `history` holds is another thing whenever this is another number. */
  readonly count: number;
  /** Changes whenever streamed text came. */
  readonly pieces: number;
  /** Changes whenever older events are at hand again. */
  readonly loads: number;
  readonly state: "loading" | Connection | "file";
  readonly problem: unknown;
  /** Have the events around these ones at hand; they are numbered from 0. */
  readonly fetch: (places: readonly number[]) => void;
}

export interface RunStore {
  get(): RunData;
  subscribe(listener: () => void): () => void;
  /** End it; nothing is told any more. */
  close(): void;
}

class Store implements RunStore {
  #listeners = new Set<() => void>();
  #frames: Frame[] = [];
  #waiting: (() => void) | null = null;
  #lastFold = 0;
  #stop: () => void = () => {};
  #ended = new AbortController();
  #data: RunData;

  constructor(state: RunData["state"], runId: string | null = null) {
    // The events of a file are read once, and all of them stay.
    const read =
      runId === null ? null : (after: number, limit: number) => this.#again(runId, after, limit);
    this.#data = {
      history: new History(read),
      streamed: new Streamed(),
      count: 0,
      pieces: 0,
      loads: 0,
      state,
      problem: null,
      fetch: this.#fetch,
    };
  }

  get = (): RunData => this.#data;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  close(): void {
    this.#ended.abort();
    this.#waiting?.();
    this.#stop();
    this.#listeners.clear();
  }

  change(changes: Partial<RunData>): void {
    if (this.#ended.signal.aborted) return;
    this.#data = { ...this.#data, ...changes };
    for (const listener of this.#listeners) listener();
  }

  /** Add the events of some lines, of which is told soon. */
  add(text: string): void {
    this.#data.history.add(eventsOf(text), text.length);
    this.#soon();
  }

  /** Load the log, and follow the stream from its last event. */
  async load(runId: string): Promise<void> {
    try {
      await this.#read(await this.#ask(runId, {}));
    } catch (problem) {
      // What was cut off goes on with the stream; what was refused does not.
      if (problem instanceof ApiProblem || this.#data.history.count === 0) {
        if (!this.#ended.signal.aborted) this.change({ state: "refused", problem });
        return;
      }
    }
    this.fold();
    if (this.#ended.signal.aborted) return;
    const { count, lastSeq } = this.#data.history;
    this.#stop = follow({
      path: `/api/runs/${encodeURIComponent(runId)}/stream`,
      after: count === 0 ? "" : `e${lastSeq}-c0`,
      onFrames: (frames) => this.#take(frames),
      onState: (state, problem) => {
        if (state === "ended") this.fold();
        this.change({ state, problem: problem ?? null });
      },
    });
  }

  #ask(runId: string, query: Record<string, string | number>): Promise<Response> {
    return exchange("get", "/api/runs/{run_id}/events", {
      path: { run_id: runId },
      query,
      accept: "application/x-ndjson",
      signal: this.#ended.signal,
    });
  }

  /** Add the lines of an answer as they come. */
  async #read(answer: Response): Promise<void> {
    if (!answer.body) return;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      const text = rest + (value ?? "");
      const whole = done ? text.length : text.lastIndexOf("\n") + 1;
      rest = text.slice(whole);
      if (whole > 0) this.add(text.slice(0, whole));
      if (done) return;
    }
  }

  /** Events that were let go. */
  async #again(runId: string, after: number, limit: number): Promise<LogEvent[]> {
    return eventsOf(await (await this.#ask(runId, { after, limit })).text());
  }

  #fetch = (places: readonly number[]): void => {
    const { pages } = this.#data.history;
    for (const page of new Set(places.map((place) => Math.floor(place / PAGE)))) {
      if (pages.has(page)) continue;
      pages.load(page).then(
        () => this.change({ loads: this.#data.loads + 1, problem: null }),
        (problem: unknown) => this.change({ problem }),
      );
    }
  };

  #take(frames: Frame[]): void {
    for (const frame of frames) this.#frames.push(frame);
    this.#soon();
  }

  /** Fold and tell what came, with one of the next frames that are drawn. */
  #soon(): void {
    this.#waiting ??= soon(
      () => {
        this.#waiting = null;
        this.#lastFold = performance.now();
        this.fold();
      },
      this.#lastFold + BETWEEN - performance.now(),
    );
  }

  fold(): void {
    const frames = this.#frames;
    const { history, streamed } = this.#data;
    if (frames.length === 0 && history.count === this.#data.count) return;
    this.#frames = [];
    const logged: LogEvent[] = [];
    let [pieces, size] = [0, 0];
    let problem: unknown = this.#data.problem;
    for (const { data } of frames) {
      const event = JSON.parse(data) as StreamEvent;
      switch (event.type) {
        case "stream_chunk":
          streamed.add(event);
          pieces += 1;
          break;
        case "answer_chunk":
          streamed.addAnswer(event, history.newest?.head.now ?? 0);
          pieces += 1;
          break;
        case "error":
          problem = new Error(`${event.code}: ${event.message}`);
          break;
        case "end":
          break;
        default:
          logged.push(event);
          size += data.length;
      }
    }
    history.add(logged, size);
    this.change({ count: history.count, pieces: this.#data.pieces + pieces, problem });
  }
}

/** Do something once: with a frame after a time, or by a timer where frames do not come. */
function soon(act: () => void, wait: number): () => void {
  let frame = 0;
  const stop = () => {
    clearTimeout(timer);
    clearTimeout(pause);
    cancelAnimationFrame(frame);
  };
  const go = () => {
    stop();
    act();
  };
  const timer = setTimeout(go, HIDDEN);
  const pause = setTimeout(() => {
    frame = requestAnimationFrame(go);
  }, wait);
  return stop;
}

/** Look at a run of the gateway. */
export function openRun(runId: string): RunStore {
  const store = new Store("loading", runId);
  void store.load(runId);
  return store;
}

/**
 * Look at a log that is at hand as text.
 *
 * @throws LineProblem, LogDamaged
 */
export function openLog(text: string): RunStore {
  const store = new Store("file");
  store.add(text);
  store.fold();
  return store;
}
