// @vitest-environment node
import { describe, expect, it } from "vitest";
import { asked, instantOf, localOf, runsOfGroup, toggled } from "@/screens/runs/filters";
import { rowsIn } from "@/ui/visible-rows";

describe("filters of runs", () => {
  it("are asked for as they stand in the address", () => {
    expect(asked({ status: "failed,running", label: "a:b\nc:d, e", text: "" })).toEqual({
      status: "failed,running",
      label: ["a:b", "c:d, e"],
    });
  });

  it("have moments that go through a field and back", () => {
    const written = "2026-03-29T10:30:00Z";
    expect(instantOf(localOf(written))).toBe(written);
    expect(localOf("1774780200")).toBe(localOf(written));
    expect(localOf("yesterday")).toBe("");
    expect(instantOf("")).toBeUndefined();
  });

  it("of a group of failures name its node in any scope, within the time looked at", () => {
    const group = { workflow_id: "w", node: "each[]/call", error_code: "http.status" };
    expect(runsOfGroup(group, { from: "1", text: "x" })).toEqual({
      workflow_id: "w",
      error_code: "http.status",
      status: "failed",
      node: "call",
      from: "1",
    });
    expect(runsOfGroup({ ...group, node: "" }, {})).not.toHaveProperty("node");
  });

  it("are switched on and off", () => {
    expect(toggled(["failed"], "running")).toEqual(["failed", "running"]);
    expect(toggled(["failed", "running"], "failed")).toEqual(["running"]);
  });
});

describe("rows in a window", () => {
  it.each([
    [0, 440, 1000, { first: 0, end: 18 }],
    [4400, 440, 1000, { first: 92, end: 118 }],
    [43_900, 440, 1000, { first: 989, end: 1000 }],
    [9_999, 440, 3, { first: 0, end: 3 }],
    [0, 0, 0, { first: 0, end: 0 }],
  ])("at %i of %i pixels", (top, height, rows, expected) => {
    expect(rowsIn(top, height, 44, rows)).toEqual(expected);
  });
});
