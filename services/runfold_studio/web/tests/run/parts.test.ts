// @vitest-environment node
import { describe, expect, test } from "vitest";
import type { AnswerChunk, Chunk } from "@/run/events";
import { addressIn, itemsOf, picksFor, scopeIn } from "@/run/items";
import { eventsOf, LineProblem } from "@/run/lines";
import { advanced } from "@/run/playback";
import { timesOf, usedInside } from "@/run/shown";
import { Streamed } from "@/run/streamed";
import { Rows, Scale } from "@/run/timeline";
import { whyNot } from "@/run/why";
import { golden, logOf, momentAfter } from "./logs";
import { longLog } from "./long-log";

const BRANCHES = {
  id: "w",
  nodes: [
    { id: "ask", type: "condition", config: {} },
    { id: "yes", type: "noop" },
    { id: "no", type: "noop" },
    { id: "after_no", type: "noop" },
    { id: "both", type: "noop" },
  ],
  edges: [
    { source: "ask", target: "yes", port: "true" },
    { source: "ask", target: "no", port: "false" },
    { source: "no", target: "after_no" },
    { source: "yes", target: "both" },
    { source: "after_no", target: "both" },
  ],
};

describe("why a node did not run", () => {
  const asked = { type: "node_run_succeeded", node_id: "ask", port: "true" };
  const skipped = { type: "node_run_skipped", node_id: "no" };

  test("names the edge that was not taken, and the port that was", () => {
    const moment = momentAfter(logOf(BRANCHES, asked, skipped));
    expect(whyNot(moment, "no")).toEqual([
      { kind: "not_taken", source: "ask", port: "false", took: ["true"], seq: 15 },
    ]);
  });

  test("goes on to what was skipped before it", () => {
    const later = { type: "node_run_skipped", node_id: "after_no" };
    const moment = momentAfter(logOf(BRANCHES, asked, skipped, later));
    expect(whyNot(moment, "after_no")).toEqual([{ kind: "source_skipped", source: "no", seq: 20 }]);
  });

  test("says what is still to come, and what has come", () => {
    const moment = momentAfter(logOf(BRANCHES, asked, skipped));
    expect(whyNot(moment, "both")).toEqual([
      { kind: "source_open", source: "yes" },
      { kind: "source_open", source: "after_no" },
    ]);
    expect(whyNot(moment, "ask")).toEqual([]);
  });

  test("names the failure that ended the run before", () => {
    const error = { code: "x.broken", message: "broken", kind: "server" };
    const failed = { type: "node_run_failed", node_id: "yes", error };
    const ended = { type: "run_failed", node_id: "yes", error };
    const reasons = whyNot(momentAfter(logOf(BRANCHES, asked, skipped, failed, ended)), "both");
    expect(reasons.map((one) => one.kind)).toEqual(["source_failed", "source_open", "run_ended"]);
  });

  test("names the join that went on without it", () => {
    const { events } = golden("composites");
    const at = momentAfter(events);
    for (const [address, node] of at.state.nodes.entries())
      if (node.status === "succeeded") expect(whyNot(at, address)).toEqual([]);
  });

  test("names the composite that never began", () => {
    const { events } = golden("loop_with_a_bad_item");
    const moment = momentAfter(events, 1);
    expect(whyNot(moment, "each[0]/check")).toEqual([{ kind: "around", around: "each" }]);
  });
});

describe("the items of a composite", () => {
  const { events } = golden("loop_with_a_bad_item");

  test("are those that have begun, the newest looked at", () => {
    const moment = momentAfter(events);
    const each = moment.state.nodes.get("each");
    expect(each && itemsOf(each, "")).toMatchObject({ count: 3, total: 3 });
    expect(addressIn(moment.state, "each/check", new Map())).toBe("each[2]/check");
    expect(addressIn(moment.state, "each/check", picksFor("each[1]/check"))).toBe("each[1]/check");
    expect(addressIn(moment.state, "each/check", picksFor("each[9]/check"))).toBe("each[2]/check");
    expect(addressIn(momentAfter(events, 1).state, "each/check", new Map())).toBeNull();
    expect(scopeIn(moment.state, "each/check", new Map()).around).toEqual([
      { address: "each", body: "", index: 2 },
    ]);
  });

  test("are told apart by the body that they run", () => {
    const moment = momentAfter(golden("call_refused").events);
    const helper = moment.state.nodes.get("helper");
    const rounds = helper && itemsOf(helper, "model");
    const calls = helper && itemsOf(helper, "approve");
    expect(rounds?.count).toBeGreaterThan(1);
    expect(calls?.count).toBeGreaterThan(0);
    expect(calls?.at(0)).not.toBe(rounds?.at(0));
    expect(rounds?.placeOf(rounds.at(1))).toBe(1);
    expect(addressIn(moment.state, "helper[model]/call", new Map())).toMatch(
      /^helper\[model\.\d+\]\/call$/,
    );
  });
});

