import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Kind } from "@/graph/graph";
import { pinsOf } from "@/graph/pins";
import { addKind, editingOf, removeAll, usualTarget } from "@/screens/editor/canvas-editing";
import { copied, cut, duplicate, pasted, selectAll } from "@/screens/editor/commands";
import { addNote } from "@/screens/editor/new-note";
import { pinnedValues, whyNotPinned } from "@/screens/editor/pinning";
import { alignSelected } from "@/screens/editor/placement";
import { renameTo } from "@/screens/editor/rename";
import { createSession, keepHistory, type Session } from "@/screens/editor/session";
import { readNames } from "@/screens/editor/trial";

function kind(type: string, more: Partial<Kind> = {}): Kind {
  return {
    ...{ type, aliases: [], category: "flow", summary: "", built_in: true, runs_in: "executor" },
    ...{ executor_group: null, may_need: [], extra: null, streams: false, takes_stream: [] },
    ...{ raw: [], fixed: [], config_schema: { type: "object" }, bodies: null, problem: null },
    ports: { names: ["out"], follow_from: [], rule: "" },
    outputs: { items: [], follow_from: [], open: false },
    ...more,
  } as Kind;
}

const BODY = { provides: [], provides_follow_from: [], inner: [] };
const KINDS = new Map(
  [
    kind("start"),
    kind("end", { runs_in: "scheduler" }),
    kind("llm"),
    kind("condition", { ports: { names: ["true", "false"], follow_from: [], rule: "" } }),
    kind("iteration", { bodies: { ...BODY, places: [""] } }),
    kind("parallel", {
      bodies: { ...BODY, places: ["branches.*"] },
      config_schema: { properties: { branches: { "x-widget": "bodies" } } },
    }),
  ].map((one) => [one.type, one]),
);
const TEXT = `# mine
id: w
nodes:
  - {id: start, type: start}
  - {id: ask, type: llm, config: {prompt: "{{topic}}"}}
  - {id: end, type: end, config: {outputs: {said: "{{ask.output}}"}}}
edges:
  - {source: start, target: ask}
  - {source: ask, target: end}
`;

let clock = 0;
function begun(text = TEXT): Session {
  return createSession({
    workflowId: "w",
    text,
    json: false,
    layout: {},
    kinds: KINDS,
    cannot: () => "cannot",
    now: () => (clock += 10_000),
  });
}

beforeEach(() => sessionStorage.clear());

function lines(session: Session): string[] {
  return session.store.getState().drawn.graph.edges.map((edge) => edge.id);
}

