/** Where boxes are put in the layout of a session; its addresses count from the whole document. */

import { sizeOf } from "@/canvas/sizes";
import { type Alignment, aligned } from "@/graph/aligning";
import type { Graph } from "@/graph/graph";
import type { Box, Point } from "@/graph/layout";
import { boxesOf, freePlace, pinned, wantedPlace } from "@/graph/placing";
import { type Arrange, prefixOf, type Session } from "./session";

/** Chosen places of the workflow that is shown, by address in it. */
export function placesIn(session: Session): Map<string, Point> {
  const { layout, root } = session.store.getState();
  const prefix = prefixOf(root);
  return new Map(
    Object.entries(layout.nodes ?? {}).flatMap(([address, { x, y }]) =>
      address.startsWith(prefix) ? [[address.slice(prefix.length), { x, y }]] : [],
    ),
  );
}

/** Put boxes where somebody wants them; the others of their bodies stay where they are now. */
export function moveNodes(session: Session, places: ReadonlyMap<string, Point>): void {
  session.arrange(movedTo(session, places));
}

/** The layout with boxes put where somebody wants them. */
export function movedTo(session: Session, places: ReadonlyMap<string, Point>): Arrange {
  const { drawn } = session.store.getState();
  const boxes = boxesOf(drawn.graph, placesIn(session), sizeOf);
  const parents = new Set(
    drawn.graph.nodes.filter((node) => places.has(node.address)).map((node) => node.parent),
  );
  const all = new Map<string, Point>();
  for (const parent of parents)
    for (const [address, point] of pinned(drawn.graph, boxes, parent)) all.set(address, point);
  for (const [address, point] of places) all.set(address, point);
  return written(session, all);
}

/** Align the selected boxes with those of their own body. */
export function alignSelected(session: Session, how: Alignment): void {
  const { drawn, selected } = session.store.getState();
  const boxes = boxesOf(drawn.graph, placesIn(session), sizeOf);
  const places = new Map<string, Point>();
  const chosen = drawn.graph.nodes.filter((node) => selected.includes(node.address));
  for (const parent of new Set(chosen.map((node) => node.parent))) {
    const inside = chosen.filter((node) => node.parent === parent);
    const found = inside.flatMap((node) => {
      const box = boxes.get(node.address);
      return box ? [[node.address, box] as const] : [];
    });
    for (const [address, point] of aligned(new Map(found), how)) places.set(address, point);
  }
  if (places.size > 0) moveNodes(session, places);
}

function written(session: Session, places: ReadonlyMap<string, Point>): Arrange {
  const prefix = prefixOf(session.store.getState().root);
  return (before) => {
    const nodes = { ...before.nodes };
    for (const [address, point] of places)
      nodes[prefix + address] = { ...nodes[prefix + address], ...point };
    return { ...before, nodes };
  };
}

interface Near {
  after?: string | undefined;
  before?: string | undefined;
  at?: Point | undefined;
}

/**
 * The layout with a place for a new box, where the others have theirs; else its own places do.
 *
 * @param before the graph without it.
 */
export function withNew(session: Session, address: string, before: Graph, near: Near): Arrange {
  const { drawn } = session.store.getState();
  const chosen = placesIn(session);
  const made = drawn.graph.nodes.find((node) => node.address === address);
  const around = before.nodes.filter((node) => node.parent === (made?.parent ?? null));
  if (!made || (!near.at && !around.some((node) => chosen.has(node.address))))
    return (layout) => layout;
  const boxes = boxesOf(before, chosen, sizeOf);
  const others = around.flatMap((node) => boxes.get(node.address) ?? []);
  const at = near.at ?? freePlace(placeBy(near, boxes, others), sizeOf(made), others);
  return written(session, pinned(before, boxes, made.parent).set(address, at));
}

function placeBy(near: Near, boxes: ReadonlyMap<string, Box>, others: readonly Box[]): Point {
  const last = others.reduce<Box | undefined>(
    (most, box) => (!most || box.x > most.x ? box : most),
    undefined,
  );
  const before = near.before === undefined ? undefined : boxes.get(near.before);
  return wantedPlace(boxes.get(near.after ?? "") ?? last, before);
}
