// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CannotEdit, type Path, SourceDocument } from "@/graph/document";
import { isObject, isSame, withoutValue, withValue } from "@/graph/source/values";

const EXAMPLES = join(import.meta.dirname, "../../../../../examples");
const examples = readdirSync(EXAMPLES).filter((name) => name.endsWith(".yaml"));

function lines(...all: string[]): string {
  return `${all.join("\n")}\n`;
}

describe("setting a value", () => {
  const cases: [string, string, Path, unknown, string][] = [
    ["a plain value", "a: 1 # one\nb: 2\n", ["a"], 3, "a: 3 # one\nb: 2\n"],
    ["keeps quotes", "a: 'x'\n", ["a"], "it's", "a: 'it''s'\n"],
    ["keeps double quotes", 'a: "x"  # y\n', ["a"], "z", 'a: "z"  # y\n'],
    ["text that reads as a number", "a: x\n", ["a"], "12", 'a: "12"\n'],
    ["text that old YAML reads as true", "a: x\n", ["a"], "yes", 'a: "yes"\n'],
    ["a new key", "a: 1\n# end\n", ["b"], 2, "a: 1\nb: 2\n# end\n"],
    ["a new key without a last line feed", "a: 1", ["b"], 2, "a: 1\nb: 2"],
    ["a key behind nothing", "a:\nb: 1\n", ["a", "c"], 2, "a:\n  c: 2\nb: 1\n"],
    ["a key in empty braces", "a: {}\n", ["a", "c"], 2, "a:\n  c: 2\n"],
    ["a key in braces", "a: {b: 1}\n", ["a", "c"], 2, "a: {b: 1, c: 2}\n"],
    [
      "in braces of several lines",
      "a: {\n  b: 1\n}\n",
      ["a", "c"],
      2,
      "a: {\n  b: 1,\n  c: 2\n}\n",
    ],
    ["in braces with a last comma", "a: {b: 1,}\n", ["a", "c"], 2, "a: {b: 1, c: 2,}\n"],
    ["text with commas in braces", "a: {b: 1}\n", ["a", "b"], "x, y", 'a: {b: "x, y"}\n'],
    ["lines in braces", "a: {b: 1}\n", ["a", "b"], "x\ny", 'a: {b: "x\\ny"}\n'],
    ["lines", "a: x\nb: 1\n", ["a"], "x\ny\n", "a: |\n  x\n  y\nb: 1\n"],
    ["lines in place of lines", "a: |\n  x\n\nb: 1\n", ["a"], "x\ny\n", "a: |\n  x\n  y\n\nb: 1\n"],
    ["folded lines become lines", "a: >\n  x\nb: 1\n", ["a"], "x\ny\n", "a: |\n  x\n  y\nb: 1\n"],
    ["an object", "a: x # c\nb: 1\n", ["a"], { c: [1] }, "a:\n  c:\n    - 1 # c\nb: 1\n"],
    ["in a list", "- a\n- b # c\n", [1], "d", "- a\n- d # c\n"],
    ["an object in a list", "- a\n- b\n", [0], { c: 1, d: 2 }, "- c: 1\n  d: 2\n- b\n"],
    ["in a list in brackets", "[a, b]\n", [0], "d", "[d, b]\n"],
    ["deep", "a:\n  - b: 1\n", ["a", 0, "c", "d"], 2, "a:\n  - b: 1\n    c:\n      d: 2\n"],
    ["in a text of nothing", "", ["a"], 1, "a: 1\n"],
    ["behind a comment", "# only\n", ["a"], 1, "# only\na: 1\n"],
    ["of Windows", "a: 1\r\nb: 2\r\n", ["c"], { d: 1 }, "a: 1\r\nb: 2\r\nc:\r\n  d: 1\r\n"],
    ["with four columns", "a:\n    b: 1\n", ["c"], { d: 1 }, "a:\n    b: 1\nc:\n    d: 1\n"],
    ["lists without columns", "a:\n- 1\n", ["b"], [2], "a:\n- 1\nb:\n- 2\n"],
    ["a key of any script", "节点: 1\n", ["节点"], "两", "节点: 两\n"],
    ["a key with a colon", "a: 1\n", ["b: c"], 2, 'a: 1\n"b: c": 2\n'],
    ["a key that looks like a number", "a: 1\n", ["12"], 2, 'a: 1\n"12": 2\n'],
    ["a number as key", "1: a\n", ["1"], "b", "1: b\n"],
    ["__proto__", "a: 1\n", ["__proto__"], 2, "a: 1\n__proto__: 2\n"],
    [
      "a copy in place of an alias",
      "a: &x {b: 1}\nc: *x\n",
      ["c", "b"],
      2,
      "a: &x {b: 1}\nc:\n  b: 2\n",
    ],
    [
      "over what is merged",
      "a: &x {b: 1}\nc:\n  <<: *x\n",
      ["c", "b"],
      2,
      "a: &x {b: 1}\nc:\n  <<: *x\n  b: 2\n",
    ],
    ["a byte order mark", "\ufeffa: 1\n", ["a"], 2, "\ufeffa: 2\n"],
    ["behind kept empty lines", "a: |+\n  x\n\nb: 1\n", ["a"], "y\n", "a: |\n  y\nb: 1\n"],
    [
      "after kept empty lines",
      "m:\n  a: |+\n    x\n\n",
      ["m", "b"],
      1,
      "m:\n  a: |+\n    x\n\n  b: 1\n",
    ],
  ];
  it.each(cases)("%s", (_, text, path, value, after) => {
    const made = SourceDocument.of(text).set(path, value);
    expect(made.text).toBe(after);
    expect(made.at(path)).toEqual(value);
  });

  it("does not change what an anchor gives to others", () => {
    const document = SourceDocument.of("a: &x {b: 1}\nc: *x # as a\nd:\n  <<: *x\n");
    const made = document.set(["a", "b"], 2);
    expect(made.text).toBe("a: &x {b: 2}\nc:\n  b: 1 # as a\nd:\n  <<:\n    b: 1\n");
    expect(made.value).toEqual({ a: { b: 2 }, c: { b: 1 }, d: { b: 1 } });
    expect(document.remove(["c", "b"]).value).toEqual({ a: { b: 1 }, c: {}, d: { b: 1 } });
    expect(() => document.remove(["d", "b"])).toThrow(CannotEdit);
  });

  it("of JSON stays JSON", () => {
    const text = '{\n    "nodes": [\n        {"id": "a"}\n    ]\n}\n';
    const made = SourceDocument.of(text).add(["nodes"], { id: "b", config: { x: "y\n" } });
    expect(JSON.parse(made.text)).toEqual({
      nodes: [{ id: "a" }, { id: "b", config: { x: "y\n" } }],
    });
    expect(made.text).toBe(
      '{\n    "nodes": [\n        {"id": "a"},\n        {\n            "id": "b",\n            "config": {\n                "x": "y\\n"\n            }\n        }\n    ]\n}\n',
    );
    expect(JSON.parse(made.set(["nodes", 0, "type"], "llm").text).nodes[0].type).toBe("llm");
    expect(JSON.parse(SourceDocument.of("{}").set(["a", "b"], [1]).text)).toEqual({
      a: { b: [1] },
    });
  });
});

