/**
 * Follows a stream of the gateway over as many connections as it takes: no gap, no repeat.
 *
 * A tab that nobody looks at lets its connection go and goes on from its place when it is looked at
 * again: browsers keep six connections to a host, and a seventh tab would wait for ever.
 */

import { address, exchange } from "./client";
import { type Frame, FrameReader } from "./sse";

export type Connection = "connecting" | "open" | "waiting" | "hidden" | "ended" | "refused";

export interface Following {
  path: string;
  /** The place after which to begin. */
  after?: string;
  /** Frames in their order, some at once. */
  onFrames: (frames: Frame[]) => void;
  onState?: (state: Connection, problem?: Error) => void;
}

const FIRST_DELAY = 250;
const LONGEST_DELAY = 2_000;
/** Milliseconds without a byte after which a connection counts as lost; the gateway sends a comment every 15 s. */
const SILENCE = 40_000;
/** Milliseconds after which a hidden tab lets its connection go. */
const UNSEEN = 10_000;

/** Begin to follow; the function that comes back ends it. */
export function follow(given: Following): () => void {
  const ended = new AbortController();
  void run(given, ended.signal);
  return () => ended.abort();
}

async function run(given: Following, ended: AbortSignal): Promise<void> {
  let last = given.after ?? "";
  let delay = FIRST_DELAY;
  while (!ended.aborted) {
    if (document.hidden) {
      given.onState?.("hidden");
      await seen(ended);
      if (ended.aborted) return;
    }
    given.onState?.("connecting");
    const unseen = unseenFor(UNSEEN);
    try {
      const finished = await once(
        given,
        last,
        AbortSignal.any([ended, unseen.signal]),
        (frames, place) => {
          delay = FIRST_DELAY;
          last = place || last;
          if (frames.length > 0) given.onFrames(frames);
        },
      );
      if (finished) {
        given.onState?.("ended");
        return;
      }
    } catch (error) {
      if (ended.aborted) return;
      if (isFinal(error)) {
        given.onState?.("refused", error as Error);
        return;
      }
    } finally {
      unseen.forget();
    }
    if (unseen.signal.aborted) continue;
    given.onState?.("waiting");
    await sleep(delay, ended);
    delay = Math.min(delay * 2, LONGEST_DELAY);
  }
}

function isFinal(error: unknown): boolean {
  const status = (error as { status?: number }).status ?? 0;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** One connection. True when the server said that there is no more. */
async function once(
  given: Following,
  last: string,
  ended: AbortSignal,
  take: (frames: Frame[], place: string) => void,
): Promise<boolean> {
  const silent = new AbortController();
  let timer = setTimeout(() => silent.abort(), SILENCE);
  try {
    const answer = await exchange("get", address(given.path, { query: { last_event_id: last } }), {
      accept: "text/event-stream",
      signal: AbortSignal.any([ended, silent.signal]),
    });
    if (answer.status === 204 || answer.body === null) return true;
    given.onState?.("open");
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    const frames = new FrameReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return false;
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), SILENCE);
      const whole = frames.read(value);
      take(whole, frames.lastId);
      if (whole.some((frame) => frame.event === "end")) return true;
    }
  } finally {
    clearTimeout(timer);
  }
}

/** A signal that is given once the tab was hidden for some time on end. */
function unseenFor(milliseconds: number): { signal: AbortSignal; forget: () => void } {
  const unseen = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => unseen.abort(), milliseconds);
  };
  document.addEventListener("visibilitychange", look);
  look();
  const forget = () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
  };
  return { signal: unseen.signal, forget };
}

/** Wait until the tab is looked at. */
function seen(ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden && !ended.aborted) return;
      document.removeEventListener("visibilitychange", look);
      ended.removeEventListener("abort", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    ended.addEventListener("abort", look);
    look();
  });
}

/** Wait, or less: until the machine is online again or the page is looked at. */
function sleep(milliseconds: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      ended.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
    ended.addEventListener("abort", done);
  });
}
