/** The edges of a body in all their spellings, and those that the order of its nodes implies. */

import type { Path } from "./source/parse";
import { isObject } from "./source/values";

export interface Edge {
  source: string;
  target: string;
  port: string;
}

/** An edge and what of the body says so: its number in `edges`, a branch's setting, or the nodes' order. */
export interface SpelledEdge extends Edge {
  from: { index: number } | { setting: Path } | "order";
}

export const OUT = "out";
const ENDINGS = new Set(["end", "compensate"]);
const BRANCHES = [
  ["true_next", "true"],
  ["false_next", "false"],
] as const;

/** All edges of a body, as the gateway reads them. */
export function edgesOf(body: unknown): SpelledEdge[] {
  const nodes = nodesOf(body);
  const types = new Map(nodes.map((node) => [String(node.id), String(node.type)]));
  const written = isObject(body) ? body.edges : undefined;
  const list = Array.isArray(written) ? written : [];
  const found: SpelledEdge[] = list.flatMap((one, index) => {
    const edge = edgeOf(one, types);
    return edge ? { ...edge, from: { index } } : [];
  });
  const branches = branchEdges(nodes, found);
  found.push(...branches);
  if (!Array.isArray(written)) found.push(...implied(nodes, branches));
  return found;
}

/** The port at which a node is left that an edge says nothing of. */
export function usualPort(type: string): string {
  return type === "human_review" ? "approved" : OUT;
}

function edgeOf(written: unknown, types: Map<string, string>): Edge | null {
  if (!isObject(written)) return null;
  const source = text(written.source ?? written.from);
  const target = text(written.target ?? written.to);
  if (!source || !target) return null;
  const port = text(written.port ?? written.condition ?? written.sourcePort ?? written.source_port);
  return { source, target, port: port || usualPort(types.get(source) ?? "") };
}

function text(value: unknown): string {
  return value === null || value === undefined || typeof value === "object" ? "" : String(value);
}

type WrittenNode = Record<string, unknown>;

function nodesOf(body: unknown): WrittenNode[] {
  const nodes = isObject(body) && Array.isArray(body.nodes) ? body.nodes : [];
  return nodes.filter(isObject);
}

/** Edges that `true_next` and `false_next` of conditions say. */
function branchEdges(nodes: WrittenNode[], edges: Edge[]): SpelledEdge[] {
  const taken = new Set(edges.map((edge) => `${edge.source} ${edge.port}`));
  return nodes.flatMap((node, place) => {
    const config = node.config;
    if (node.type !== "condition" || !isObject(config)) return [];
    return BRANCHES.flatMap(([key, port]): SpelledEdge[] => {
      const target = text(config[key]);
      const source = text(node.id);
      if (!target || !source || taken.has(`${source} ${port}`)) return [];
      return [{ source, target, port, from: { setting: ["nodes", place, "config", key] } }];
    });
  });
}

/** Each node leads to the next listed one that is no branch's target; what undoes others has no edges. */
function implied(nodes: WrittenNode[], branches: Edge[]): SpelledEdge[] {
  const targets = new Set(branches.map((edge) => edge.target));
  const branching = new Set(branches.map((edge) => edge.source));
  const ids = new Set(nodes.map((node) => text(node.id)));
  const undoing = new Set(
    nodes
      .map((node) => [text(node.id), text(node.compensate)])
      .filter(([id, by]) => by && by !== id && ids.has(by))
      .map(([, by]) => by),
  );
  const found: SpelledEdge[] = [];
  let follower = "";
  for (const node of [...nodes].reverse()) {
    const id = text(node.id);
    const type = text(node.type);
    if (undoing.has(id)) continue;
    if (follower && id && !branching.has(id) && !ENDINGS.has(type))
      found.unshift({ source: id, target: follower, port: usualPort(type), from: "order" });
    if (!targets.has(id)) follower = id || follower;
  }
  return found;
}
