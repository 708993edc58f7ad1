// @vitest-environment node
import { expect, test, vi } from "vitest";
import type { LogEvent } from "@/run/events";
import { History } from "@/run/history";
import { LogChanged, PAGE, Pages } from "@/run/pages";
import { Table } from "@/run/table";
import { longLog } from "./long-log";

const LOG = longLog(5_000);

/** A history whose pages are so large that only few of them stay. */
function windowed(log: readonly LogEvent[] = LOG) {
  const read = vi.fn(async (after: number, count: number) =>
    log.filter((one) => one.seq > after).slice(0, count),
  );
  const history = new History(read);
  for (let at = 0; at < log.length; at += 777) {
    const some = log.slice(at, at + 777);
    history.add(some, some.length * 10_000);
  }
  return { history, read };
}

function held(history: History): number[] {
  const pages = Array.from({ length: Math.ceil(history.count / PAGE) }, (_, page) => page);
  return pages.filter((page) => history.pages.has(page));
}

test("a long log keeps few of its events, the newest", () => {
  const { history, read } = windowed();
  expect(history.count).toBe(LOG.length);
  expect(held(history)).toEqual([15, 16, 17, 18, 19, 20]);
  expect(history.first).toEqual(LOG[0]);
  expect(read).not.toHaveBeenCalled();
});

test("of every event is known where, when and what it was", () => {
  const { history } = windowed();
  for (const [place, event] of LOG.entries()) {
    expect(history.index.seq(place)).toBe(event.seq);
    expect(history.index.time(place)).toBe(event.time);
    expect(history.index.type(place)).toBe(event.type);
  }
  expect(history.aboutAt(3)).toBe("each[0]/call");
  expect(history.aboutAt(0)).toBe("");
  expect(history.countUpTo(LOG[7_000]?.seq ?? 0)).toBe(7_001);
  expect(history.index.type(LOG.length)).toBe("");
});

test("what is read again is folded to the state that there was", async () => {
  const { history } = windowed();
  const whole = new History();
  whole.add(LOG);
  const around = [1, 2, 99, 100, 101, 999, 1_000, 1_001, 1_100, 1_101, 4_999, 5_000, 5_001, 12_345];
  for (const count of [...around, LOG.length - 1, LOG.length, 5_000, 1]) {
    await history.pages.load(Math.floor((count - 1) / PAGE));
    const [state, want] = [history.at(count), whole.at(count)];
    expect(state?.head).toEqual(want?.head);
    expect([...(state?.nodes.entries() ?? [])]).toEqual([...(want?.nodes.entries() ?? [])]);
    expect([...(state?.scopes.entries() ?? [])]).toEqual([...(want?.scopes.entries() ?? [])]);
    expect(held(history).length).toBeLessThanOrEqual(6);
  }
});

test("a page that is asked for twice is read once, and one that is at hand not at all", async () => {
  const { history, read } = windowed();
  await Promise.all([history.pages.load(2), history.pages.load(2), history.pages.load(20)]);
  await history.pages.load(2);
  expect(read.mock.calls).toEqual([[LOG[2 * PAGE - 1]?.seq, PAGE]]);
  expect(history.at(2_500)?.head.lastSeq).toBe(LOG[2_499]?.seq);
});

test("a log that is another one by now is refused, and asked for again the next time", async () => {
  const { history, read } = windowed();
  read.mockResolvedValueOnce(LOG.slice(1, PAGE + 1));
  await expect(history.pages.load(0)).rejects.toThrow(LogChanged);
  read.mockRejectedValueOnce(new TypeError("network error"));
  await expect(history.pages.load(0)).rejects.toThrow("network error");
  expect(history.at(5)).toBeNull();
  await history.pages.load(0);
  expect(history.at(5)?.head.lastSeq).toBe(LOG[4]?.seq);
});

test("all events are there to be saved, and no more of them stay for that", async () => {
  const { history } = windowed();
  const saved: LogEvent[] = [];
  for await (const events of history.pages.whole()) saved.push(...events);
  expect(saved).toEqual(LOG);
  expect(held(history).length).toBe(6);
});

test("where nothing can be read again, all of it stays", () => {
  const pages = new Pages(null);
  for (const event of LOG) pages.add(event, 10_000);
  expect(pages.at(0)).toBe(LOG[0]);
});

test("a table that was kept stays as it was, however many entries there are", () => {
  const table = new Table<number>();
  const tables: [number, Table<number>][] = [];
  for (let at = 0; at < 10_000; at += 1) {
    if (at % 1_234 === 0) tables.push([at, table.kept()]);
    table.set(`k${at}`, at);
    table.set("k0", at);
  }
  for (const [count, kept] of tables) {
    expect([...kept.entries()].length).toBe(count);
    expect(kept.get("k0")).toBe(count > 0 ? count - 1 : undefined);
    expect(kept.get(`k${count}`)).toBeUndefined();
    kept.set("k5", -1);
  }
  expect(table.get("k5")).toBe(5);
  expect([...table.entries()].at(-1)).toEqual(["k9999", 9_999]);
});