describe("a session", () => {
  it("puts a kind on a line, behind a port, into a body", () => {
    const session = begun();
    addKind(session, "llm", { edge: "start out ask" });
    expect(lines(session)).toEqual(["ask out end", "start out llm", "llm out ask"]);
    expect(session.store.getState().selected).toEqual(["llm"]);
    addKind(session, "iteration", { after: "llm", port: "out" });
    addKind(session, "llm", { body: "iteration" });
    addKind(session, "llm", { after: "iteration/llm", port: "out" });
    expect(lines(session)).toContain("iteration/llm out llm_2");
    for (let step = 0; step < 4; step += 1) session.undo();
    expect(session.store.getState().document.text).toBe(TEXT);
  });

  it("begins a composite of several bodies with two", () => {
    const session = begun();
    addKind(session, "parallel", { body: "" });
    const { drawn } = session.store.getState();
    expect(drawn.graph.nodes.at(-1)?.bodies).toEqual(["first", "second"]);
  });

  it("checks a connection, makes it and takes it back", () => {
    const session = begun();
    const editing = editingOf(session, () => undefined);
    expect(editing.canConnect("start", "out", "end")).toBe(true);
    expect(editing.canConnect("end", "out", "ask")).toBe(false);
    editing.connect("start", "out", "end");
    removeAll(session, [], ["start out end"]);
    expect(session.store.getState().document.text).toBe(TEXT);
  });

  it("moves boxes without a change of the text; the others stay", () => {
    const session = begun();
    editingOf(session, () => undefined).move(new Map([["ask", { x: 500, y: 9 }]]));
    const { layout, document } = session.store.getState();
    expect(document.text).toBe(TEXT);
    expect(Object.keys(layout.nodes ?? {})).toEqual(["start", "ask", "end"]);
    addKind(session, "llm", usualTarget(session));
    const places = session.store.getState().layout.nodes ?? {};
    expect(places.ask).toEqual({ x: 500, y: 9 });
    expect(places.llm).toBeDefined();
  });

  it("takes moves back in their order among the edits", () => {
    const session = begun();
    const editing = editingOf(session, () => undefined);
    const at = (address: string) => session.store.getState().layout.nodes?.[address];
    const text = () => session.store.getState().document.text;
    editing.move(new Map([["ask", { x: 500, y: 9 }]]));
    session.edit((document) => document.set(["name"], "W"));
    editing.move(new Map([["ask", { x: 700, y: 9 }]]));
    const drawn = session.store.getState().drawn;
    session.undo();
    expect(at("ask")).toEqual({ x: 500, y: 9 });
    expect(text()).toContain("name: W");
    // A move alone is no other text: nothing is read or laid out anew.
    expect(session.store.getState().drawn).toBe(drawn);
    session.undo();
    expect(text()).toBe(TEXT);
    expect(at("ask")).toEqual({ x: 500, y: 9 });
    session.undo();
    expect(session.store.getState().layout.nodes).toEqual({});
    for (let step = 0; step < 3; step += 1) session.redo();
    expect(at("ask")).toEqual({ x: 700, y: 9 });
    expect(text()).toContain("name: W");
  });

  it("takes a node, its place and those of the others back in one step", () => {
    const session = begun();
    editingOf(session, () => undefined).move(new Map([["ask", { x: 5, y: 6 }]]));
    const before = session.store.getState().layout;
    addKind(session, "llm", usualTarget(session));
    expect(session.store.getState().layout.nodes?.llm).toBeDefined();
    session.undo();
    expect(session.store.getState().layout).toEqual(before);
    expect(session.store.getState().document.text).toBe(TEXT);
    session.select(["ask"]);
    duplicate(session);
    expect(session.store.getState().layout.nodes?.ask_2).toEqual({ x: 45, y: 46 });
    renameTo(session, "ask_2", "again");
    session.undo();
    session.undo();
    expect(session.store.getState().layout).toEqual(before);
  });

  it("takes alignments, the automatic layout and notes back", () => {
    const session = begun();
    editingOf(session, () => undefined).move(new Map([["ask", { x: 5, y: 60 }]]));
    const before = session.store.getState().layout;
    session.select(["start", "ask"]);
    alignSelected(session, "top");
    addNote(session, "mine");
    session.arrange((layout) => ({ ...layout, nodes: {} }));
    expect(session.store.getState().layout.nodes).toEqual({});
    for (let step = 0; step < 3; step += 1) session.undo();
    expect(session.store.getState().layout).toEqual({ ...before, notes: [] });
    session.arrange((layout) => layout);
    expect(session.store.getState().history.future).toHaveLength(3);
  });

  it("leaves what somebody else moved meanwhile", () => {
    const session = begun();
    const editing = editingOf(session, () => undefined);
    editing.move(new Map([["ask", { x: 5, y: 6 }]]));
    editing.move(new Map([["ask", { x: 50, y: 6 }]]));
    const { layout } = session.store.getState();
    session.patch({ layout: { ...layout, nodes: { ...layout.nodes, end: { x: 1, y: 2 } } } });
    session.undo();
    expect(session.store.getState().layout.nodes).toMatchObject({
      ask: { x: 5, y: 6 },
      end: { x: 1, y: 2 },
    });
  });

  it("goes on drawing the last text that could be read", () => {
    const session = begun();
    session.setText(`${TEXT}  - {`, "typing");
    const { document, drawn } = session.store.getState();
    expect(document.problem).not.toBeNull();
    expect(drawn.graph.nodes).toHaveLength(3);
    expect(session.edit((one) => one.set(["name"], "x"))).toBe(false);
    expect(session.store.getState().notice).toBe("cannot");
    session.undo();
    expect(session.store.getState().document.text).toBe(TEXT);
  });

  it("copies, cuts and pastes nodes as text, under free ids", () => {
    const session = begun();
    selectAll(session);
    const text = copied(session);
    expect(pasted(session, text)).toBe(true);
    const { drawn, selected } = session.store.getState();
    expect(selected).toEqual(["start_2", "ask_2", "end_2"]);
    expect(drawn.document.at(["nodes", 5, "config", "outputs", "said"])).toBe("{{ask_2.output}}");
    expect(lines(session)).toContain("start_2 out ask_2");
    session.undo();
    session.select(["ask"]);
    expect(cut(session)).toContain("type: llm");
    expect(lines(session)).toEqual([]);
    expect(pasted(session, "just words")).toBe(false);
    expect(pasted(session, "[1, 2")).toBe(false);
    expect(pasted(session, "id: x\ntype: llm\n")).toBe(true);
    session.select(["x"]);
    duplicate(session);
    expect(session.store.getState().selected).toEqual(["x_2"]);
  });

  it("pastes names that others of the same text are given as well", () => {
    const session = begun();
    const text =
      "nodes:\n  - {id: ask, type: llm}\n  - {id: ask_2, type: llm, config: {prompt: '{{ask.output}} {{ask_2.x}}'}}\nedges:\n  - {source: ask, target: ask_2}\n";
    pasted(session, text);
    const { drawn } = session.store.getState();
    expect(drawn.document.at(["nodes", 4, "id"])).toBe("ask_3");
    expect(drawn.document.at(["nodes", 4, "config", "prompt"])).toBe(
      "{{ask_2.output}} {{ask_3.x}}",
    );
    expect(lines(session)).toContain("ask_2 out ask_3");
  });

  it("keeps a renamed box in its place", () => {
    const session = begun();
    editingOf(session, () => undefined).move(new Map([["ask", { x: 5, y: 6 }]]));
    renameTo(session, "ask", "询问");
    const { layout, selected, document } = session.store.getState();
    expect(layout.nodes?.询问).toEqual({ x: 5, y: 6 });
    expect(selected).toEqual(["询问"]);
    expect(document.text).toContain("{{询问.output}}");
    expect(document.text).toContain("# mine");
  });

  it("shows a workflow of the document by itself", () => {
    const text = `${TEXT}workflows:\n  greet:\n    nodes:\n      - {id: say, type: llm}\n`;
    const session = begun(text);
    session.show(["workflows", "greet"]);
    addKind(session, "end", { after: "say", port: "out" });
    expect(session.store.getState().document.at(["workflows", "greet", "edges"])).toEqual([
      { source: "say", target: "end" },
    ]);
    expect(session.store.getState().document.at(["nodes"])).toHaveLength(3);
  });

  it("has its history after a reload, if the text is the same", () => {
    const session = begun();
    addKind(session, "llm", { body: "" });
    keepHistory(session);
    const { text } = session.store.getState().document;
    const again = begun(text);
    again.undo();
    expect(again.store.getState().document.text).toBe(TEXT);
    const other = begun(`${text}# more\n`);
    other.undo();
    expect(other.store.getState().document.text).toBe(`${text}# more\n`);
  });
});

