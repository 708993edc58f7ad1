/** What an editor does to a document's nodes and edges; each gives the document after it. */

import type { BodyPlace, NodePlace, Places } from "./bodies";
import type { SourceDocument } from "./document";
import { type Edge, edgesOf, type SpelledEdge, usualPort } from "./edges";
import type { Path } from "./source/parse";
import { isObject, valueAt } from "./source/values";

/** A node as it is written; `id` and `type` come first. */
export interface NewNode {
  id: string;
  type: string;
  name?: string;
  config?: Record<string, unknown>;
}

const IN_LINE = { inLine: true };

export function addNode(document: SourceDocument, body: Path, node: NewNode): SourceDocument {
  // Where edges are implied, one more node would change the ways between the others.
  const nodes = document.at([...body, "nodes"]);
  const first = !Array.isArray(nodes) || nodes.length === 0;
  const settled = first ? document : withEdgesWritten(document, body);
  return settled.add([...body, "nodes"], node);
}

/** The document with all edges of a body in its list; as it is when they are. */
export function withEdgesWritten(document: SourceDocument, body: Path): SourceDocument {
  const all = edgesOf(document.at(body));
  const written = document.at([...body, "edges"]);
  const missing = all.filter((edge) => edge.from === "order" || "setting" in edge.from);
  if (Array.isArray(written) && missing.length === 0) return document;
  let made = Array.isArray(written)
    ? document
    : document.set(
        [...body, "edges"],
        all.map(withoutOrigin).map(spelled(document, body)),
        IN_LINE,
      );
  for (const edge of missing) {
    if (Array.isArray(written)) made = added(made, body, edge);
    if (edge.from !== "order" && "setting" in edge.from)
      made = made.remove([...body, ...edge.from.setting]);
  }
  return made;
}

function withoutOrigin({ source, target, port }: SpelledEdge): Edge {
  return { source, target, port };
}

/** How an edge is written: as the body's others are, and with the port only where it is no matter of course. */
function spelled(document: SourceDocument, body: Path): (edge: Edge) => Record<string, string> {
  const value = document.at(body);
  const edges = isObject(value) && Array.isArray(value.edges) ? value.edges.filter(isObject) : [];
  const nodes = isObject(value) && Array.isArray(value.nodes) ? value.nodes.filter(isObject) : [];
  const from = edges.some((edge) => "from" in edge) ? "from" : "source";
  const to = edges.some((edge) => "to" in edge) ? "to" : "target";
  const port =
    ["port", "condition", "sourcePort", "source_port"].find((key) =>
      edges.some((edge) => key in edge),
    ) ?? "port";
  return (edge) => {
    const type = nodes.find((node) => node.id === edge.source)?.type;
    const isUsual = edge.port === usualPort(String(type)) && edge.port !== "approved";
    return { [from]: edge.source, [to]: edge.target, ...(isUsual ? {} : { [port]: edge.port }) };
  };
}

function added(document: SourceDocument, body: Path, edge: Edge): SourceDocument {
  return document.add([...body, "edges"], spelled(document, body)(edge), IN_LINE);
}

export function connect(document: SourceDocument, body: Path, edge: Edge): SourceDocument {
  return added(withEdgesWritten(document, body), body, edge);
}

export function disconnect(
  document: SourceDocument,
  body: Path,
  gone: readonly Edge[],
): SourceDocument {
  const settled = withEdgesWritten(document, body);
  const indices = edgesOf(settled.at(body)).flatMap((edge) =>
    gone.some((one) => isSameEdge(one, edge)) && edge.from !== "order" && "index" in edge.from
      ? [edge.from.index]
      : [],
  );
  return settled.removeItems([...body, "edges"], indices);
}

export function isSameEdge(a: Edge, b: Edge): boolean {
  return a.source === b.source && a.target === b.target && a.port === b.port;
}

/** Put a node that is there between the ends of an edge. */
export function putBetween(
  document: SourceDocument,
  body: Path,
  edge: Edge,
  id: string,
  port: string,
): SourceDocument {
  let made = disconnect(document, body, [edge]);
  made = connect(made, body, { source: edge.source, target: id, port: edge.port });
  return connect(made, body, { source: id, target: edge.target, port });
}

/** Remove nodes with the edges at them. */
export function removeNodes(
  document: SourceDocument,
  places: Places,
  addresses: readonly string[],
): SourceDocument {
  const gone = new Set(addresses);
  const found = addresses.flatMap((address) => places.nodes.get(address) ?? []);
  // What stands in a composite that goes is gone with it.
  const outermost = found.filter((one) => !isInside(one.address, gone));
  let made = document;
  // The last body first: paths of those before it stay right.
  for (const [body, nodes] of byBody(outermost)) {
    const ids = new Set(nodes.map((node) => node.id));
    const edges = edgesOf(made.at(body.path)).filter(
      (edge) => ids.has(edge.source) || ids.has(edge.target),
    );
    if (edges.length > 0 || made.at([...body.path, "edges"]) === undefined)
      made = disconnect(made, body.path, edges);
    made = made.removeItems(
      [...body.path, "nodes"],
      nodes.map((node) => Number(node.path.at(-1))),
    );
  }
  return made;
}

