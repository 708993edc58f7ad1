import { beforeEach, describe, expect, it } from "vitest";
import type { Kind } from "@/graph/graph";
import { inFirstItem, showNode } from "@/screens/editor/arriving";
import { createSession } from "@/screens/editor/session";

const KINDS = new Map([
  ["iteration", { type: "iteration", bodies: { places: [""] } } as unknown as Kind],
]);
const TEXT = `id: w
workflows:
  greeting:
    nodes:
      - {id: loud, type: sub_workflow, config: {workflow: loud}}
  loud:
    nodes:
      - {id: shout, type: template, config: {template: x}}
nodes:
  - id: each
    type: iteration
    config:
      nodes:
        - {id: greet, type: sub_workflow, config: {workflow: greeting}}
        - {id: other, type: sub_workflow, config: {workflow: stored_elsewhere}}
`;

beforeEach(() => sessionStorage.clear());

function shown(address: string) {
  const session = createSession({
    ...{ workflowId: "w", text: TEXT, json: false, layout: {} as never },
    ...{ kinds: KINDS, cannot: () => "no" },
  });
  const found = showNode(session, address);
  const { root, selected } = session.store.getState();
  return { found, root, selected };
}

describe("a node that somebody comes to from a run", () => {
  it("is selected by its box, whichever item it was in", () => {
    const each = { found: "each/greet", root: [], selected: ["each/greet"] };
    expect(shown("each[3]/greet")).toEqual(each);
  });

  it("is shown in the workflow that a node calls, and in one that this calls", () => {
    const loud = { found: "loud", root: ["workflows", "greeting"], selected: ["loud"] };
    expect(shown("each[3]/greet[0]/loud")).toEqual(loud);
    const shout = { found: "shout", root: ["workflows", "loud"], selected: ["shout"] };
    expect(shown("each[3]/greet[0]/loud[0]/shout")).toEqual(shout);
  });

  it("is nowhere when it is gone, or in a workflow of its own", () => {
    expect(shown("gone").found).toBe("");
    expect(shown("each[0]/other[0]/x").found).toBe("");
  });
});

it("stands in the first item of all that is around it", () => {
  expect(inFirstItem("a")).toBe("a");
  expect(inFirstItem("each/fan[web]/x")).toBe("each[0]/fan[web.0]/x");
});
