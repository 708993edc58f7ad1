import { afterEach, expect, test, vi } from "vitest";
import type { LogEvent } from "@/run/events";
import { openLog, openRun, type RunStore } from "@/run/store";
import { golden, logOf } from "./logs";
import { longLog } from "./long-log";

const { events } = golden("parallel_fan_in");

function lines(some: readonly LogEvent[]): string {
  return some.map((one) => `${JSON.stringify(one)}\n`).join("");
}

function frame(event: { type: string; seq?: number }, id: string): string {
  return `event: ${event.type}\nid: ${id}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** A body of which the rest does not come. */
function broken(text: string): ReadableStream {
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent) controller.error(new TypeError("network error"));
      else controller.enqueue(new TextEncoder().encode(text));
      sent = true;
    },
  });
}

/** A gateway that has a log, and a stream that is cut wherever the script says. */
class Gateway {
  readonly asked: URL[] = [];
  /** For each connection of the stream: what it sends before it is cut. */
  streams: string[] = [];
  /** Events after which an answer that has no limit is cut. */
  cut = Number.POSITIVE_INFINITY;

  answer = async (input: RequestInfo | URL): Promise<Response> => {
    const url = new URL(String(input), "http://gateway");
    this.asked.push(url);
    if (url.pathname.endsWith("/events")) return this.#events(url);
    const sent = this.streams.shift();
    return sent === undefined ? new Response(null, { status: 204 }) : new Response(sent);
  };

  #events(url: URL): Response {
    const after = Number(url.searchParams.get("after") ?? 0);
    const limit = url.searchParams.get("limit");
    const left = this.log.filter((one) => one.seq > after);
    if (limit === null && left.length > this.cut)
      return new Response(broken(lines(left.slice(0, this.cut))));
    return new Response(lines(left.slice(0, limit === null ? left.length : Number(limit))));
  }

  constructor(readonly log: readonly LogEvent[]) {
    vi.stubGlobal("fetch", this.answer);
  }
}

let store: RunStore | null = null;
afterEach(() => {
  store?.close();
  store = null;
  vi.unstubAllGlobals();
});

function opened(): RunStore {
  store = openRun("r 1");
  return store;
}

async function until(ready: (data: ReturnType<RunStore["get"]>) => boolean): Promise<void> {
  const one = store;
  if (!one) throw new Error("nothing is open");
  await new Promise<void>((resolve) => {
    const look = () => ready(one.get()) && resolve();
    one.subscribe(look);
    look();
  });
}

const sequences = () => {
  const { history } = store?.get() ?? {};
  return Array.from({ length: history?.count ?? 0 }, (_, place) => history?.index.seq(place));
};
const all = events.map((one) => one.seq);

test("a log is loaded, and its stream followed from the last event", async () => {
  const gateway = new Gateway(events.slice(0, 7));
  gateway.streams = [
    events
      .slice(7)
      .map((one) => frame(one, `e${one.seq}-c0`))
      .join(""),
  ];
  opened();
  await until((data) => data.state === "ended");
  expect(sequences()).toEqual(all);
  const paths = gateway.asked.map((url) => url.pathname);
  expect(paths.filter((path) => path === "/api/runs/r%201/events")).toHaveLength(1);
  const stream = gateway.asked.find((url) => url.pathname.endsWith("/stream"));
  expect(stream?.searchParams.get("last_event_id")).toBe(`e${events[6]?.seq}-c0`);
  expect(store?.get().history.newest?.head.status).toBe("succeeded");
});

test("a stream that is cut goes on from its place: no gap, no repeat", async () => {
  const gateway = new Gateway(events.slice(0, 1));
  const frames = events.slice(1).map((one) => frame(one, `e${one.seq}-c0`));
  // The second connection sends two events again, as one does that never heard of the cut.
  gateway.streams = [
    frames.slice(0, 3).join("") + (frames[3] ?? "").slice(0, 40),
    frames.slice(1, 6).join(""),
    frames.slice(6).join("") + frame({ type: "end" }, "e9-c9"),
  ];
  opened();
  await until((data) => data.state === "ended");
  expect(sequences()).toEqual(all);
  const places = gateway.asked
    .filter((url) => url.pathname.endsWith("/stream"))
    .map((url) => url.searchParams.get("last_event_id"));
  expect(places).toEqual([
    `e${events[0]?.seq}-c0`,
    `e${events[3]?.seq}-c0`,
    `e${events[6]?.seq}-c0`,
  ]);
});

test("a log that breaks off goes on with the stream", async () => {
  const gateway = new Gateway(events);
  gateway.cut = 3;
  gateway.streams = [
    events
      .slice(3)
      .map((one) => frame(one, `e${one.seq}-c0`))
      .join(""),
  ];
  opened();
  await until((data) => data.state === "ended");
  expect(sequences()).toEqual(all);
  const stream = gateway.asked.find((url) => url.pathname.endsWith("/stream"));
  expect(stream?.searchParams.get("last_event_id")).toBe(`e${events[2]?.seq}-c0`);
});

test("events that were let go are asked for again, those around a place and no others", async () => {
  const long = longLog(15_000);
  const gateway = new Gateway(long);
  const one = opened();
  await until((data) => data.state === "ended");
  const { history } = one.get();
  expect(history.count).toBe(long.length);
  expect(history.pages.at(0)).toBeUndefined();
  expect(history.at(1_500)).toBeNull();
  const before = gateway.asked.length;
  one.get().fetch([1_499, 1_498, 1_700]);
  await until((data) => data.loads === 1);
  expect(history.pages.at(1_499)).toEqual(long[1_499]);
  const asked = gateway.asked.slice(before).map((url) => url.search);
  expect(asked).toEqual([`?after=${long[999]?.seq}&limit=1000`]);
  vi.stubGlobal("fetch", async () => Response.json({ code: "run.not_found" }, { status: 404 }));
  one.get().fetch([0]);
  await until((data) => data.problem !== null);
  expect(one.get().problem).toMatchObject({ code: "run.not_found" });
});

test("a run that is not there is refused as the gateway says it", async () => {
  vi.stubGlobal("fetch", async () =>
    Response.json({ code: "run.not_found", detail: "no run" }, { status: 404 }),
  );
  opened();
  await until((data) => data.state === "refused");
  expect(store?.get().problem).toMatchObject({ code: "run.not_found" });
});

test("many frames are folded at once, and text is kept beside the log", async () => {
  const chunk = { type: "stream_chunk", node_id: "benefits", run_id: "r", workflow_id: "w" };
  const gateway = new Gateway(events.slice(0, 1));
  const pieces = ["One", " two"].map((text, index) =>
    frame({ ...chunk, text, index, seq: index + 1, time: 1 } as { type: string }, `e51-c${index}`),
  );
  gateway.streams = [pieces.join("") + frame({ type: "end" }, "e51-c9")];
  const one = opened();
  let told = 0;
  one.subscribe(() => {
    told += one.get().pieces > 0 ? 1 : 0;
  });
  await until((data) => data.state === "ended");
  expect(one.get().pieces).toBe(2);
  expect(one.get().streamed.of("benefits", 1)?.text).toBe("One two");
  expect(told).toBeLessThanOrEqual(2);
});

test("a store that was closed tells nothing any more", async () => {
  new Gateway(events);
  const one = opened();
  const told = vi.fn();
  one.subscribe(told);
  one.close();
  await new Promise((resolve) => setTimeout(resolve));
  expect(told).not.toHaveBeenCalled();
});

test("a log from a file is looked at without a gateway", () => {
  vi.stubGlobal("fetch", () => {
    throw new Error("nothing is asked");
  });
  store = openLog(lines(events));
  expect(store.get()).toMatchObject({ state: "file", count: events.length });
  expect(() => openLog(lines(logOf({ nodes: [] }).slice(1)))).not.toThrow();
  expect(() => openLog(lines(events.slice(2)))).toThrow(/run_started/);
});
