/** A value as somebody looks at it: text as text or Markdown, all else as JSON; what is long is cut. */

import { useState } from "react";
import { isFile } from "@/api/files";
import { useTexts } from "@/i18n/language";
import { bytes } from "@/i18n/numbers";
import { AsMarkdown } from "./as-markdown";
import { FileLink } from "./file-link";
import { Markdown } from "./markdown";
import { save } from "./save";
import { shownTexts } from "./shown-texts";
import { visible } from "./visible";

/** Characters that are shown; the rest is in the download. */
const MOST = 20_000;

export function ShownValue({ value, name = "value" }: { value: unknown; name?: string }) {
  if (value === undefined || value === null || value === "") return null;
  if (isFile(value)) return <FileLink file={value} />;
  if (typeof value === "string") return <ShownText text={value} name={`${name}.txt`} />;
  return <Cut text={JSON.stringify(value, null, 2)} name={`${name}.json`} />;
}

/** Text with the choice to read it as Markdown. */
function ShownText({ text, name }: { text: string; name: string }) {
  const [rendered, setRendered] = useState(false);
  const long = text.length > MOST;
  return (
    <div className="stack small-gap">
      {rendered ? <Markdown text={text.slice(0, MOST)} /> : <Cut text={text} name={name} />}
      {((!long && isProse(text)) || rendered) && (
        <AsMarkdown rendered={rendered} choose={setRendered} />
      )}
    </div>
  );
}

/** Whether text may have marks of Markdown: an id or a word has none. */
function isProse(text: string): boolean {
  return text.length > 80 || /[\n*_#`[|]/.test(text);
}

function Cut({ text, name }: { text: string; name: string }) {
  const t = useTexts(shownTexts);
  const long = text.length > MOST;
  return (
    <>
      <pre>
        {visible(text.slice(0, MOST))}
        {long && "…"}
      </pre>
      {long && (
        <button type="button" onClick={() => save(text, name)}>
          {t.whole} <span className="muted">{bytes(new Blob([text]).size)}</span>
        </button>
      )}
    </>
  );
}
