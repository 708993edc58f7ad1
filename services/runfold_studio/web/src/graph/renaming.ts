/** A node under another id: its edges and all that reads it go along. */

import type { NodePlace } from "./bodies";
import type { SourceDocument } from "./document";
import { type ReadingKind, renamingsOf } from "./references";
import type { Path } from "./source/parse";
import { isObject } from "./source/values";

const ENDS = ["source", "from", "target", "to"] as const;
const NEXT = ["true_next", "false_next"] as const;

export function renameNode(
  document: SourceDocument,
  place: NodePlace,
  to: string,
  kindOf: (type: string) => ReadingKind | undefined,
): SourceDocument {
  const { body, id } = place;
  const edges = document.at([...body.path, "edges"]);
  const ends = (Array.isArray(edges) ? edges : []).flatMap((edge, index) =>
    ENDS.filter((end) => isObject(edge) && edge[end] === id).map((end) => ({
      path: [...body.path, "edges", index, end],
      value: to,
    })),
  );
  const reading = referencesIn(document, body.path, id, to, kindOf);
  return document.setAll([
    { path: [...place.path, "id"], value: to },
    ...reading.map(({ path, text }) => ({ path, value: text })),
    ...ends,
  ]);
}

/** What in a body reads a node: its nodes, and the result of the body itself. */
export function referencesIn(
  document: SourceDocument,
  body: Path,
  from: string,
  to: string,
  kindOf: (type: string) => ReadingKind | undefined,
): { path: Path; text: string }[] {
  const nodes = document.at([...body, "nodes"]);
  const list = Array.isArray(nodes) ? nodes : [];
  const found = list.flatMap((node, index) => [
    ...renamingsOf(node, from, to, kindOf).map(({ path, text }) => ({
      path: [...body, "nodes", index, ...path],
      text,
    })),
    ...branchesOf(node, from, to, [...body, "nodes", index]),
  ]);
  const { nodes: _, edges: __, ...rest } = recordAt(document, body);
  // Around a body stand settings of its composite that read its nodes, such as `output`.
  const around = body.length > 0 ? { type: "", config: { ...rest } } : null;
  const inside = around ? renamingsOf(around, from, to, kindOf) : [];
  return [
    ...found,
    ...inside.map(({ path, text }) => ({ path: [...body, ...path.slice(1)], text })),
  ];
}

function recordAt(document: SourceDocument, path: Path): Record<string, unknown> {
  const value = document.at(path);
  return isObject(value) ? value : {};
}

function branchesOf(
  node: unknown,
  from: string,
  to: string,
  path: Path,
): { path: Path; text: string }[] {
  if (!isObject(node) || node.type !== "condition" || !isObject(node.config) || to.includes("."))
    return [];
  const config = node.config;
  return NEXT.filter((key) => config[key] === from).map((key) => ({
    path: [...path, "config", key],
    text: to,
  }));
}

/** Addresses of a layout after a node was renamed, its inside included. */
export function renamedAddress(address: string, from: string, to: string): string {
  if (address === from) return to;
  const rest = address.slice(from.length);
  return address.startsWith(from) && (rest.startsWith("/") || rest.startsWith("["))
    ? to + rest
    : address;
}
