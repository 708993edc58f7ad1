/** Both versions in one graph: what is there now, and what was removed. */

import type { Graph, GraphNode } from "./graph";
import { isObject } from "./source/values";

export type Mark = "added" | "removed" | "changed";
export type Marks = ReadonlyMap<string, Mark>;

export interface DiffGraph {
  graph: Graph;
  marks: Marks;
}

export function diffGraph(before: Graph, after: Graph, marks: Marks): DiffGraph {
  const removed = new Set(
    [...marks].filter(([, mark]) => mark === "removed").map(([node]) => node),
  );
  const there = new Set(after.nodes.map((node) => node.address));
  const gone = before.nodes.filter((node) => removed.has(node.address) && !there.has(node.address));
  const nodes = [...after.nodes, ...gone.filter((node) => isPlaced(node, there, gone))];
  const addresses = new Set(nodes.map((node) => node.address));
  const lines = new Set(after.edges.map((edge) => edge.id));
  const edges = before.edges.filter(
    (edge) =>
      !lines.has(edge.id) &&
      (removed.has(edge.source) || removed.has(edge.target)) &&
      addresses.has(edge.source) &&
      addresses.has(edge.target),
  );
  return { graph: { nodes, edges: [...after.edges, ...edges] }, marks };
}

/** Whether the composite around a removed node is drawn. */
function isPlaced(
  node: GraphNode,
  there: ReadonlySet<string>,
  gone: readonly GraphNode[],
): boolean {
  return (
    node.parent === null ||
    there.has(node.parent) ||
    gone.some((one) => one.address === node.parent)
  );
}

/** What became of each node that is not the same in both; a composite is, whatever is in its bodies. */
export function marksBetween(before: Graph, after: Graph): Marks {
  const old = new Map(before.nodes.map((node) => [node.address, node]));
  const marks = new Map<string, Mark>();
  for (const node of after.nodes) {
    const was = old.get(node.address);
    old.delete(node.address);
    if (!was) marks.set(node.address, "added");
    else if (said(was) !== said(node)) marks.set(node.address, "changed");
  }
  for (const address of old.keys()) marks.set(address, "removed");
  return marks;
}

function said(node: GraphNode): string {
  return JSON.stringify([node.type, node.name, withoutBodies(node.config)]);
}

/** A configuration without the nodes and edges of bodies in it: those have places of their own. */
export function withoutBodies(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutBodies);
  if (!isObject(value)) return value;
  const hasBody = Array.isArray(value.nodes);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !(hasBody && (key === "nodes" || key === "edges")))
      .map(([key, inner]) => [key, withoutBodies(inner)]),
  );
}
