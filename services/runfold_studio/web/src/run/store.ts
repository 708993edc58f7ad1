/**
 * One run being looked at: its log from the gateway and then its stream, or a log from a file.
 *
 * What comes is folded once a frame. Components subscribe and read the newest `RunData`.
 */

import { exchange } from "@/api/client";
import type { Frame } from "@/api/sse";
import { type Connection, follow } from "@/api/streams";
import type { LogEvent, StreamEvent } from "./events";
import { History } from "./history";
import { eventsOf } from "./lines";
import { Streamed } from "./streamed";

/** Events that are asked for first, so that something is to be seen at once. */
const FIRST = 1_000;
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
  readonly state: "loading" | Connection | "file";
  readonly problem: unknown;
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

  constructor(state: RunData["state"]) {
    const [history, streamed] = [new History(), new Streamed()];
    this.#data = { history, streamed, count: 0, pieces: 0, state, problem: null };
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

  add(events: LogEvent[]): void {
    this.#data.history.add(events);
    this.change({ count: this.#data.history.events.length });
  }

  /** Load the log, its beginning first and then the rest, and follow the stream from its last event. */
  async load(runId: string): Promise<void> {
    try {
      const first = await this.#ask(runId, { limit: FIRST });
      await this.#read(first);
      const after = first.headers.get("Runfold-Next-After");
      if (after !== null) await this.#read(await this.#ask(runId, { after }));
    } catch (problem) {
      if (!this.#ended.signal.aborted) this.change({ state: "refused", problem });
      return;
    }
    if (this.#ended.signal.aborted) return;
    const last = this.#data.history.events.at(-1)?.seq;
    this.#stop = follow({
      path: `/api/runs/${encodeURIComponent(runId)}/stream`,
      after: last === undefined ? "" : `e${last}-c0`,
      onFrames: (frames) => this.#take(frames),
      onState: (state, problem) => {
        if (state === "ended") this.#fold();
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
      if (whole > 0) this.add(eventsOf(text.slice(0, whole)));
      if (done) return;
    }
  }

  #take(frames: Frame[]): void {
    for (const frame of frames) this.#frames.push(frame);
    this.#waiting ??= soon(
      () => {
        this.#waiting = null;
        this.#lastFold = performance.now();
        this.#fold();
      },
      this.#lastFold + BETWEEN - performance.now(),
    );
  }

  #fold(): void {
    const frames = this.#frames;
    if (frames.length === 0) return;
    this.#frames = [];
    const { history, streamed } = this.#data;
    const logged: LogEvent[] = [];
    let pieces = 0;
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
      }
    }
    history.add(logged);
    this.change({ count: history.events.length, pieces: this.#data.pieces + pieces, problem });
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
  const store = new Store("loading");
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
  store.add(eventsOf(text));
  return store;
}
