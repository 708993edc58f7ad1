/** Goes to a node of the document, whichever workflow of it the node is in. */

import type { Session } from "./session";

/**
 * Select a node and bring it into sight. False when there is none.
 *
 * @param address as findings have it: `each/call`, `greeting:end`.
 */
export function goToNode(
  session: Session,
  address: string,
  show: (focus: { address: string }) => void,
): boolean {
  if (address === "") return false;
  const { root } = session.store.getState();
  const inside = /^([^/:[\]]+):(.*)$/.exec(address);
  const wanted = inside ? ["workflows", inside[1] ?? ""] : [];
  const here = inside?.[2] ?? address;
  if (wanted.join() !== root.join()) session.show(wanted);
  if (!session.store.getState().drawn.places.nodes.has(here)) return false;
  session.select([here]);
  show({ address: here });
  return true;
}