describe("removing a value", () => {
  const cases: [string, string, Path, string][] = [
    ["a key with its comment", "a: 1\n# about b\nb: 2 # b\nc: 3\n", ["b"], "a: 1\nc: 3\n"],
    ["a comment further up stays", "a: 1\n# more\n\nb: 2\nc: 3\n", ["b"], "a: 1\n# more\n\nc: 3\n"],
    ["the first key of a list's item", "- a: 1\n  b: 2\n", [0, "a"], "- b: 2\n"],
    ["before a comment", "- a: 1\n  # b\n  b: 2\n", [0, "a"], "- \n  # b\n  b: 2\n"],
    ["the only key", "a:\n  b: 1\nc: 2\n", ["a", "b"], "a: {}\nc: 2\n"],
    ["the only item", "a:\n  - b\nc: 2\n", ["a", 0], "a: []\nc: 2\n"],
    ["an item", "a:\n  - b\n  # c\n  - c\n  - d\n", ["a", 1], "a:\n  - b\n  - d\n"],
    ["the last item", "a:\n  - b\n  - c: 1\n    d: 2\ne: 1\n", ["a", 1], "a:\n  - b\ne: 1\n"],
    ["the last without a line feed", "a: 1\nb: 2", ["b"], "a: 1"],
    ["in brackets, first", "[a, b, c]\n", [0], "[b, c]\n"],
    ["in brackets, middle", "[a, b, c]\n", [1], "[a, c]\n"],
    ["in brackets, last", "[a, b]\n", [1], "[a]\n"],
    ["in braces", "{a: 1, b: 2}\n", ["a"], "{b: 2}\n"],
    ["of JSON over lines", '{\n  "a": 1,\n  "b": 2\n}\n', ["b"], '{\n  "a": 1\n}\n'],
    ["a block text", "a: |\n  x\n\nb: 1\n", ["a"], "\nb: 1\n"],
    ["nothing", "a: 1\n", ["b"], "a: 1\n"],
  ];
  it.each(cases)("%s", (_, text, path, after) => {
    expect(SourceDocument.of(text).remove(path).text).toBe(after);
  });

  it("takes several items at once", () => {
    const document = SourceDocument.of("[a, b, c, d, e]");
    expect(document.removeItems([], [0, 1, 3]).text).toBe("[c, e]");
    expect(document.removeItems([], [3, 4]).text).toBe("[a, b, c]");
    expect(document.removeItems([], [0, 1, 2, 3, 4]).text).toBe("[]");
    expect(SourceDocument.of("- a\n- b\n- c\n").removeItems([], [0, 2]).text).toBe("- b\n");
  });
});

