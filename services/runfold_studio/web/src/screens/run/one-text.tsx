/** One text of a node or an answer, as it was streamed; of a long one, its end. */

import { useState } from "react";
import { useTexts } from "@/i18n/language";
import { count } from "@/i18n/numbers";
import type { Stream } from "@/run/streamed";
import { AsMarkdown } from "@/ui/as-markdown";
import { Markdown } from "@/ui/markdown";
import { save } from "@/ui/save";
import { visible } from "@/ui/visible";
import { timeTexts } from "./time-texts";
import { useWorkspace } from "./workspace";

/** Characters that are shown: the end of a text. */
const SHOWN = 20_000;

export function OneText({ stream }: { stream: Stream }) {
  const t = useTexts(timeTexts);
  const { select } = useWorkspace();
  const [rendered, setRendered] = useState(false);
  const { address, attempt, kind, text } = stream;
  const shown = text.slice(-SHOWN);
  return (
    <section aria-label={visible(address)}>
      <div className="row">
        <button type="button" className="plain mono" onClick={() => select(address)}>
          {visible(address)}
        </button>
        {attempt > 1 && <span className="muted">{t.attempt(attempt)}</span>}
        {kind === "reasoning" && <span className="muted">{t.thoughts}</span>}
        <AsMarkdown rendered={rendered} choose={setRendered} />
        {text.length > SHOWN && (
          <>
            <span className="muted">{t.earlier(count(text.length - SHOWN))}</span>
            <button type="button" onClick={() => save(text, `${address.replaceAll("/", "_")}.txt`)}>
              {t.download}
            </button>
          </>
        )}
      </div>
      {rendered ? (
        <Markdown text={shown} />
      ) : (
        <pre className={kind === "reasoning" ? "muted" : undefined}>{visible(shown)}</pre>
      )}
    </section>
  );
}
