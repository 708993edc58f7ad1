/** Which join each node of a graph leads to, where all its ways do and the join cares about branches. */

import { asObject, type Json } from "./plan";

/** Node → port → nodes that its edges lead to. */
export type Targets = Map<string, Map<string, string[]>>;

export function guardsOf(
  nodes: Json[],
  targets: Targets,
  incoming: Map<string, number>,
): Map<string, string> {
  const guards = new Map<string, string>();
  const caring = new Set(nodes.filter(isCaring).map((node) => String(node.id)));
  if (caring.size === 0) return guards;
  for (const id of inOrder(targets, incoming).reverse()) {
    const next = new Set(
      ahead(targets, id).map((to) => (caring.has(to) ? to : (guards.get(to) ?? ""))),
    );
    const [only] = next;
    if (next.size === 1 && only) guards.set(id, only);
  }
  return guards;
}

/** Whether a node is a join to which it matters what becomes of its branches. */
function isCaring(node: Json): boolean {
  const config = asObject(node.config);
  return node.type === "join" && Boolean(config.ignore_errors || config.cancel_losers);
}

function ahead(targets: Targets, id: string): string[] {
  return [...(targets.get(id)?.values() ?? [])].flat();
}

/** Nodes in the order of their edges. */
function inOrder(targets: Targets, incoming: Map<string, number>): string[] {
  const left = new Map(incoming);
  const order = [...targets.keys()].filter((id) => !left.get(id));
  for (const id of order) {
    for (const target of ahead(targets, id)) {
      const count = (left.get(target) ?? 0) - 1;
      left.set(target, count);
      if (count === 0) order.push(target);
    }
  }
  return order;
}
