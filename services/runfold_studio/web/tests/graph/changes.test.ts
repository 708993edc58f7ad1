// @vitest-environment node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bodyPaths, placesOf } from "@/graph/bodies";
import {
  addNode,
  connect,
  disconnect,
  freeId,
  isId,
  putBetween,
  refusalOf,
  removeNodes,
  targetsOf,
  withAllEdges,
} from "@/graph/changes";
import { SourceDocument } from "@/graph/document";
import { edgesOf } from "@/graph/edges";
import { grouped } from "@/graph/grouping";
import { arranged, changed, historyOf, redone, undone } from "@/graph/history";
import { renamedInText } from "@/graph/references";
import { renamedAddress, renameNode } from "@/graph/renaming";

const KINDS = new Map([
  ["iteration", { raw: [], bodies: { places: [""] } }],
  ["loop", { raw: ["while"], bodies: { places: [""] } }],
  ["parallel", { raw: [], bodies: { places: ["branches.*"] } }],
  ["condition", { raw: ["condition"], bodies: null }],
  ["code", { raw: ["code"], bodies: null }],
  [
    "state_machine",
    {
      raw: [],
      bodies: { places: ["states.*.entry", "states.*.on.*.action", "states.*.timeout.action"] },
    },
  ],
]);
const kindOf = (type: string) => KINDS.get(type);

function example(name: string): SourceDocument {
  return SourceDocument.of(
    readFileSync(join(import.meta.dirname, "../../../../../examples", name), "utf8"),
  );
}

const TEXT = `# what it is
nodes:
  - {id: start, type: start}
  - id: outline  # first
    type: llm
    config: {prompt: "about {{topic}}"}
  - id: each
    type: iteration
    config:
      items: outline
      nodes:
        - {id: call, type: llm, config: {prompt: "{{item}} of {{outline.output}}"}}
        - {id: tidy, type: template, config: {template: "{{call.output}}"}}
      output: "{{tidy.output}}"
  - id: end
    type: end
    config:
      outputs: {all: "{{each.output}}", first: "{{outline.output | upper}}"}
edges:
  - {source: start, target: outline}
  - {source: outline, target: each}
  - {source: each, target: end}
`;

describe("places", () => {
  it("are known in all bodies", () => {
    const places = placesOf(SourceDocument.of(TEXT).value, KINDS);
    expect([...places.nodes.keys()]).toEqual([
      "start",
      "outline",
      "each",
      "each/call",
      "each/tidy",
      "end",
    ]);
    expect(places.nodes.get("each/tidy")?.path).toEqual(["nodes", 2, "config", "nodes", 1]);
    expect([...places.bodies.keys()]).toEqual(["", "each"]);
  });

  it("of a machine's handlers have the names of states and events", () => {
    const body = { nodes: [] };
    const config = {
      states: { paid: { entry: body, on: { ship: { action: body } }, timeout: { action: body } } },
    };
    expect(bodyPaths(KINDS.get("state_machine"), config).map(([name]) => name)).toEqual([
      "paid",
      "paid.ship",
      "paid.timeout",
    ]);
  });
});

