/** A definition as the fold needs it: graphs with their edges, joins, bodies and called workflows. */

import { addressOf, nodeIdOf, scopeOf, stepOf } from "./addresses";
import { guardsOf, type Targets } from "./guards";

export type Json = Record<string, unknown>;

export interface Join {
  /** Branches that must come. */
  need: number;
  ignoreErrors: boolean;
  cancelLosers: boolean;
}

export interface PlanNode {
  id: string;
  type: string;
  name: string;
  config: Json;
  /** Place in the definition. */
  order: number;
  incoming: number;
  /** Port → nodes that its edges lead to. */
  targets: Map<string, string[]>;
  join: Join | null;
  /** Whether it has a time of its own in which it has to end. */
  timed: boolean;
  /** The node that it may read along with, while that is writing; empty: none. */
  along: string;
  /** The join that cares about its branches and that all ways from here lead to. */
  guard: string;
  /** Id of the node that undoes this one. */
  compensate: string;
  bodies: Map<string, Graph>;
  /** Of a sub-workflow that is a part of the run: looked up when it is asked for. */
  called: (() => Graph | null) | null;
}

export interface Graph {
  nodes: Map<string, PlanNode>;
  roots: string[];
  /** Nodes that have to end for the graph to be complete. */
  forward: number;
  /** What its variables begin as; of a body none. */
  variables: Json;
  conversation: Json;
}

export class Plan {
  readonly graph: Graph;
  #graphs = new Map<string, Graph | null>();

  constructor(definition: unknown) {
    this.graph = workflowGraph(asObject(definition), () => null);
  }

  /** The graph of a scope; null when the definition has none. */
  at(scope: string): Graph | null {
    if (!scope) return this.graph;
    const found = this.#graphs.get(scope);
    if (found !== undefined) return found;
    const around = this.at(scopeOf(scope));
    const { nodeId, body } = stepOf(nodeIdOf(scope));
    const graph = around ? bodyOf(around, nodeId, body) : null;
    this.#graphs.set(scope, graph);
    return graph;
  }

  node(address: string): PlanNode | null {
    return this.at(scopeOf(address))?.nodes.get(nodeIdOf(address)) ?? null;
  }

  /** Sorts addresses by their place in the definition; the scopes of a composite come after it. */
  placeOf(address: string): number[] {
    const place: number[] = [];
    let scope = "";
    for (const step of address.split("/")) {
      const { nodeId, index } = stepOf(step);
      place.push(this.at(scope)?.nodes.get(nodeId)?.order ?? 0, index);
      scope = addressOf(scope, step);
    }
    return place;
  }
}

/** The graph that a composite runs, by the name of its body. */
export function bodyOf(graph: Graph, nodeId: string, body = ""): Graph | null {
  const node = graph.nodes.get(nodeId);
  if (!node) return null;
  return node.called ? node.called() : (node.bodies.get(body) ?? null);
}

type Library = (name: string) => Graph | null;

export function asObject(value: unknown): Json {
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? (value as Json)
    : {};
}

function asList(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}

function workflowGraph(definition: Json, around: Library, stored = false): Graph {
  const own = asObject(definition.workflows);
  const made = new Map<string, Graph>();
  const library: Library = (name) => {
    if (!(name in own)) return !stored || name.includes("@") ? around(name) : null;
    const graph = made.get(name) ?? workflowGraph(asObject(own[name]), library, name.includes("@"));
    made.set(name, graph);
    return graph;
  };
  return {
    ...graphOf(definition, library),
    variables: asObject(definition.variables),
    conversation: conversationOf(definition),
  };
}

/** What a workflow and its parts declare as variables of the conversation; its own count. */
function conversationOf(definition: Json): Json {
  const parts = Object.values(asObject(definition.workflows)).map((one) =>
    conversationOf(asObject(one)),
  );
  return Object.assign({}, ...parts, asObject(definition.conversation));
}

function graphOf(body: Json, library: Library): Graph {
  const written = asList(body.nodes);
  const { incoming, targets } = edgesOf(written, asList(body.edges));
  const undoing = new Set(written.map((node) => String(node.compensate ?? "")).filter(Boolean));
  const guards = guardsOf(written, targets, incoming);
  const nodes = new Map<string, PlanNode>();
  for (const [order, node] of written.entries()) {
    const id = String(node.id);
    const count = incoming.get(id) ?? 0;
    nodes.set(id, {
      id,
      type: String(node.type),
      name: String(node.name ?? ""),
      config: asObject(node.config),
      order,
      incoming: count,
      targets: targets.get(id) ?? new Map(),
      join: joinOf(node, count),
      timed: node.timeout !== undefined && node.timeout !== null,
      along: "",
      guard: guards.get(id) ?? "",
      compensate: String(node.compensate ?? ""),
      bodies: bodiesOf(node, library),
      called: calledBy(node, library),
    });
  }
  noteReaders(nodes);
  return {
    nodes,
    roots: [...nodes.keys()].filter((id) => !incoming.get(id) && !undoing.has(id)),
    forward: nodes.size - undoing.size,
    variables: {},
    conversation: {},
  };
}

