/** Connects a port to a node that is there: what a drag does, for the keyboard. */

import { useMemo, useState } from "react";
import type { CanvasEditing } from "@/canvas/editing";
import { targetsOf } from "@/graph/changes";
import { useTexts } from "@/i18n/language";
import { visible } from "@/ui/visible";
import type { Session } from "./session";
import { editorTexts } from "./texts";
import { usePart } from "./use-session";

export function ConnectTo({
  session,
  editing,
  after,
  port,
  done,
}: {
  session: Session;
  editing: CanvasEditing;
  after: string;
  port: string;
  done: () => void;
}) {
  const t = useTexts(editorTexts);
  const drawn = usePart(session.store, (state) => state.drawn);
  const [chosen, setChosen] = useState("");
  const targets = useMemo(() => {
    const free = new Set(targetsOf(drawn.document.value, drawn.places, after, port));
    return drawn.graph.nodes.filter((node) => free.has(node.address));
  }, [drawn, after, port]);
  if (targets.length === 0) return null;
  return (
    <form
      className="row connect-to"
      onSubmit={(event) => {
        event.preventDefault();
        editing.connect(after, port, chosen);
        done();
      }}
    >
      <select
        required
        aria-label={t.connectTo}
        value={chosen}
        onChange={(event) => setChosen(event.target.value)}
      >
        <option value="">{t.connectTo}</option>
        {targets.map((node) => (
          <option key={node.address} value={node.address}>
            {visible(node.name || node.id)}
          </option>
        ))}
      </select>
      <button type="submit" disabled={chosen === ""}>
        {t.connect}
      </button>
    </form>
  );
}
