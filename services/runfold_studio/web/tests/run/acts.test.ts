// @vitest-environment node
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { countBefore, forkRefusal, retryRefusal, trialRefusal } from "@/run/acts";
import { History } from "@/run/history";
import type { Moment } from "@/run/moment";
import { changedInputs } from "@/screens/run/actions/inputs";
import { golden, logOf, momentAfter } from "./logs";

const NAMES = readdirSync(resolve(import.meta.dirname, "../fixtures/logs")).map((name) =>
  name.replace(/\.json$/, ""),
);
const BOTH = {
  id: "w",
  nodes: [
    { id: "a", type: "noop" },
    { id: "b", type: "noop" },
  ],
  edges: [{ source: "a", target: "b" }],
};
const DONE = { type: "node_run_succeeded", node_id: "a" };

function of(name: string): { history: History; moment: Moment } {
  const { events } = golden(name);
  const history = new History();
  history.add(events);
  return { history, moment: momentAfter(events) };
}

describe("a fork from a node", () => {
  test.each(NAMES)("keeps what was before it, and nothing of it: %s", (name) => {
    const { history, moment } = of(name);
    let nodes = 0;
    for (const [address] of moment.state.nodes.entries()) {
      if (forkRefusal(moment, address) !== null) continue;
      const kept = history.at(countBefore(history, moment, address))?.nodes.get(address);
      expect([address, kept?.startedAt, kept?.attempts.length]).toEqual([address, null, 1]);
      nodes += 1;
    }
    expect(nodes).toBeGreaterThan(0);
  });

  test("is refused where the run has not come to the node, or not by then", () => {
    const log = logOf(BOTH, DONE, { type: "node_run_started", node_id: "b" });
    expect(forkRefusal(momentAfter(log), "b")).toBeNull();
    expect(forkRefusal(momentAfter(log, 1), "b")).toBe("not_reached_then");
    expect(forkRefusal(momentAfter(logOf(BOTH)), "b")).toBe("not_reached");
    const skipped = logOf(BOTH, { type: "node_run_skipped", node_id: "a" });
    expect(forkRefusal(momentAfter(skipped), "b")).toBe("never_ready");
  });
});

describe("a retry from a node", () => {
  test("is of a run that has ended and came to the node", () => {
    const going = momentAfter(logOf(BOTH, DONE)).state;
    expect(retryRefusal(going, "a")).toBe("not_ended");
    expect(retryRefusal(null, "a")).toBe("not_ended");
    const ended = momentAfter(logOf(BOTH, { type: "run_cancelled" })).state;
    expect(retryRefusal(ended, "a")).toBeNull();
    expect(retryRefusal(ended, "b")).toBe("not_reached");
  });

  test("is refused where something was undone", () => {
    const { moment } = of("undone_as_a_whole");
    for (const [address] of moment.state.nodes.entries())
      expect(retryRefusal(moment.state, address)).toBe("undone");
  });
});

test("a trial needs a node that the run has come to, and is not tried itself", () => {
  const { state } = momentAfter(logOf(BOTH));
  expect(trialRefusal(state, "a")).toBeNull();
  expect(trialRefusal(state, "b")).toBe("not_reached");
  const [first, ...rest] = logOf(BOTH);
  const labelled = [{ ...first, labels: { "runfold.trial": "true" } }, ...rest];
  expect(trialRefusal(momentAfter(labelled as never).state, "a")).toBe("of_trial");
});

describe("the inputs of a fork", () => {
  test("are those that changed, in whichever order an object has its keys at hand", () => {
    const before = { a: 1, b: { x: 1 }, c: "c" };
    expect(changedInputs(before, { ...before })).toBeNull();
    expect(changedInputs(before, { a: 2, b: { x: 1 }, c: "c", d: true })).toEqual({
      a: 2,
      d: true,
    });
  });

  test("say that a field was emptied, which would stay as it was otherwise", () => {
    expect(changedInputs({ a: 1, c: "c", e: "", n: null }, { a: 1 })).toEqual({ c: "" });
    expect(changedInputs({ a: 1 }, undefined)).toEqual({ a: null });
  });
});