/** How many edges lead to each node, and where those from its ports lead. */
function edgesOf(
  nodes: Json[],
  edges: Json[],
): { incoming: Map<string, number>; targets: Targets } {
  const incoming = new Map<string, number>();
  const targets: Targets = new Map(nodes.map((node) => [String(node.id), new Map()]));
  for (const edge of edges) {
    const [source, target] = [String(edge.source), String(edge.target)];
    const port = String(edge.port ?? "out");
    incoming.set(target, (incoming.get(target) ?? 0) + 1);
    const ports = targets.get(source);
    ports?.set(port, [...(ports.get(port) ?? []), target]);
  }
  return { incoming, targets };
}

function noteReaders(nodes: Map<string, PlanNode>): void {
  for (const node of nodes.values()) {
    for (const target of node.targets.get("out") ?? []) {
      const reader = nodes.get(target);
      if (reader && readsAlong(reader, node)) reader.along = node.id;
    }
  }
}

const WRITERS = new Set(["knowledge_index", "llm", "mcp", "ocr", "text_filter"]);

/** Whether a node is handed out while the one before it is still writing what it reads. */
function readsAlong(reader: PlanNode, source: PlanNode): boolean {
  if (reader.type !== "text_filter" || reader.incoming !== 1 || !WRITERS.has(source.type))
    return false;
  const { input, ...rest } = reader.config;
  const read = /^\s*\{\{\s*([^\s.{}]+)\.(output|reasoning)\s*\}\}\s*$/.exec(String(input ?? ""));
  return read?.[1] === source.id && !JSON.stringify(rest).includes(`{{${source.id}.`);
}

function joinOf(node: Json, incoming: number): Join | null {
  if (node.type !== "join") return null;
  const config = asObject(node.config);
  const needs: Record<string, number> = {
    any: 1,
    n: Number(config.n),
    percentage: Math.max(1, Math.ceil((Number(config.percentage) * incoming) / 100)),
  };
  return {
    need: needs[String(config.mode ?? "all")] ?? incoming,
    ignoreErrors: Boolean(config.ignore_errors),
    cancelLosers: Boolean(config.cancel_losers),
  };
}

function calledBy(node: Json, library: Library): (() => Graph | null) | null {
  const config = asObject(node.config);
  if (node.type !== "sub_workflow" || config.mode === "detached") return null;
  const workflow = String(config.workflow ?? "");
  return () => library(workflow) ?? library(`${workflow}@${config.version ?? ""}`);
}

const ROUNDS = new Set(["loop", "iteration", "batch"]);

/** The bodies of a node as they are written, by name; a composite's only one has none. */
function* writtenBodies(node: Json): Generator<[string, unknown]> {
  const config = asObject(node.config);
  const type = String(node.type);
  if (ROUNDS.has(type)) yield ["", config];
  if (type === "agent") yield* Object.entries(asObject(config.bodies));
  if (type === "parallel") yield* Object.entries(asObject(config.branches));
  if (type !== "state_machine") return;
  for (const [name, state] of Object.entries(statesOf(config))) {
    yield [name, state.entry];
    for (const [event, way] of Object.entries(asObject(state.on)))
      yield [`${name}.${event}`, asObject(way).action];
    yield [`${name}.timeout`, asObject(state.timeout).action];
  }
}

function bodiesOf(node: Json, library: Library): Map<string, Graph> {
  const found = new Map<string, Graph>();
  for (const [name, written] of writtenBodies(node)) {
    if (written === null || typeof written !== "object") continue;
    const body = written as Json;
    const isPrompt = Boolean(body.prompt);
    found.set(name, graphOf(isPrompt ? { nodes: [{ id: "call", type: "llm" }] } : body, library));
  }
  return found;
}

/** The states of a state machine; one without settings may be written empty. */
export function statesOf(config: Json): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(asObject(config.states)).map(([name, state]) => [name, asObject(state)]),
  );
}