describe("edges", () => {
  it("are implied by the order where none are written", () => {
    const body = {
      nodes: [
        { id: "a", type: "llm", compensate: "undo" },
        { id: "b", type: "condition", config: { true_next: "c", false_next: "d" } },
        { id: "c", type: "llm" },
        { id: "d", type: "human_review" },
        { id: "undo", type: "llm" },
        { id: "e", type: "end" },
        { id: "f", type: "llm" },
      ],
    };
    expect(edgesOf(body).map((edge) => `${edge.source} ${edge.port} ${edge.target}`)).toEqual([
      "b true c",
      "b false d",
      "a out b",
      "c out e",
      "d approved e",
    ]);
  });

  it("have several spellings", () => {
    const body = {
      nodes: [{ id: "r", type: "human_review" }],
      edges: [
        { from: "a", to: "b", condition: true },
        { source: "r", target: "b" },
        { source: "a", target: "c", sourcePort: "x" },
        { source: "a" },
        "?",
      ],
    };
    expect(edgesOf(body).map((edge) => [edge.source, edge.port])).toEqual([
      ["a", "true"],
      ["r", "approved"],
      ["a", "x"],
    ]);
  });

  it("are written out before a node is added where they were implied", () => {
    const text = "nodes:\n  - {id: a, type: llm}\n  - {id: b, type: end}\n";
    const made = addNode(SourceDocument.of(text), [], { id: "c", type: "llm" });
    expect(made.text).toBe(
      "nodes:\n  - {id: a, type: llm}\n  - {id: b, type: end}\n  - {id: c, type: llm}\nedges:\n  - {source: a, target: b}\n",
    );
  });

  it("are added, taken out and split", () => {
    const document = SourceDocument.of(TEXT);
    const edge = { source: "outline", target: "each", port: "out" };
    const node = addNode(document, [], { id: "1st", type: "llm" });
    const split = putBetween(node, [], edge, "1st", "out");
    expect(edgesOf(split.value).map((one) => one.source + one.target)).toEqual([
      "startoutline",
      "eachend",
      "outline1st",
      "1steach",
    ]);
    expect(split.text).toContain(
      "  - {source: outline, target: 1st}\n  - {source: 1st, target: each}\n",
    );
    expect(split.text).toContain("# what it is");
    const error = connect(document, [], { source: "outline", target: "end", port: "error" });
    expect(error.text).toContain("  - {source: outline, target: end, port: error}\n");
    expect(disconnect(error, [], [{ source: "outline", target: "end", port: "error" }]).text).toBe(
      TEXT,
    );
  });

  it("at a branch take the place of the setting that says so", () => {
    const text =
      "nodes:\n  - id: a\n    type: condition\n    config: {condition: x, true_next: b}\n  - {id: b, type: end}\nedges: []\n";
    const made = disconnect(
      SourceDocument.of(text),
      [],
      [{ source: "a", target: "b", port: "true" }],
    );
    expect(made.text).toBe(text.replace(", true_next: b", ""));
  });

  it("are refused with a reason", () => {
    const value = SourceDocument.of(TEXT).value;
    const places = placesOf(value, KINDS);
    const why = (source: string, target: string) => refusalOf(value, places, source, "out", target);
    expect(why("outline", "end")).toBeNull();
    expect(why("outline", "outline")).toBe("same");
    expect(why("outline", "each/call")).toBe("bodies");
    expect(why("outline", "start")).toBe("begins");
    expect(why("end", "outline")).toBe("ends");
    expect(why("outline", "each")).toBe("there");
    expect(why("each", "outline")).toBe("cycle");
    expect(why("each/tidy", "each/call")).toBe("cycle");
  });

  it("are offered where nothing speaks against them", () => {
    for (const text of [TEXT, example("content_pipeline.yaml").text]) {
      const { value } = SourceDocument.of(text);
      const places = placesOf(value, KINDS);
      const all = [...places.nodes.keys()];
      for (const source of all)
        for (const port of ["out", "true"])
          expect(targetsOf(value, places, source, port)).toEqual(
            all.filter((target) => refusalOf(value, places, source, port, target) === null),
          );
    }
  });

  it("are all written for a canvas", () => {
    const document = SourceDocument.of(TEXT);
    const drawn = withAllEdges(document.value, placesOf(document.value, KINDS));
    expect(JSON.stringify(drawn)).toContain(
      '"edges":[{"source":"call","target":"tidy","port":"out"}]',
    );
  });
});

describe("removing nodes", () => {
  it("takes their edges along, and what is inside them", () => {
    const document = SourceDocument.of(TEXT);
    const places = placesOf(document.value, KINDS);
    const made = removeNodes(document, places, ["each", "each/call", "outline"]);
    expect(made.text).toBe(`# what it is
nodes:
  - {id: start, type: start}
  - id: end
    type: end
    config:
      outputs: {all: "{{each.output}}", first: "{{outline.output | upper}}"}
edges: []
`);
  });

  it("in a body leaves the implied ways as they were", () => {
    const document = SourceDocument.of(TEXT);
    const made = removeNodes(document, placesOf(document.value, KINDS), ["each/tidy"]);
    expect(made.at(["nodes", 2, "config", "nodes"])).toHaveLength(1);
    expect(made.at(["nodes", 2, "config", "edges"])).toEqual([]);
  });
});