describe("a pinned output", () => {
  const CASE = `${TEXT}tests:
  - {name: tea, inputs: {topic: tea}, replies: {ask: {outputs: {output: Hello, usage: {cost: 0}}}}}
`;

  it("is what a trial of another node reads, with the inputs of its case", () => {
    const names = [["ask", "output"], ["ask", "usage", "cost"], ["topic"], ["other"]];
    const { document } = begun(CASE).store.getState();
    expect(pinnedValues(document.value, names)).toEqual({
      values: { ask: { output: "Hello", usage: { cost: 0 } }, topic: "tea", other: "" },
      from: ["ask", "topic"],
    });
  });

  it("follows a node that gets another id, in one step", () => {
    const session = begun(CASE);
    renameTo(session, "ask", "询问");
    const { document } = session.store.getState();
    expect(pinsOf(document.value, "询问")).toHaveLength(1);
    expect(pinsOf(document.value, "ask")).toEqual([]);
    session.undo();
    expect(session.store.getState().document.text).toBe(CASE);
  });

  it("is refused to what is not there, and to what the scheduler decides", () => {
    const session = begun();
    expect(whyNotPinned(session, "ask")).toBeNull();
    expect(whyNotPinned(session, "nobody")).toBe("noNode");
    expect(whyNotPinned(session, "end")).toBe("decided");
  });
});

describe("a history", () => {
  it("stays with the page where the browser keeps no more", () => {
    const refused = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    const session = begun();
    removeAll(session, ["ask"], []);
    keepHistory(session);
    refused.mockRestore();
    const again = begun(session.store.getState().document.text);
    again.undo();
    expect(again.store.getState().document.text).toBe(TEXT);
    keepHistory(again);
  });
});

describe("a trial", () => {
  it("asks for what the node reads", () => {
    const config = {
      prompt: "{{outline.output | upper}} {{topic}} {{ 'x.y' }} {{sys.query}}",
      list: ["{{a.b}} {{a}}"],
    };
    expect(readNames({ config })).toEqual([["outline", "output"], ["topic"], ["a", "b"]]);
  });
});
