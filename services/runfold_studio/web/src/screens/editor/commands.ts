/** What keys and buttons do to the selection. */

import type { BodyPlace } from "@/graph/bodies";
import { clipOf, clipText, paste, readClip } from "@/graph/clipboard";
import { grouped } from "@/graph/grouping";
import type { Point } from "@/graph/layout";
import { removeAll } from "./canvas-editing";
import { movedTo, placesIn } from "./placement";
import { type Arrange, prefixOf, type Session } from "./session";

export function selectAll(session: Session): void {
  const { drawn, selected } = session.store.getState();
  const around = drawn.places.nodes.get(selected[0] ?? "")?.body.address ?? "";
  session.select(
    [...drawn.places.nodes.values()]
      .filter((node) => node.body.address === around)
      .map((node) => node.address),
  );
}

/** The selection as text; empty when nothing is selected. */
export function copied(session: Session): string {
  const { drawn, selected } = session.store.getState();
  const clip = clipOf(drawn.document.value, drawn.places, selected);
  return clip.nodes.length ? clipText(clip) : "";
}

export function cut(session: Session): string {
  const text = copied(session);
  if (text) removeAll(session, session.store.getState().selected, []);
  return text;
}

/** Put text in as nodes, beside what is selected or into a selected composite. False when it has none. */
export function pasted(session: Session, text: string): boolean {
  const clip = readClip(text);
  if (clip === null) return false;
  put(session, targetBody(session), clip);
  return true;
}

function targetBody(session: Session): BodyPlace | undefined {
  const { drawn, selected } = session.store.getState();
  const [address = ""] = selected;
  const inside = [...drawn.places.bodies.values()].find(
    (body) => body.address === address || body.address.startsWith(`${address}[`),
  );
  if (selected.length === 1 && inside && address) return inside;
  return drawn.places.nodes.get(address)?.body ?? drawn.places.bodies.get("");
}

export function duplicate(session: Session): void {
  const { drawn, selected } = session.store.getState();
  const clip = clipOf(drawn.document.value, drawn.places, selected);
  if (clip.nodes.length) put(session, drawn.places.nodes.get(selected[0] ?? "")?.body, clip);
}

const BESIDE: Point = { x: 40, y: 40 };

function put(session: Session, body: BodyPlace | undefined, clip: ReturnType<typeof clipOf>): void {
  if (!body) return;
  let ids: string[] = [];
  const beside: Arrange = (layout) => {
    const before = placesIn(session);
    const places = new Map<string, Point>();
    for (const [index, node] of clip.nodes.entries()) {
      const at = before.get(body.prefix + String(node.id));
      if (at)
        places.set(body.prefix + (ids[index] ?? ""), {
          x: at.x + BESIDE.x,
          y: at.y + BESIDE.y,
        });
    }
    return places.size ? movedTo(session, places)(layout) : layout;
  };
  const done = session.edit(
    (document) => {
      const made = paste(document, body, clip, (type) => session.kinds.get(type));
      ids = made.ids;
      return made.document;
    },
    "",
    beside,
  );
  if (done) session.select(ids.map((id) => body.prefix + id));
}

/** The selection as a workflow of the document; false where that would change what it does. */
export function groupSelected(session: Session): boolean {
  const { drawn, selected, checked, root } = session.store.getState();
  const names = new Set<string>();
  for (const address of selected)
    for (const one of checked?.nodes?.[prefixOf(root) + address]?.in_scope ?? [])
      if (PASSED.has(one.kind)) names.add(one.name.split(/[.[]/)[0] ?? "");
  const around = drawn.places.nodes.get(selected[0] ?? "")?.body;
  const made = grouped(drawn.document, drawn.places, selected, [...names], (type) =>
    session.kinds.get(type),
  );
  if (!around || made === null) return false;
  const done = session.edit(() => made.document);
  if (done) session.select([around.prefix + made.id]);
  return done;
}

/** Kinds of names that a workflow sees only when it is given them. */
const PASSED = new Set(["node", "input", "variable", "item"]);
