/** Gives a node of a session another id. */

import { renamedInCases } from "@/graph/pins";
import { renamedAddress, renameNode } from "@/graph/renaming";
import { typesById } from "./pinning";
import { prefixOf, type Session } from "./session";

/** Rename a node with all that reads it and its pins; its box stays where it is, and selected. */
export function renameTo(session: Session, address: string, id: string): void {
  const { drawn, root } = session.store.getState();
  const place = drawn.places.nodes.get(address);
  if (!place) return;
  const prefix = prefixOf(root);
  const next = place.body.prefix + id;
  const isOnly = (typesById(session).get(place.id)?.length ?? 0) === 1;
  const done = session.edit(
    (document) =>
      renamedInCases(
        renameNode(document, place, id, (type) => session.kinds.get(type)),
        root.length === 0 ? address : null,
        place.id,
        id,
        isOnly,
      ),
    "",
    (layout) => ({
      ...layout,
      nodes: Object.fromEntries(
        Object.entries(layout.nodes ?? {}).map(([at, box]) => [
          renamedAddress(at, prefix + address, prefix + next),
          box,
        ]),
      ),
    }),
  );
  if (done) session.select([next]);
}
