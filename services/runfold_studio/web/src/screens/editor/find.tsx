/** Finds a node by its id, name, kind or any text in its settings. */

import { useMemo, useState } from "react";
import { useTexts } from "@/i18n/language";
import { visible } from "@/ui/visible";
import { Dialog } from "./dialog";
import type { Session } from "./session";
import { editorTexts } from "./texts";
import { usePart } from "./use-session";

const SHOWN = 50;

export function Find({
  session,
  close,
  show,
}: {
  session: Session;
  close: () => void;
  show: (address: string) => void;
}) {
  const t = useTexts(editorTexts);
  const graph = usePart(session.store, (state) => state.drawn.graph);
  const [wanted, setWanted] = useState("");
  const found = useMemo(() => {
    const text = wanted.trim().toLowerCase();
    const has = (part: string) => part.toLowerCase().includes(text);
    const named = graph.nodes.filter((node) => [node.address, node.name, node.type].some(has));
    const inside = graph.nodes.filter(
      (node) => !named.includes(node) && text !== "" && has(JSON.stringify(node.config)),
    );
    return [...named, ...inside].slice(0, SHOWN);
  }, [graph, wanted]);
  const take = (address: string | undefined) => {
    if (address === undefined) return;
    session.select([address]);
    show(address);
    close();
  };
  return (
    <Dialog title={t.find} close={close}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          take(found[0]?.address);
        }}
      >
        <input
          type="search"
          aria-label={t.find}
          value={wanted}
          data-first
          onChange={(event) => setWanted(event.target.value)}
        />
        {found.length === 0 && <p className="muted">{t.nothingFound}</p>}
        <ul className="choices">
          {found.map((node) => (
            <li key={node.address}>
              <button type="button" className="plain choice" onClick={() => take(node.address)}>
                <span className="cut">{visible(node.name || node.id)}</span>
                <span className="kind">
                  {node.address} · {node.type}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </form>
    </Dialog>
  );
}
