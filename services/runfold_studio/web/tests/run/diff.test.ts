// @vitest-environment node
import { expect, test } from "vitest";
import { diffGraph, marksBetween } from "@/graph/diff-graph";
import { graphOf, type Kinds } from "@/graph/graph";
import { compared, differencesOn, isSame, type NodeDiff } from "@/screens/diff/differences";
import { inOrder } from "@/screens/run/family-order";

const node = (address: string, change: NodeDiff["change"]) => ({ address, change }) as NodeDiff;
const differing = (some: number, all: number) => `${some}/${all}`;

test("a box says the gravest of what its items differ in, and how many do", () => {
  const live = differencesOn(
    [
      node("each[0]/call", "same"),
      node("each[1]/call", "output"),
      node("each[2]/call", "only_b"),
      node("end", "same"),
    ],
    differing,
  );
  expect(live.box("each/call")).toMatchObject({ status: "only_right", line: "2/3" });
  expect(live.box("end")).toMatchObject({ status: "same", line: "" });
  expect(live.box("other")).toBeNull();
  expect(live.box("end")).toBe(live.box("end"));
});

test("values are compared name by name, what differs first", () => {
  const found = compared(
    { a: 1, b: { x: [1], y: 2 }, c: 3 },
    { b: { y: 2, x: [1] }, c: 4, d: null },
  );
  expect(found.map((one) => [one.name, one.same])).toEqual([
    ["a", false],
    ["c", false],
    ["d", false],
    ["b", true],
  ]);
});

test.each([
  [1, 1, true],
  [1, "1", false],
  [null, {}, false],
  [[], {}, false],
  [[1, 2], [2, 1], false],
  [{ a: undefined }, {}, false],
  [{ constructor: 1 }, {}, false],
])("%j and %j: %s", (a, b, same) => expect(isSame(a, b)).toBe(same));

test("each run of a family stands below the one that it goes on from", () => {
  const family = [
    { run_id: "b", origin: "a" },
    { run_id: "a", origin: "gone" },
    { run_id: "d", origin: "b" },
    { run_id: "c", origin: "a" },
  ];
  expect(inOrder(family).map(({ member, depth }) => [member.run_id, depth])).toEqual([
    ["a", 0],
    ["b", 1],
    ["d", 2],
    ["c", 1],
  ]);
});

test("nodes that only one definition has, or that say another thing, are marked; removed ones stay", () => {
  const kinds = new Map([["iteration", { type: "iteration", bodies: { places: [""] } }]]);
  const drawn = (say: string, more: object[], edges: object[] = []) =>
    graphOf(
      {
        nodes: [
          { id: "a", type: "noop" },
          {
            id: "each",
            type: "iteration",
            config: { items: [1], nodes: [{ id: "say", type: "template", config: { say } }] },
          },
          ...more,
        ],
        edges: [{ source: "a", target: "each" }, ...edges],
      },
      kinds as unknown as Kinds,
    );
  const before = drawn("x", [{ id: "gone", type: "noop" }], [{ source: "each", target: "gone" }]);
  const after = drawn("y", [{ id: "new", type: "noop" }]);
  const marks = marksBetween(before, after);
  expect([...marks]).toEqual([
    ["each/say", "changed"],
    ["new", "added"],
    ["gone", "removed"],
  ]);
  const { graph } = diffGraph(before, after, marks);
  expect(graph.nodes.map((one) => one.address)).toEqual(["a", "each", "each/say", "new", "gone"]);
  expect(graph.edges.map((one) => one.id)).toEqual(["a out each", "each out gone"]);
  expect(marksBetween(before, before).size).toBe(0);
});
