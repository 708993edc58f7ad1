/** Both versions in one graph: what is there now, and what was removed. */

import type { components } from "@/api/schema";
import type { Mark } from "@/canvas/marks";
import type { Graph, GraphNode } from "@/graph/graph";

type Diff = components["schemas"]["WorkflowDiff"];

export interface DiffGraph {
  graph: Graph;
  marks: ReadonlyMap<string, Mark>;
}

export function diffGraph(before: Graph, after: Graph, diff: Diff): DiffGraph {
  const removed = new Set(diff.nodes.removed.map((one) => one.node));
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
  const marks = new Map<string, Mark>([
    ...diff.nodes.changed.map((one) => [one.node, "changed"] as const),
    ...diff.nodes.added.map((one) => [one.node, "added"] as const),
    ...diff.nodes.removed.map((one) => [one.node, "removed"] as const),
  ]);
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
