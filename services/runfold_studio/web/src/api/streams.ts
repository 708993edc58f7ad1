/** Follows a stream of the gateway over as many connections as it takes: no gap, no repeat. */

import { address, exchange } from "./client";
import { type Frame, FrameReader } from "./sse";

export type Connection = "connecting" | "open" | "waiting" | "ended" | "refused";

export interface Following {
  path: string;
  /** The place after which to begin. */
  after?: string;
  /** Frames in their order, some at once. */
  onFrames: (frames: Frame[]) => void;
  onState?: (state: Connection, problem?: Error) => void;
}

const FIRST_DELAY = 250;
const LONGEST_DELAY = 5_000;
/** Milliseconds without a byte after which a connection counts as lost; the gateway sends a comment every 15 s. */
const SILENCE = 40_000;

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
    given.onState?.("connecting");
    try {
      const finished = await once(given, last, ended, (frames) => {
        delay = FIRST_DELAY;
        last = frames.at(-1)?.id || last;
        given.onFrames(frames);
      });
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
    }
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
  take: (frames: Frame[]) => void,
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
      if (whole.length > 0) take(whole);
      if (whole.some((frame) => frame.event === "end")) return true;
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Wait, or less: until the machine is online again or the page is looked at. */
function sleep(milliseconds: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      globalThis.removeEventListener?.("online", done);
      ended.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    globalThis.addEventListener?.("online", done);
    ended.addEventListener("abort", done);
  });
}
