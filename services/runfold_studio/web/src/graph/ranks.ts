/**
 * Ranks of nodes: each comes after all that lead to it. A line that closes a circle is passed over.
 *
 * What only leads to something later stands right before that, such as a second beginning that joins the flow far on: its
 * line would else pass all the ranks between, and cost as much as a box in each.
 */

import type { GraphEdge, GraphNode } from "./graph";

export function ranksOf(nodes: GraphNode[], edges: GraphEdge[]): Map<string, number> {
  const targets = new Map<string, string[]>(nodes.map((node) => [node.address, []]));
  const arriving = new Map<string, number>(nodes.map((node) => [node.address, 0]));
  const closing = closingEdges(nodes, edges);
  for (const edge of edges) {
    const after = targets.get(edge.source);
    if (!after || !arriving.has(edge.target) || edge.source === edge.target || closing.has(edge))
      continue;
    after.push(edge.target);
    arriving.set(edge.target, (arriving.get(edge.target) ?? 0) + 1);
  }
  const ranks = new Map<string, number>();
  const ready = nodes.map((node) => node.address).filter((address) => arriving.get(address) === 0);
  for (const address of ready) ranks.set(address, 0);
  for (let index = 0; index < ready.length; index += 1) {
    const address = ready[index] ?? "";
    const next = (ranks.get(address) ?? 0) + 1;
    for (const target of targets.get(address) ?? []) {
      ranks.set(target, Math.max(ranks.get(target) ?? 0, next));
      const left = (arriving.get(target) ?? 0) - 1;
      arriving.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  pullLate(ready, targets, ranks);
  return ranks;
}

/** Move what no beginning of the longest ways leads to as far on as what it leads to lets it. */
function pullLate(
  inOrder: readonly string[],
  targets: ReadonlyMap<string, readonly string[]>,
  ranks: Map<string, number>,
): void {
  const backwards = [...inOrder].reverse();
  const latest = (of: ReadonlyMap<string, number>, address: string): number => {
    let least = Number.POSITIVE_INFINITY;
    for (const target of targets.get(address) ?? [])
      least = Math.min(least, (of.get(target) ?? 0) - 1);
    return least === Number.POSITIVE_INFINITY ? (ranks.get(address) ?? 0) : least;
  };
  const last = new Map<string, number>();
  for (const address of backwards) last.set(address, latest(last, address));
  const early = new Set<string>();
  for (const address of inOrder) {
    if (last.get(address) === 0) early.add(address);
    if (early.has(address)) for (const target of targets.get(address) ?? []) early.add(target);
  }
  for (const address of backwards)
    if (!early.has(address)) ranks.set(address, latest(ranks, address));
}

/** Edges back to a node that the search is still inside of; without recursion, since flows may be long. */
function closingEdges(nodes: GraphNode[], edges: GraphEdge[]): Set<GraphEdge> {
  const leaving = new Map<string, GraphEdge[]>();
  for (const edge of edges) {
    const others = leaving.get(edge.source);
    if (others) others.push(edge);
    else leaving.set(edge.source, [edge]);
  }
  const state = new Map<string, "open" | "done">();
  const closing = new Set<GraphEdge>();
  for (const root of nodes) {
    if (state.has(root.address)) continue;
    state.set(root.address, "open");
    const stack: { address: string; next: number }[] = [{ address: root.address, next: 0 }];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const edge = leaving.get(top.address)?.[top.next];
      top.next += 1;
      if (!edge) {
        state.set(top.address, "done");
        stack.pop();
      } else if (state.get(edge.target) === "open") closing.add(edge);
      else if (!state.has(edge.target)) {
        state.set(edge.target, "open");
        stack.push({ address: edge.target, next: 0 });
      }
    }
  }
  return closing;
}
