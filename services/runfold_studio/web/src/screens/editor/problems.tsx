/** What the checks found; a click leads to the node, or to the line where there is none, or mends a name. */

import { useTexts } from "@/i18n/language";
import { visible } from "@/ui/visible";
import { FindingText } from "./finding-text";
import { Mend } from "./mend";
import type { Finding, Session } from "./session";
import { editorTexts } from "./texts";
import { usePart } from "./use-session";

const SHOWN = 200;
const RANK = { error: 0, warning: 1, info: 2 };

export function Problems({ session, go }: { session: Session; go: (finding: Finding) => void }) {
  const t = useTexts(editorTexts);
  const checked = usePart(session.store, (state) => state.checked);
  const unreadable = usePart(session.store, (state) => state.document.problem);
  const found = (checked?.findings ?? []).filter((one) => one.level !== "info");
  const sorted = [...found].sort((a, b) => RANK[a.level] - RANK[b.level]);
  return (
    <details className="problems" open={found.length > 0 && unreadable !== null}>
      <summary>
        <span role="status">
          {checked === null ? t.checking : t.problems(found.length)}
          {checked?.valid && <span className="muted"> {t.sound}</span>}
        </span>
      </summary>
      {unreadable && (
        <p className="finding-row finding-error">
          {t.unreadable} {unreadable.message}
        </p>
      )}
      <ul>
        {sorted.slice(0, SHOWN).map((one) => (
          <li key={`${one.code} ${one.path} ${one.message}`} className="finding">
            <button type="button" className="plain finding-row" onClick={() => go(one)}>
              <span className={`finding-${one.level}`} aria-hidden="true">
                {one.level === "error" ? "✕" : "⚠"}
              </span>
              <span className="mono">
                {visible(one.node || one.path || "") || (one.line ? t.line(one.line) : "")}
              </span>
              <FindingText finding={one} />
            </button>
            <Mend session={session} finding={one} />
          </li>
        ))}
      </ul>
    </details>
  );
}