describe("renaming", () => {
  it("a node renames what reads it", () => {
    const document = SourceDocument.of(TEXT);
    const place = placesOf(document.value, KINDS).nodes.get("outline");
    if (!place) throw new Error("the node is not there");
    const made = renameNode(document, place, "大纲", kindOf);
    expect(made.text).toBe(
      TEXT.replace("id: outline", "id: 大纲")
        .replace("items: outline", "items: 大纲")
        .replace("{{outline.output}}", "{{大纲.output}}")
        .replace("{{outline.output | upper}}", "{{大纲.output | upper}}")
        .replace("target: outline", "target: 大纲")
        .replace("source: outline", "source: 大纲"),
    );
  });

  it("a node of a body renames the result of the body", () => {
    const document = SourceDocument.of(TEXT);
    const place = placesOf(document.value, KINDS).nodes.get("each/tidy");
    if (!place) throw new Error("the node is not there");
    const made = renameNode(document, place, "1st", kindOf);
    expect(made.at(["nodes", 2, "config", "output"])).toBe("{{1st.output}}");
    expect(made.at(["nodes", 2, "config", "nodes", 1, "id"])).toBe("1st");
  });

  it("there and back is what it was", () => {
    for (const name of ["content_pipeline.yaml", "order_saga.yaml"]) {
      const document = example(name);
      for (const id of placesOf(document.value, KINDS).nodes.keys()) {
        const place = placesOf(document.value, KINDS).nodes.get(id);
        if (!place) continue;
        const there = renameNode(document, place, "zz_other", kindOf);
        expect(there.text).not.toMatch(new RegExp(`[{ ]${id}\\.(output|feedback|status)`));
        const other = placesOf(there.value, KINDS).nodes.get("zz_other");
        if (!other) throw new Error("it was not renamed");
        expect(renameNode(there, other, id, kindOf).text).toBe(document.text);
      }
    }
  });

  const cases: [string, string, string, string, boolean?][] = [
    ["{{a.output}} a {{b.a}}", "a", "b", "{{b.output}} a {{b.a}}"],
    ["{{ a.x | default(a.y) }}", "a", "n", "{{ n.x | default(n.y) }}"],
    ["{{ 'a' ~ a.x ~ \"a\" }}", "a", "n", "{{ 'a' ~ n.x ~ \"a\" }}"],
    [
      "{{ x | a }} {{ f(a=1) }} {{ aa }} {{ a-b.x }}",
      "a",
      "n",
      "{{ x | a }} {{ f(a=1) }} {{ aa }} {{ a-b.x }}",
    ],
    ["{{ a == b }}", "a", "n", "{{ n == b }}"],
    ["{% for a in b %}{{ a }}{% endfor %}", "a", "n", "{% for a in b %}{{ a }}{% endfor %}"],
    ["{% if a.x is defined %}1{% endif %}", "a", "n", "{% if n.x is defined %}1{% endif %}"],
    ["{{ _['a'].x }}{{_[\"a\"]}}", "a", "n", "{{ _['n'].x }}{{_['n']}}"],
    ["{{a.output}}", "a", "1st", "{{1st.output}}"],
    ["{{a}}", "a", "2024", "{{_['2024']}}"],
    ["{{a[0]}}", "a", "in", "{{_['in'][0]}}"],
    ["{{1st.output}}", "1st", "a", "{{a.output}}"],
    ["{{节点.output}}", "节点", "узел", "{{узел.output}}"],
    ["{{step-1.output}} {{step-11.output}}", "step-1", "a-b", "{{a-b.output}} {{step-11.output}}"],
    [
      "{% for k, 项 in b %}{{ 项 }}{% endfor %}",
      "项",
      "n",
      "{% for k, 项 in b %}{{ 项 }}{% endfor %}",
    ],
    ["'x' in a['output'] and a > 1", "a", "n", "'x' in n['output'] and n > 1", true],
    ["a['output']", "a", "a-b", "_['a-b']['output']", true],
    ["{{a}} > 0.8 and b.a", "a", "n", "{{n}} > 0.8 and b.a", true],
    ["{{a.output}}", "a", "group.a", "{{group.a.output}}"],
  ];
  it.each(cases)("%s", (text, from, to, after, isExpression) => {
    expect(renamedInText(text, from, to, isExpression)).toBe(after);
  });

  it("renames addresses", () => {
    expect(["a", "a/b", "a[x]/b", "ab", "c/a"].map((one) => renamedAddress(one, "a", "n"))).toEqual(
      ["n", "n/b", "n[x]/b", "ab", "c/a"],
    );
  });
});

describe("ids", () => {
  it("are free and sound", () => {
    expect(freeId("llm", ["llm", "llm_2"])).toBe("llm_3");
    expect(freeId("llm_2", ["llm_2"])).toBe("llm_3");
    expect(freeId("--", [])).toBe("node");
    expect(freeId("写 大纲!", [])).toBe("写_大纲_");
    expect(["1st", "a-b", "节点", "true"].every(isId)).toBe(true);
    expect(["", "-a", "a b", "sys", "a/b", "x".repeat(65)].some(isId)).toBe(false);
  });
});

