/** Nodes of a body as a workflow of the document, which one node in their place calls. */

import type { NodePlace, Places } from "./bodies";
import { addNode, connect, freeId, removeNodes } from "./changes";
import { clipOf } from "./clipboard";
import type { SourceDocument } from "./document";
import { type Edge, edgesOf, OUT } from "./edges";
import { type ReadingKind, renamingsOf } from "./references";
import { referencesIn } from "./renaming";
import { isObject } from "./source/values";

/** Kinds that mean something else, or nothing, in a workflow of their own. */
const BOUND = new Set(["start", "end", "assign", "break", "continue", "answer", "webhook_reply"]);
const PROBE = "probed__name";

export interface Grouping {
  document: SourceDocument;
  /** The id of the node that calls the new workflow. */
  id: string;
}

interface Ends {
  inside: Edge[];
  entering: Edge[];
  leaving: Edge[];
}

/**
 * @param names what the nodes may read besides each other: inputs, variables, nodes before them.
 * @returns null where the nodes cannot be one step without doing something else than before.
 */
export function grouped(
  document: SourceDocument,
  places: Places,
  addresses: readonly string[],
  names: readonly string[],
  kindOf: (type: string) => ReadingKind | undefined,
): Grouping | null {
  const found = addresses.flatMap((address) => places.nodes.get(address) ?? []);
  const body = found[0]?.body;
  if (!body || found.some((one) => one.body !== body)) return null;
  const ids = new Set(found.map((one) => one.id));
  const { nodes } = clipOf(document.value, places, addresses);
  const ends = endsOf(edgesOf(document.at(body.path)), ids);
  if (!isOneStep(ends, nodes)) return null;
  const known = document.at(["workflows"]);
  const id = freeId("group", [...body.ids, ...Object.keys(isObject(known) ? known : {})]);
  const read = names.filter((name) => !ids.has(name) && isRead(nodes, name, kindOf));
  let made = removeNodes(document, places, addresses);
  const given = [...ids].filter(
    (inner) => referencesIn(made, body.path, inner, `${id}.${inner}`, kindOf).length > 0,
  );
  made = withReferences(made, found, id, kindOf);
  made = addNode(made, body.path, {
    id,
    type: "sub_workflow",
    config: {
      workflow: id,
      ...(read.length ? { inputs: templatesOf(read) } : {}),
    },
  });
  for (const edge of ends.entering) made = connectOnce(made, body.path, { ...edge, target: id });
  for (const edge of ends.leaving)
    made = connectOnce(made, body.path, { ...edge, source: id, port: OUT });
  made = made.set(["workflows", id], workflowOf(nodes, ends, read, given));
  return { document: made, id };
}

function endsOf(edges: readonly Edge[], ids: ReadonlySet<string>): Ends {
  return {
    inside: edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target)),
    entering: edges.filter((edge) => !ids.has(edge.source) && ids.has(edge.target)),
    leaving: edges.filter((edge) => ids.has(edge.source) && !ids.has(edge.target)),
  };
}

/** Whether nodes begin together, have no branches, and go on to the same nodes wherever they end. */
function isOneStep(ends: Ends, nodes: readonly Record<string, unknown>[]): boolean {
  const targets = new Set(ends.inside.map((edge) => edge.target));
  const exits = new Map<string, string[]>();
  for (const edge of ends.leaving)
    exits.set(edge.source, [...(exits.get(edge.source) ?? []), edge.target].sort());
  const ways = new Set([...exits.values()].map((one) => one.join(" ")));
  return (
    nodes.length > 0 &&
    nodes.every((node) => !BOUND.has(String(node.type)) && node.compensate === undefined) &&
    [...ends.inside, ...ends.leaving].every((edge) => edge.port === OUT) &&
    ends.entering.every((edge) => !targets.has(edge.target)) &&
    ways.size <= 1
  );
}

function isRead(
  nodes: readonly unknown[],
  name: string,
  kindOf: (type: string) => ReadingKind | undefined,
): boolean {
  return nodes.some((node) => renamingsOf(node, name, PROBE, kindOf).length > 0);
}

function withReferences(
  document: SourceDocument,
  found: readonly NodePlace[],
  group: string,
  kindOf: (type: string) => ReadingKind | undefined,
): SourceDocument {
  // One after the other: a text may read several of them.
  return found.reduce((made, { id, body }) => {
    const reading = referencesIn(made, body.path, id, `${group}.${id}`, kindOf);
    return made.setAll(reading.map(({ path, text }) => ({ path, value: text })));
  }, document);
}

function connectOnce(
  document: SourceDocument,
  body: NodePlace["path"],
  edge: Edge,
): SourceDocument {
  const { source, target, port } = edge;
  const there = edgesOf(document.at(body)).some(
    (one) => one.source === source && one.target === target && one.port === port,
  );
  return there ? document : connect(document, body, { source, target, port });
}

function templatesOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `{{${name}}}`]));
}

function workflowOf(
  nodes: Record<string, unknown>[],
  ends: Ends,
  read: readonly string[],
  given: readonly string[],
): Record<string, unknown> {
  const ids = nodes.map((node) => String(node.id));
  const end = freeId("end", ids);
  const last = ids.filter((id) => !ends.inside.some((edge) => edge.source === id));
  return {
    ...(read.length
      ? { inputs: Object.fromEntries(read.map((name) => [name, { type: "any" }])) }
      : {}),
    nodes: [...nodes, { id: end, type: "end", config: { outputs: templatesOf(given) } }],
    edges: [
      ...ends.inside.map(({ source, target }) => ({ source, target })),
      ...last.map((source) => ({ source, target: end })),
    ],
  };
}