describe("the timeline", () => {
  test("keeps the time in the queue apart from the run, and attempts from each other", () => {
    const error = { code: "x", message: "m", kind: "server" };
    const moment = momentAfter(
      logOf(
        { id: "w", nodes: [{ id: "a", type: "noop" }], edges: [] },
        { type: "node_run_started", node_id: "a", time: 1002 },
        { type: "node_run_failed", node_id: "a", error, time: 1003 },
        {
          type: "node_run_retry",
          node_id: "a",
          attempt: 2,
          error,
          delay: 4,
          due: 1007,
          time: 1003,
        },
        { type: "timer_fired", node_id: "a", timer: "retry", attempt: 2, time: 1007 },
        { type: "node_run_started", node_id: "a", attempt: 2, time: 1008 },
        { type: "node_run_succeeded", node_id: "a", attempt: 2, time: 1009 },
      ),
    );
    const [row] = new Rows(moment).slice(0, 1);
    expect(row?.bars.map((one) => [one.kind, one.from, one.to, one.attempt])).toEqual([
      ["queue", 1000, 1002, 1],
      ["failed", 1002, 1003, 1],
      ["backoff", 1003, 1007, 2],
      ["queue", 1007, 1008, 2],
      ["run", 1008, 1009, 2],
    ]);
  });

  test("cuts what is idle, and draws later times further right", () => {
    const moment = momentAfter(
      logOf(
        {
          id: "w",
          nodes: [
            { id: "a", type: "wait" },
            { id: "b", type: "noop" },
          ],
          edges: [{ source: "a", target: "b" }],
        },
        { type: "node_run_waiting", node_id: "a", waiting_for: "timer", due: 8200, time: 1001 },
        { type: "timer_fired", node_id: "a", timer: "wait", time: 8200 },
        { type: "node_run_succeeded", node_id: "a", time: 8200 },
        { type: "node_run_started", node_id: "b", time: 8201 },
        { type: "node_run_succeeded", node_id: "b", time: 8203 },
      ),
    );
    const scale = new Scale(new Rows(moment), 1000, 8203);
    expect(scale.stretches.filter((one) => one.cut)).toMatchObject([{ from: 1001, to: 8200 }]);
    const places = [1000, 1001, 5000, 8200, 8202, 8203].map((time) => scale.at(time));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBe(0);
    expect(places.at(-1)).toBeCloseTo(1);
    expect((places[3] ?? 0) - (places[1] ?? 0)).toBeLessThan(0.05);
  });

  test("of a run that has only begun is empty, and divides by nothing", () => {
    const moment = momentAfter(logOf({ id: "w", nodes: [], edges: [] }));
    const rows = new Rows(moment);
    expect(rows.slice(0, 9)).toEqual([]);
    expect(new Scale(rows, 1000, 1000).at(1000)).toBe(0);
  });

  test("of a long run has each row once, whichever part of it is asked for", () => {
    const events = longLog(300);
    for (const count of [events.length, 800, 801, 1]) {
      const moment = momentAfter(events, count);
      const rows = new Rows(moment);
      const every = [...moment.state.nodes.entries()].filter(([, node]) => node.attempts.length);
      expect(rows.length).toBe(every.length);
      expect(rows.slice(0, rows.length).map((row) => row.address)).toEqual(
        every.map(([address]) => address),
      );
      expect(rows.slice(60, 70)).toEqual(rows.slice(0, rows.length).slice(60, 70));
      expect(new Scale(rows, 1000, moment.event.time).stretches.every((one) => !one.cut)).toBe(
        true,
      );
    }
  });
});

describe("playing again", () => {
  const times = [10, 10.5, 10.6, 500, 500.1];
  test.each([
    [1, 0.4, 1, 1],
    [1, 0.5, 1, 2],
    [1, 0.7, 1, 3],
    [3, 0.99, 1, 3],
    [3, 1, 1, 4],
    [1, 0.25, 4, 3],
    [1, 99, 1, 5],
  ] as const)("from %d after %d s at ×%d comes to %d", (count, elapsed, speed, want) => {
    const list = { length: times.length, at: (place: number) => times[place] ?? 0 };
    expect(advanced(list, count, elapsed, speed).count).toBe(want);
  });
});