describe("history", () => {
  it("goes back and forth", () => {
    let history = historyOf("abc");
    history = changed(history, "abXc", "", 0);
    history = changed(history, "bXc", "", 1);
    history = undone(history).history;
    expect(history.text).toBe("abXc");
    history = undone(undone(history).history).history;
    expect(history.text).toBe("abc");
    expect(redone(redone(redone(history).history).history).history.text).toBe("bXc");
    expect(redone(changed(history, "z", "", 2)).history.text).toBe("z");
  });

  it("takes typing as one step until there is a pause", () => {
    let history = historyOf("");
    for (const [index, text] of ["a", "ab", "abc"].entries())
      history = changed(history, text, "typing x", index * 100);
    expect(history.past).toHaveLength(1);
    history = changed(history, "abcd", "typing x", 10_000);
    history = changed(history, "abcde", "typing y", 10_001);
    expect(history.past).toHaveLength(3);
    expect(undone(undone(undone(history).history).history).history.text).toBe("");
    expect(changed(changed(historyOf("a"), "ab", "t", 0), "a", "t", 1).past).toEqual([]);
  });

  it("has moves among the changes of the text, and as parts of them", () => {
    const to = (x: number) => ({ nodes: { a: { x, y: 0 } }, notes: {} });
    const none = { nodes: { a: null }, notes: {} };
    let history = changed(historyOf(""), "a", "", 0);
    history = arranged(history, { done: to(1), undone: none }, "", 1, true);
    history = arranged(history, { done: to(2), undone: to(1) }, "move a", 2);
    history = arranged(history, { done: to(3), undone: to(2) }, "move a", 3);
    expect(history.past).toHaveLength(2);
    const back = undone(history);
    expect(back).toMatchObject({ layout: to(1), history: { text: "a" } });
    expect(redone(back.history)).toMatchObject({ layout: to(3), history: { text: "a" } });
    expect(undone(back.history)).toMatchObject({ layout: none, history: { text: "" } });
  });

  it("keeps 500 steps", () => {
    let history = historyOf("");
    for (let step = 1; step <= 600; step += 1)
      history = changed(history, "x".repeat(step), "", step);
    for (let step = 0; step < 600; step += 1) history = undone(history).history;
    expect(history.text).toBe("x".repeat(100));
  });
});

describe("grouping", () => {
  const text = `nodes:
  - {id: start, type: start}
  - {id: outline, type: llm, config: {prompt: "{{topic}}"}}
  - {id: draft, type: llm, config: {prompt: "{{outline.output}} in {{tone}}"}} # second
  - {id: tidy, type: template, config: {template: "{{draft.output}}!"}}
  - {id: end, type: end, config: {outputs: {a: "{{tidy.output}}", b: "{{draft.usage.tokens}}"}}}
edges:
  - {source: start, target: outline}
  - {source: outline, target: draft}
  - {source: draft, target: tidy}
  - {source: tidy, target: end}
`;
  const group = (ids: string[], from = text) => {
    const document = SourceDocument.of(from);
    const names = ["topic", "tone", "outline", "draft"];
    return grouped(document, placesOf(document.value, KINDS), ids, names, kindOf);
  };

  it("makes a workflow of nodes that gets what they read and gives what is read of them", () => {
    const made = group(["draft", "tidy"]);
    expect(made?.id).toBe("group");
    expect(made?.document.value).toEqual({
      nodes: [
        { id: "start", type: "start" },
        { id: "outline", type: "llm", config: { prompt: "{{topic}}" } },
        {
          id: "end",
          type: "end",
          config: { outputs: { a: "{{group.tidy.output}}", b: "{{group.draft.usage.tokens}}" } },
        },
        {
          id: "group",
          type: "sub_workflow",
          config: { workflow: "group", inputs: { tone: "{{tone}}", outline: "{{outline}}" } },
        },
      ],
      edges: [
        { source: "start", target: "outline" },
        { source: "outline", target: "group" },
        { source: "group", target: "end" },
      ],
      workflows: {
        group: {
          inputs: { tone: { type: "any" }, outline: { type: "any" } },
          nodes: [
            { id: "draft", type: "llm", config: { prompt: "{{outline.output}} in {{tone}}" } },
            { id: "tidy", type: "template", config: { template: "{{draft.output}}!" } },
            {
              id: "end",
              type: "end",
              config: { outputs: { draft: "{{draft}}", tidy: "{{tidy}}" } },
            },
          ],
          edges: [
            { source: "draft", target: "tidy" },
            { source: "tidy", target: "end" },
          ],
        },
      },
    });
  });

  it("leaves alone what would do something else", () => {
    expect(group(["start", "outline"])).toBeNull();
    expect(group(["tidy", "end"])).toBeNull();
    expect(group([])).toBeNull();
    const branch = text.replace(
      "{source: draft, target: tidy}",
      "{source: draft, target: tidy, port: error}",
    );
    expect(group(["draft", "tidy"], branch)).toBeNull();
    const twoWays = text.replace(
      "edges:",
      "  - {id: x, type: llm}\nedges:\n  - {source: draft, target: x}",
    );
    expect(group(["draft", "tidy"], twoWays)).toBeNull();
    const joined = text.replace("edges:", "edges:\n  - {source: start, target: tidy}");
    expect(group(["draft", "tidy"], joined)).toBeNull();
  });
});
