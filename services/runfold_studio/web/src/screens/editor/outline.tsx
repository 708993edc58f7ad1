/** The nodes as a list, in the order of the document: what the canvas shows, for who does not see it. */

import { useState } from "react";
import { useTexts } from "@/i18n/language";
import { visible } from "@/ui/visible";
import type { Session } from "./session";
import { editorTexts } from "./texts";
import { usePart } from "./use-session";

export function Outline({ session, show }: { session: Session; show: (address: string) => void }) {
  const t = useTexts(editorTexts);
  const graph = usePart(session.store, (state) => state.drawn.graph);
  const selected = usePart(session.store, (state) => state.selected);
  // Of thousands of nodes the list is only made when somebody wants it.
  const [open, setOpen] = useState(false);
  return (
    <details className="outline" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t.outline}</summary>
      {open && (
        <ul>
          {graph.nodes.map((node) => (
            <li
              key={node.address}
              style={{ paddingLeft: 12 * (node.address.split("/").length - 1) }}
            >
              <button
                type="button"
                className="plain cut"
                aria-pressed={selected.includes(node.address)}
                onClick={() => {
                  session.select([node.address]);
                  show(node.address);
                }}
              >
                {visible(node.name || node.id)} <span className="kind">{node.type}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}
