/** A definition as boxes and lines: every node of every body, by its address. No React, no places. */

import type { components } from "@/api/schema";

export type Kind = components["schemas"]["KindDocument"];
export type Kinds = ReadonlyMap<string, Kind>;

export interface GraphNode {
  /** `outline`, `each/call`, `fan[web]/search`: without items or rounds. */
  address: string;
  id: string;
  type: string;
  name: string;
  /** In the order in which they are drawn; `error` is the last where failures have a way of their own. */
  ports: string[];
  config: Record<string, unknown>;
  /** The address of the composite around it, or null. */
  parent: string | null;
  /** The name of the body that it stands in; empty where a composite has only one. */
  body: string;
  /** Names of the bodies inside it; none when it is no composite. */
  bodies: string[];
  /** Whether its kind is known here. */
  known: boolean;
}

export interface GraphEdge {
  id: string;
  source: string;
  target: string;
  port: string;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

type Json = Record<string, unknown>;

export function kindsByType(kinds: Iterable<Kind>): Kinds {
  const found = new Map<string, Kind>();
  for (const kind of kinds) {
    for (const name of [kind.type, ...(kind.aliases ?? [])]) found.set(name, kind);
  }
  return found;
}

/** The graph of a definition, canonical or as it is being written: what is no node or edge is left out. */
export function graphOf(definition: unknown, kinds: Kinds): Graph {
  const graph: Graph = { nodes: [], edges: [] };
  addBody(graph, kinds, definition, { parent: null, body: "", prefix: "" });
  return graph;
}

interface Place {
  parent: string | null;
  body: string;
  prefix: string;
}

function addBody(graph: Graph, kinds: Kinds, written: unknown, place: Place): void {
  const body = record(written);
  const nodes = list(body.nodes)
    .map(record)
    .filter((node) => typeof node.id === "string" && node.id !== "");
  const used = portsInUse(list(body.edges));
  for (const node of nodes) addNode(graph, kinds, node, place, used.get(String(node.id)) ?? []);
  for (const edge of list(body.edges)) addEdge(graph, record(edge), place.prefix);
}

function addNode(graph: Graph, kinds: Kinds, written: Json, place: Place, used: string[]): void {
  const id = String(written.id);
  const type = String(written.type ?? "");
  const kind = kinds.get(type);
  const config = record(written.config);
  const address = place.prefix + id;
  const inner = kind ? bodiesOf(kind, config) : [];
  graph.nodes.push({
    address,
    id,
    type,
    name: typeof written.name === "string" ? written.name : "",
    ports: portsOf(kind, config, record(written.on_error), used),
    config,
    parent: place.parent,
    body: place.body,
    bodies: inner.map(([name]) => name),
    known: kind !== undefined,
  });
  for (const [name, body] of inner) {
    const prefix = name ? `${address}[${name}]/` : `${address}/`;
    addBody(graph, kinds, body, { parent: address, body: name, prefix });
  }
}

function addEdge(graph: Graph, edge: Json, prefix: string): void {
  const source = edge.source ?? edge.from;
  const target = edge.target ?? edge.to;
  if (typeof source !== "string" || typeof target !== "string") return;
  const port = portOf(edge);
  const id = `${prefix}${source} ${port} ${target}`;
  graph.edges.push({ id, source: prefix + source, target: prefix + target, port });
}

function portOf(edge: Json): string {
  const port = edge.port ?? edge.sourcePort ?? edge.condition;
  return port === undefined || port === null || port === "" ? "out" : String(port);
}

function portsInUse(edges: unknown[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const written of edges) {
    const edge = record(written);
    const source = String(edge.source ?? edge.from ?? "");
    found.set(source, [...(found.get(source) ?? []), portOf(edge)]);
  }
  return found;
}

/** The ports of a node: its kind's, those that its configuration makes, and any that an edge uses. */
function portsOf(kind: Kind | undefined, config: Json, onError: Json, used: string[]): string[] {
  const known = kind?.ports?.names ?? ["out"];
  const made = (kind?.ports?.follow_from ?? []).flatMap((setting) => namesIn(config[setting]));
  const ports = [...made, ...known, ...used.filter((port) => port !== "error")];
  if (onError.strategy === "error_branch" || used.includes("error")) ports.push("error");
  return [...new Set(ports)];
}

/** The ids of a setting's entries, which are what ports are called by. */
function namesIn(value: unknown): string[] {
  return list(value)
    .map((one) => (typeof one === "string" ? one : record(one).id))
    .filter((id): id is string => typeof id === "string" && id !== "");
}

/** The bodies of a composite with their names, as addresses have them. */
function bodiesOf(kind: Kind, config: Json): [string, Json][] {
  const found: [string, Json][] = [];
  for (const place of kind.bodies?.places ?? []) {
    for (const [name, body] of matches(config, place === "" ? [] : place.split("."), "")) {
      if (Array.isArray(body.nodes)) found.push([name, body]);
    }
  }
  return found;
}

/** What stands at a place of a configuration; `*` takes every key, which becomes a part of the name. */
function matches(value: unknown, place: string[], name: string): [string, Json][] {
  const here = record(value);
  const [first, ...rest] = place;
  if (first === undefined) return value === here ? [[name, here]] : [];
  if (first !== "*")
    return matches(here[first], rest, first === "timeout" ? joined(name, first) : name);
  return Object.entries(here).flatMap(([key, inner]) => matches(inner, rest, joined(name, key)));
}

function joined(name: string, key: string): string {
  return name ? `${name}.${key}` : key;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function record(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}

/** The box of a node of a run: `each[3]/call` is an item of `each/call`, `fan[web.0]/x` of `fan[web]/x`. */
export function boxOf(address: string): string {
  return address.replace(/\[(?:([^[\]]*)\.)?\d+\]/g, (_, body: string | undefined) =>
    body ? `[${body}]` : "",
  );
}
