/** What the canvas' gestures do to the document and the layout. */

import type { CanvasEditing } from "@/canvas/editing";
import {
  addNode,
  connect,
  disconnect,
  freeId,
  type NewNode,
  putBetween,
  refusalOf,
  removeNodes,
} from "@/graph/changes";
import type { Kind } from "@/graph/graph";
import type { Point } from "@/graph/layout";
import { isObject } from "@/graph/source/values";
import { moveNodes, withNew } from "./placement";
import type { Session } from "./session";

/** Where a kind that is being chosen goes. */
export type Target =
  | { after: string; port: string }
  | { edge: string }
  | { body: string; at?: Point }
  | null;

export function editingOf(session: Session, ask: (target: Target) => void): CanvasEditing {
  return {
    move: (places) => moveNodes(session, places),
    canConnect: (source, port, target) => {
      const { document, drawn } = session.store.getState();
      return refusalOf(document.value, drawn.places, source, port, target) === null;
    },
    connect(source, port, target) {
      session.edit((document, places) => {
        const from = places.nodes.get(source);
        const to = places.nodes.get(target);
        if (!from || !to) return document;
        return connect(document, from.body.path, { source: from.id, target: to.id, port });
      });
    },
    remove: (addresses, edges) => removeAll(session, addresses, edges),
    addAfter: (after, port) => ask({ after, port }),
    addOnEdge: (edge) => ask({ edge }),
    drop(type, place) {
      if (place.edge !== undefined) {
        addKind(session, type, { edge: place.edge });
        return;
      }
      const body = place.parent === null ? "" : bodyAddress(place.parent, place.body);
      addKind(session, type, { body, at: place.at });
    },
  };
}

export function bodyAddress(parent: string, body: string): string {
  return body ? `${parent}[${body}]` : parent;
}

export function removeAll(
  session: Session,
  addresses: readonly string[],
  edges: readonly string[],
): void {
  const { drawn } = session.store.getState();
  const lines = drawn.graph.edges.filter((edge) => edges.includes(edge.id));
  const gone = new Set(addresses);
  session.edit((document, places) => {
    let made = document;
    for (const line of lines) {
      const from = places.nodes.get(line.source);
      const to = places.nodes.get(line.target);
      if (!from || !to || gone.has(line.source) || gone.has(line.target)) continue;
      const edge = { source: from.id, target: to.id, port: line.port };
      made = disconnect(made, from.body.path, [edge]);
    }
    return removeNodes(made, places, addresses);
  });
}

/** A node of a kind as it begins: with empty bodies where it has any, else without settings. */
export function newNode(kind: Kind | undefined, type: string, taken: Iterable<string>): NewNode {
  const node = { id: freeId(type, taken), type };
  const properties = isObject(kind?.config_schema.properties) ? kind.config_schema.properties : {};
  for (const place of kind?.bodies?.places ?? []) {
    if (place === "") return { ...node, config: { nodes: [] } };
    const [setting, rest] = place.split(".");
    const field = setting === undefined ? undefined : properties[setting];
    if (setting && rest === "*" && place.split(".").length === 2 && isObject(field))
      return { ...node, config: { [setting]: { first: { nodes: [] }, second: { nodes: [] } } } };
  }
  return type === "end" ? { ...node, config: { outputs: {} } } : node;
}

/** Add a node of a kind at a target; it is selected then. */
export function addKind(session: Session, type: string, target: Target): void {
  const { drawn } = session.store.getState();
  const { places, graph } = drawn;
  const edge =
    target && "edge" in target ? graph.edges.find((one) => one.id === target.edge) : null;
  const following = target && "after" in target ? places.nodes.get(target.after) : null;
  const from = edge ? places.nodes.get(edge.source) : following;
  const named = target && "body" in target ? target.body : "";
  const body = from?.body ?? places.bodies.get(named) ?? places.bodies.get("");
  if (!body) return;
  const kind = session.kinds.get(type);
  const node = newNode(kind, kind?.type ?? type, body.ids);
  const before = drawn.graph;
  const [port = "out"] = kind?.ports.names ?? [];
  const address = body.prefix + node.id;
  const at = target && "body" in target ? target.at : undefined;
  const near = { after: from?.address, before: edge?.target, at };
  const done = session.edit(
    (document) => {
      const made = addNode(document, body.path, node);
      const to = edge ? places.nodes.get(edge.target) : null;
      if (edge && from && to)
        return putBetween(
          made,
          body.path,
          { source: from.id, target: to.id, port: edge.port },
          node.id,
          port,
        );
      return following && target && "after" in target
        ? connect(made, body.path, { source: following.id, target: node.id, port: target.port })
        : made;
    },
    "",
    (layout) => withNew(session, address, before, near)(layout),
  );
  if (done) session.select([address]);
}

/** Where a kind goes that is chosen without a place: behind the only selected node, if that leads nowhere. */
export function usualTarget(session: Session): Target {
  const { selected, drawn } = session.store.getState();
  const [address] = selected;
  const node = drawn.graph.nodes.find((one) => one.address === address);
  if (!node || selected.length !== 1) return { body: "" };
  const [port = "out"] = node.ports;
  const leads = drawn.graph.edges.some((edge) => edge.source === address && edge.port === port);
  const place = drawn.places.nodes.get(node.address);
  if (node.type === "end") return { body: place?.body.address ?? "" };
  return leads ? { body: place?.body.address ?? "" } : { after: node.address, port };
}