describe("streamed text", () => {
  const chunk = (index: number, text: string, more: object = {}): Chunk =>
    ({
      type: "stream_chunk",
      run_id: "r",
      workflow_id: "w",
      node_id: "a",
      index,
      text,
      seq: index,
      time: 100 + index,
      ...more,
    }) as Chunk;

  test("is put together once, though pieces come twice", () => {
    const streamed = new Streamed();
    for (const one of [
      chunk(0, "Hel"),
      chunk(1, "lo"),
      chunk(1, "lo"),
      chunk(0, "Hel"),
      chunk(2, "", { final: true }),
    ])
      streamed.add(one);
    expect(streamed.of("a", 1)).toMatchObject({ text: "Hello", final: true });
    expect(streamed.of("a", 2)).toBeNull();
  });

  test("is shown as far as it was at a time", () => {
    const streamed = new Streamed();
    for (const [index, text] of ["a", "b", "c"].entries()) streamed.add(chunk(index, text));
    expect(streamed.of("a", 1, 101)?.text).toBe("ab");
    expect(streamed.of("a", 1, 99)).toBeNull();
    expect(streamed.all(100).map((one) => one.text)).toEqual(["a"]);
  });

  test("of an answer may be set right", () => {
    const streamed = new Streamed();
    const answer = (text: string, more: object = {}): AnswerChunk =>
      ({ type: "answer_chunk", node_id: "end", text, index: 0, ...more }) as AnswerChunk;
    streamed.addAnswer(answer("wrong"), 1);
    streamed.addAnswer(answer("right", { replace: true }), 2);
    streamed.addAnswer(answer("!"), 3);
    expect(streamed.of("end", 1)?.text).toBe("right!");
  });

  test("keeps thoughts apart from the text", () => {
    const streamed = new Streamed();
    streamed.add(chunk(0, "hm", { kind: "reasoning" }));
    streamed.add(chunk(1, "yes"));
    expect(streamed.all().map((one) => [one.kind, one.text])).toEqual([
      ["reasoning", "hm"],
      ["text", "yes"],
    ]);
    expect(streamed.of("a", 1)?.text).toBe("yes");
  });
});

describe("a log as lines", () => {
  test("is read in the order of its sequences, empty lines passed over", () => {
    const [a, b] = logOf({ nodes: [], edges: [] }, { type: "run_succeeded" });
    const text = `${JSON.stringify(b)}\r\n\n${JSON.stringify(a)}\n`;
    expect(eventsOf(text)).toEqual([a, b]);
  });

  test.each([
    ['{"seq":1,"time":1,"type":"run_started"}\n{"seq"', 2, "json"],
    ['{"seq":1,"time":1,"type":"run_started"}\n\n[1]', 3, "event"],
    ["null", 1, "event"],
    ['{"type":"x","seq":"1","time":1}', 1, "event"],
  ])("names the line that is not an event: %s", (text, line, reason) => {
    let problem: unknown;
    try {
      eventsOf(text);
    } catch (error) {
      problem = error;
    }
    expect(problem).toBeInstanceOf(LineProblem);
    expect(problem).toMatchObject({ line, reason });
  });
});

describe("an attempt", () => {
  const wait = { id: "w", nodes: [{ id: "ask", type: "wait", config: { duration: "1h" } }] };
  const waits = { type: "node_run_waiting", node_id: "ask", waiting_for: "timer", due: 4600 };

  test("that waits does not run meanwhile", () => {
    const node = momentAfter(logOf(wait, waits)).state.nodes.get("ask");
    const [one] = node?.attempts ?? [];
    if (!node || !one) throw new Error("it has no attempt");
    expect(timesOf(node, one, true, 1031)).toMatchObject({ ran: 0, waited: 30 });
    const ended = { ...one, waitedUntil: 1011, finishedAt: 1013 };
    expect(timesOf(node, ended, true, 1031)).toMatchObject({ ran: 2, waited: 10 });
  });

  test("of a node in a composite has its tokens counted there, those that failed as well", () => {
    const used = (total_tokens: number) => ({ usage: { total_tokens, cost: 0.5 } });
    const nodes = new Map([
      ["each", { attempts: [] }],
      ["each[0]/say", { attempts: [used(3), used(4)] }],
      ["each[1]/in[0]/say", { attempts: [used(5)] }],
      ["each_other[0]/say", { attempts: [used(100)] }],
    ]);
    expect(usedInside({ nodes } as never, "each")).toEqual({ tokens: 12, cost: 1.5 });
    expect(usedInside({ nodes } as never, "say")).toEqual({ tokens: 0, cost: 0 });
  });
});
