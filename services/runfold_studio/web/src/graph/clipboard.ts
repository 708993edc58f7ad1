/** Nodes and edges as YAML text, and such text put into a body under ids that are free there. */

import { parse, stringify } from "yaml";
import type { BodyPlace, Places } from "./bodies";
import { freeId, withEdgesWritten } from "./changes";
import type { SourceDocument } from "./document";
import { type Edge, edgesOf } from "./edges";
import { type ReadingKind, renamingsOf } from "./references";
import { isObject, valueAt, withValue } from "./source/values";

export interface Clip {
  nodes: Record<string, unknown>[];
  edges: Edge[];
}

const MOST_ALIASES = 100;

/** The nodes of one body with the edges between them. */
export function clipOf(value: unknown, places: Places, addresses: readonly string[]): Clip {
  const found = addresses.flatMap((address) => places.nodes.get(address) ?? []);
  const body = found[0]?.body;
  const here = found.filter((one) => one.body === body);
  const ids = new Set(here.map((one) => one.id));
  const nodes = here.map((one) => valueAt(value, one.path)).filter(isObject);
  const edges = edgesOf(body ? valueAt(value, body.path) : undefined)
    .filter((edge) => ids.has(edge.source) && ids.has(edge.target))
    .map(({ source, target, port }) => ({ source, target, port }));
  return { nodes, edges };
}

export function clipText(clip: Clip): string {
  return stringify({ nodes: clip.nodes, edges: clip.edges }, { lineWidth: 0 });
}

/** What a text brings along: a clip, a whole workflow, a list of nodes or one node; null for anything else. */
export function readClip(text: string): Clip | null {
  let value: unknown;
  try {
    value = parse(text, { schema: "core", maxAliasCount: MOST_ALIASES });
  } catch {
    // Any text may be pasted; one that cannot be read has no nodes.
    return null;
  }
  const body = isNode(value)
    ? { nodes: [value], edges: [] }
    : Array.isArray(value)
      ? { nodes: value, edges: [] }
      : value;
  if (!isObject(body) || !Array.isArray(body.nodes)) return null;
  const nodes = body.nodes.filter(isNode);
  if (nodes.length === 0 || nodes.length !== body.nodes.length) return null;
  return {
    nodes,
    edges: edgesOf(body).map(({ source, target, port }) => ({ source, target, port })),
  };
}

function isNode(value: unknown): value is Record<string, unknown> {
  return isObject(value) && typeof value.id === "string" && typeof value.type === "string";
}

/** The document with a clip in a body, and the ids that its nodes have there. */
export function paste(
  document: SourceDocument,
  body: BodyPlace,
  clip: Clip,
  kindOf: (type: string) => ReadingKind | undefined,
): { document: SourceDocument; ids: string[] } {
  const taken = [...body.ids];
  const names = new Map<string, string>();
  for (const node of clip.nodes) {
    const id = freeId(String(node.id), taken);
    taken.push(id);
    names.set(String(node.id), id);
  }
  const nodes = clip.nodes.map((node) => renamed(node, names, kindOf));
  let made = body.ids.length > 0 ? withEdgesWritten(document, body.path) : document;
  for (const node of nodes) made = made.add([...body.path, "nodes"], node);
  for (const edge of clip.edges) {
    const source = names.get(edge.source);
    const target = names.get(edge.target);
    if (!source || !target) continue;
    const port = edge.port === "out" ? {} : { port: edge.port };
    made = made.add([...body.path, "edges"], { source, target, ...port }, { inLine: true });
  }
  return { document: made, ids: nodes.map((node) => String(node.id)) };
}

/** A node under its new id, with references to the others under theirs; all at once, so that ids may change places. */
function renamed(
  node: Record<string, unknown>,
  names: ReadonlyMap<string, string>,
  kindOf: (type: string) => ReadingKind | undefined,
): Record<string, unknown> {
  let made: unknown = node;
  const changed = [...names].filter(([from, to]) => from !== to);
  // First to names that nothing has, so that one renaming does not meet another's result.
  const passing = changed.map(([from], index) => [from, `pasted__${index}`] as const);
  const arriving = changed.map(([, to], index) => [`pasted__${index}`, to] as const);
  for (const [from, to] of [...passing, ...arriving])
    for (const { path, text } of renamingsOf(made, from, to, kindOf))
      made = withValue(made, path, text);
  return { ...(made as Record<string, unknown>), id: names.get(String(node.id)) };
}