function isInside(address: string, gone: ReadonlySet<string>): boolean {
  for (let at = address.lastIndexOf("/"); at > 0; at = address.lastIndexOf("/", at - 1)) {
    const around = address.slice(0, at);
    if (gone.has(around) || gone.has(around.replace(/\[[^[\]]*\]$/, ""))) return true;
  }
  return false;
}

function byBody(nodes: readonly NodePlace[]): [BodyPlace, NodePlace[]][] {
  const found = new Map<string, [BodyPlace, NodePlace[]]>();
  for (const node of nodes) {
    const entry = found.get(node.body.address) ?? [node.body, []];
    entry[1].push(node);
    found.set(node.body.address, entry);
  }
  return [...found.values()].sort((a, b) => b[0].path.length - a[0].path.length);
}

/** Why two nodes cannot be connected. */
export type Refusal = "same" | "bodies" | "begins" | "ends" | "there" | "cycle";

/** What speaks against an edge between two addresses; null when nothing does. */
export function refusalOf(
  value: unknown,
  places: Places,
  source: string,
  port: string,
  target: string,
): Refusal | null {
  const from = places.nodes.get(source);
  const to = places.nodes.get(target);
  if (!from || !to) return "bodies";
  if (source === target) return "same";
  if (from.body !== to.body) return "bodies";
  const typeOf = (node: NodePlace) => valueAt(value, [...node.path, "type"]);
  if (typeOf(to) === "start") return "begins";
  if (typeOf(from) === "end") return "ends";
  const edges = edgesOf(valueAt(value, from.body.path));
  const edge = { source: from.id, target: to.id, port };
  if (edges.some((one) => isSameEdge(one, edge))) return "there";
  return leadsTo(edges, to.id, from.id) ? "cycle" : null;
}

/** The nodes to which an edge may lead from a port: those that `refusalOf` has nothing against. */
export function targetsOf(value: unknown, places: Places, source: string, port: string): string[] {
  const from = places.nodes.get(source);
  const typeOf = (node: NodePlace) => valueAt(value, [...node.path, "type"]);
  if (!from || typeOf(from) === "end") return [];
  const edges = edgesOf(valueAt(value, from.body.path));
  const refused = new Set([from.id, ...before(edges, from.id)]);
  for (const edge of edges)
    if (edge.source === from.id && edge.port === port) refused.add(edge.target);
  return [...places.nodes.values()]
    .filter((node) => node.body === from.body && !refused.has(node.id) && typeOf(node) !== "start")
    .map((node) => node.address);
}

/** The nodes from which a way leads to one. */
function before(edges: readonly Edge[], to: string): Set<string> {
  const into = new Map<string, string[]>();
  for (const edge of edges) into.set(edge.target, [...(into.get(edge.target) ?? []), edge.source]);
  const found = new Set<string>();
  const left = [to];
  for (let id = left.pop(); id !== undefined; id = left.pop())
    for (const source of into.get(id) ?? [])
      if (!found.has(source)) {
        found.add(source);
        left.push(source);
      }
  return found;
}

function leadsTo(edges: readonly Edge[], from: string, to: string): boolean {
  const seen = new Set<string>();
  const left = [from];
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    if (id === to) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    for (const edge of edges) if (edge.source === id) left.push(edge.target);
  }
  return false;
}

/** An id made of a name that no node of a body has. */
export function freeId(wanted: string, taken: Iterable<string>): string {
  const used = new Set(taken);
  const base = wanted.replace(/[^\p{L}\p{M}\p{N}_-]+/gu, "_").replace(/^[-_]+/, "") || "node";
  if (!used.has(base)) return base;
  const stem = base.replace(/_\d+$/, "");
  for (let number = 2; ; number += 1)
    if (!used.has(`${stem}_${number}`)) return `${stem}_${number}`;
}

/** Whether a text may be a node's id. */
export function isId(text: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]{0,63}$/u.test(text) && !RESERVED.has(text);
}

const RESERVED = new Set(["sys", "env", "secrets", "conversation", "*", "item", "index"]);

/** The definition with every edge of every body written out in one spelling, for a canvas. */
export function withAllEdges(value: unknown, places: Places): unknown {
  const copy = structuredClone(value);
  for (const body of places.bodies.values()) {
    const here = valueAt(copy, body.path);
    if (isObject(here)) here.edges = edgesOf(here).map(withoutOrigin);
  }
  return copy;
}
