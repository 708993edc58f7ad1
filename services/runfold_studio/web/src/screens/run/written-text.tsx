/** Text of nodes and answers as it was streamed, up to the playhead. */

import { useState } from "react";
import { useTexts } from "@/i18n/language";
import { count } from "@/i18n/numbers";
import type { Stream } from "@/run/streamed";
import { Markdown } from "@/ui/markdown";
import { save } from "@/ui/save";
import { visible } from "@/ui/visible";
import { timeTexts } from "./time-texts";
import { useWorkspace } from "./workspace";

/** Characters that are shown: the end of a text. */
const SHOWN = 20_000;

export function WrittenText() {
  const t = useTexts(timeTexts);
  const { data, moment } = useWorkspace();
  const streams = data.streamed.all(moment.until).filter((one) => one.text !== "");
  if (streams.length === 0) return <p className="muted">{t.noText}</p>;
  return (
    <div className="stack written">
      {streams.map((one) => (
        <OneText key={`${one.address} ${one.attempt} ${one.name} ${one.kind}`} stream={one} />
      ))}
    </div>
  );
}

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
        <label className="check">
          <input
            type="checkbox"
            checked={rendered}
            onChange={(event) => setRendered(event.target.checked)}
          />{" "}
          {t.asMarkdown}
        </label>
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
