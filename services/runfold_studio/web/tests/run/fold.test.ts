// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { EventType, LogEvent } from "@/run/events";
import { RULES } from "@/run/fold/rules";
import { INLINE } from "@/run/fold/saga";
import { History, LogDamaged } from "@/run/history";
import type { NodeState, RunState } from "@/run/state";
import { expected, valuesOf } from "./golden";
import { golden } from "./logs";
import { longLog } from "./long-log";

const FIXTURES = resolve(import.meta.dirname, "../fixtures");
const LOGS = readdirSync(`${FIXTURES}/logs`).map((file) => file.replace(".json", ""));

function known(name: "events" | "inline"): string[] {
  return JSON.parse(readFileSync(`${FIXTURES}/known.json`, "utf8"))[name];
}

function stateOf(state: RunState | null): RunState {
  if (!state) throw new Error("there is no state");
  return state;
}

describe.each(LOGS)("the log %s", (name) => {
  const log = golden(name);

  test("is folded to what the engine says, event by event", () => {
    const history = new History();
    for (const [place, want] of [...expected(log)].entries()) {
      history.add(log.events.slice(place, place + 1));
      const event = log.events[place];
      expect(valuesOf(history, stateOf(history.newest)), `${event?.seq} ${event?.type}`).toEqual(
        want,
      );
    }
  });

  test("comes to the outputs and the order that the engine says", () => {
    const history = new History();
    history.add(log.events);
    const end = log.steps.at(-1) as { outputs: unknown; order: string[]; run_outputs: unknown };
    const state = stateOf(history.newest);
    const nodes = [...state.nodes.entries()];
    const given = nodes.filter(([, node]) => Object.keys(node.outputs).length > 0);
    const outputs = Object.fromEntries(given.map(([address, node]) => [address, node.outputs]));
    expect(withoutMessages(outputs)).toEqual(withoutMessages(end.outputs));
    expect(state.head.outputs).toEqual(end.run_outputs);
    const addresses = nodes.map(([address]) => address);
    expect(addresses.sort((a, b) => compare(history, a, b))).toEqual(end.order);
  });

  test("is at any event what it was when that was the newest", () => {
    const whole = new History();
    whole.add(log.events);
    for (const [place, want] of [...expected(log)].entries())
      expect(valuesOf(whole, stateOf(whole.at(place + 1)))).toEqual(want);
  });
});

/** The engine says in full what a failed assignment was about; the fold knows its code. */
function withoutMessages(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner) =>
      key === "message" || key === "details" ? undefined : inner,
    ),
  );
}

function compare(history: History, a: string, b: string): number {
  const [left, right] = [history.plan?.placeOf(a) ?? [], history.plan?.placeOf(b) ?? []];
  for (const [index, place] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (place !== other) return place - other;
  }
  return left.length - right.length;
}

test("every type of event has a rule, and none is of no type", () => {
  expect(Object.keys(RULES).sort()).toEqual(known("events").sort());
});

test("the kinds that no executor runs are known", () => {
  expect([...INLINE].sort()).toEqual(known("inline"));
});

test("a log in any batches, and with repeats, comes to the same", () => {
  const { events } = golden("composites");
  const whole = new History();
  whole.add(events);
  const want = valuesOf(whole, stateOf(whole.newest));
  for (const size of [1, 2, 7, 50]) {
    const history = new History();
    for (let at = 0; at < events.length; at += size) {
      history.add(events.slice(at, at + size));
      history.add(events.slice(Math.max(0, at - 3), at + 1));
    }
    expect(history.count).toBe(events.length);
    expect(valuesOf(history, stateOf(history.newest))).toEqual(want);
  }
});

test("nodes that an event leaves alone are the same objects after it", () => {
  const { events } = golden("loop_with_a_bad_item");
  const history = new History();
  let before = new Map<string, NodeState>();
  for (const event of events) {
    history.add([event]);
    const after = new Map(stateOf(history.newest).nodes.entries());
    for (const [address, node] of after)
      if (node !== before.get(address)) expect(node.seq).toBe(event.seq);
    before = after;
  }
});

test("looking back leaves the newest state alone", () => {
  const { events } = golden("agent_retried");
  const history = new History();
  history.add(events);
  const newest = valuesOf(history, stateOf(history.newest));
  for (let count = events.length; count > 0; count -= 1) history.at(count);
  expect(valuesOf(history, stateOf(history.newest))).toEqual(newest);
});

test("an event of a type that is not known yet changes nothing", () => {
  const { events } = golden("parallel_fan_in");
  const history = new History();
  history.add(events);
  const newest = valuesOf(history, stateOf(history.newest));
  const odd = { seq: 10 ** 9, time: 1, type: "of_tomorrow" as EventType } as LogEvent;
  expect(history.add([odd])).toBe(1);
  expect(valuesOf(history, stateOf(history.newest))).toEqual(newest);
});

test("a log without its beginning is refused", () => {
  const { events } = golden("parallel_fan_in");
  expect(() => new History().add(events.slice(1))).toThrow(LogDamaged);
});

test("a sequence is found among those of other runs", () => {
  const { events } = golden("parallel_fan_in");
  const history = new History();
  history.add(events);
  const [first, second] = events as [LogEvent, LogEvent];
  expect(history.countUpTo(first.seq - 1)).toBe(0);
  expect(history.countUpTo(first.seq)).toBe(1);
  expect(history.countUpTo(second.seq - 0.5)).toBe(1);
  expect(history.countUpTo(10 ** 9)).toBe(events.length);
  expect(history.at(0)).toBeNull();
});

test("a long log is folded whole, and any place in it is reached", () => {
  const events = longLog(2_500);
  const history = new History();
  history.add(events);
  expect(stateOf(history.newest).head.status).toBe("succeeded");
  for (const index of [0, 1_000, 2_499]) {
    const count = 3 + index * 4 + 1;
    const node = stateOf(history.at(count)).nodes.get(`each[${index}]/call`);
    expect(node?.status).toBe("running");
    expect(stateOf(history.at(count + 1)).nodes.get(`each[${index}]/call`)?.status).toBe(
      "succeeded",
    );
    expect(stateOf(history.at(count)).nodes.get(`each[${index + 1}]/call`)).toBeUndefined();
  }
});