describe("adding an item", () => {
  it("is written as the last one is", () => {
    const flow = SourceDocument.of("edges:\n  - {source: a, target: b}\nx: 1\n");
    expect(flow.add(["edges"], { source: "b", target: "c" }).text).toBe(
      "edges:\n  - {source: a, target: b}\n  - {source: b, target: c}\nx: 1\n",
    );
    const block = SourceDocument.of("edges:\n- source: a\n  target: b\n");
    expect(block.add(["edges"], { source: "b", target: "c" }).text).toBe(
      lines("edges:", "- source: a", "  target: b", "- source: b", "  target: c"),
    );
  });

  it("makes the list", () => {
    const document = SourceDocument.of("a: 1\n");
    expect(document.add(["edges"], { source: "b" }, { inLine: true }).text).toBe(
      "a: 1\nedges:\n  - {source: b}\n",
    );
  });
});

describe("a text", () => {
  it("that cannot be read says where", () => {
    const document = SourceDocument.of("a: 1\nb: [\n");
    expect(document.problem?.at).toBeGreaterThan(5);
    expect(document.value).toBeUndefined();
    expect(() => document.set(["a"], 2)).toThrow(CannotEdit);
  });

  it("is read as the gateway reads it", () => {
    const text = "a: 007\nb: no\nc: 2024-01-01\nd: 0x1F\ne: 1_000\nf: +3\ng: ~\nh: 1:30\n";
    expect(SourceDocument.of(text).value).toEqual({
      a: "007",
      b: "no",
      c: "2024-01-01",
      d: 31,
      e: "1_000",
      f: 3,
      g: null,
      h: "1:30",
    });
  });

  it("knows where things stand", () => {
    const document = SourceDocument.of("a: 1\nnodes:\n  - id: x\n    type: y\n");
    expect(document.text.slice(document.offsetOf(["nodes", 0, "type"]))).toBe("type: y\n");
    expect(document.text.slice(document.offsetOf(["nodes", 0, "config", "x"]))).toMatch(/^id: x/);
  });
});

/** Numbers that look drawn, the same every time. */
function drawn(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

function placesIn(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value))
    return value.flatMap((one, index) => [[...path, index], ...placesIn(one, [...path, index])]);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => [
    [...path, key],
    ...placesIn(one, [...path, key]),
  ]);
}

const VALUES = [
  "text",
  "",
  " leads",
  "a\nb",
  "a\n\n  b\n\n",
  "# no comment",
  "{{x}}",
  "- a",
  "a: b",
  "true",
  "12",
  "1e3",
  "节点",
  "\u2028",
  "'\"",
  "\\",
  "\t",
  0,
  -1.5,
  true,
  null,
  [],
  {},
  [1, ["a"]],
  { a: { b: [] } },
  [{ id: "1st", "a-b": "x\ny" }],
];

/** Some edits, each looked at. */
function wander(text: string, next: (below: number) => number): string {
  let document = SourceDocument.of(text);
  for (let step = 0; step < 25; step += 1) {
    const places = placesIn(document.value);
    const path = places[next(places.length)] ?? ["a"];
    const value = VALUES[next(VALUES.length)];
    const before = document.value;
    const isRemoval = next(4) === 0;
    document = isRemoval ? document.remove(path) : document.set(path, value);
    const asked = isRemoval ? withoutValue(before, path) : withValue(before, path, value);
    expect(isSame(document.value, asked)).toBe(true);
  }
  return document.text;
}

describe("edits one after another", () => {
  it.each(examples)("of %s say what was asked and keep the rest", (name) => {
    const text = readFileSync(join(EXAMPLES, name), "utf8");
    const next = drawn(name.length * 7919);
    wander(text, next);
    const json = JSON.stringify(SourceDocument.of(text).value, null, 2);
    expect(() => JSON.parse(wander(json, next))).not.toThrow();
  });
});
