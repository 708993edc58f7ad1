/** Short logs written by hand, and the recorded ones by name. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { LogEvent } from "@/run/events";
import { History } from "@/run/history";
import { type Moment, momentOf } from "@/run/moment";
import { Streamed } from "@/run/streamed";
import type { Golden } from "./golden";

const FIXTURES = resolve(import.meta.dirname, "../fixtures");

export function golden(name: string): Golden {
  return JSON.parse(readFileSync(`${FIXTURES}/logs/${name}.json`, "utf8")) as Golden;
}

/** Events with an envelope and, where they say no other, a second between them. */
export function logOf(definition: object, ...events: object[]): LogEvent[] {
  const all = [{ type: "run_started", definition, inputs: {} }, ...events];
  return all.map((event, place) => ({
    run_id: "r",
    workflow_id: "w",
    id: `e${place}`,
    seq: 10 + place * 5,
    time: 1000 + place,
    ...event,
  })) as unknown as LogEvent[];
}

export function momentAfter(events: LogEvent[], count: number | null = null): Moment {
  const history = new History();
  history.add(events);
  const streamed = new Streamed();
  const now = { count: events.length, pieces: 0, loads: 0, problem: null, fetch: () => {} };
  const data = { history, streamed, ...now };
  const moment = momentOf({ ...data, state: "file" }, count);
  if (!moment) throw new Error("nothing was folded");
  return moment;
}
