/** One message of a conversation. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useDeferredValue, useState } from "react";
import { exchange } from "@/api/client";
import { isFile } from "@/api/files";
import { useTexts } from "@/i18n/language";
import { dateTime } from "@/i18n/numbers";
import { FileLink } from "@/ui/file-link";
import { Markdown } from "@/ui/markdown";
import { ShownValue } from "@/ui/shown-value";
import { Loading, Problem } from "@/ui/states";
import { visible } from "@/ui/visible";
import type { Message } from "./conversations";
import { chatTexts } from "./texts";
import { type Source, sourcesOf, type Turn } from "./turn";

interface BubbleGiven {
  from: string;
  /** Unix seconds. */
  at?: number;
  children: ReactNode;
}

export function Bubble({ from, at, children }: BubbleGiven) {
  const t = useTexts(chatTexts);
  const who = from === "user" ? t.you : from === "assistant" ? t.answer : t.system;
  return (
    <li className={`bubble ${from}`}>
      <div className="row muted small">
        <strong>{who}</strong> {at !== undefined && <time>{dateTime(at)}</time>}
      </div>
      {children}
    </li>
  );
}

/** Characters of what was said that are shown; the rest is in a download. */
const LONG = 20_000;

/** What was said: as it is, or as Markdown where that was chosen. */
export function Spoken({ text, markdown }: { text: string; markdown: boolean }) {
  // Pieces come faster than Markdown is drawn: each drawing takes all that came meanwhile.
  const drawn = useDeferredValue(text);
  if (text.length > LONG) return <ShownValue value={text} name="message" />;
  return markdown ? <Markdown text={drawn} /> : <div className="spoken">{visible(text)}</div>;
}

export function RunLink({ run }: { run: string }) {
  const t = useTexts(chatTexts);
  return (
    <Link to="/r/$runId" params={{ runId: run }}>
      {t.run}
    </Link>
  );
}

interface Given {
  message: Message;
  markdown: boolean;
  /** Of its run while that was followed by this page. */
  turn: Turn | undefined;
  /** Whether a page of the studio may be linked to. */
  linked: boolean;
}

export function ShownMessage({ message, markdown, turn, linked }: Given) {
  const t = useTexts(chatTexts);
  const answers = message.role === "assistant" && message.run_id !== "";
  return (
    <Bubble from={message.role} at={message.created_at}>
      {turn && <Reasoning text={turn.reasoning} />}
      <Spoken text={message.content} markdown={markdown && message.role !== "user"} />
      {message.files.filter(isFile).map((file) => (
        <div className="row" key={file.$file}>
          <FileLink file={file} />
        </div>
      ))}
      {message.metadata.truncated === true && <p className="muted">{t.truncated}</p>}
      {answers && (
        <div className="row small">
          {turn ? <Sources sources={turn.sources} /> : <SourcesOfRun run={message.run_id} />}
          {linked && <RunLink run={message.run_id} />}
        </div>
      )}
    </Bubble>
  );
}

export function Reasoning({ text }: { text: string }) {
  const t = useTexts(chatTexts);
  if (text === "") return null;
  return (
    <details className="reasoning">
      <summary>{t.reasoning}</summary>
      <div className="spoken muted">{visible(text)}</div>
    </details>
  );
}

export function Sources({ sources }: { sources: readonly Source[] }) {
  const t = useTexts(chatTexts);
  if (sources.length === 0) return null;
  return (
    <details className="sources">
      <summary>
        {t.sources} ({sources.length})
      </summary>
      <SourceList sources={sources} />
    </details>
  );
}

function SourceList({ sources }: { sources: readonly Source[] }) {
  return (
    <ol>
      {sources.map((source, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two sources may be the same in all they say
        <li key={index} value={source.number}>
          {source.url ? (
            <a href={source.url} title={source.url} target="_blank" rel="noreferrer">
              {visible(source.title)}
            </a>
          ) : (
            <strong>{visible(source.title)}</strong>
          )}
          <div className="spoken muted">{visible(source.content.slice(0, MOST))}</div>
        </li>
      ))}
    </ol>
  );
}

/** Characters of a source that are shown. */
const MOST = 2_000;

/** The sources of an answer that was given before this page was opened: asked for when they are opened. */
function SourcesOfRun({ run }: { run: string }) {
  const t = useTexts(chatTexts);
  const [open, setOpen] = useState(false);
  const { data, error } = useQuery({
    queryKey: ["runs", run, "sources"],
    enabled: open,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const path = `/api/runs/${encodeURIComponent(run)}/events`;
      const query = { types: "retriever_resource" };
      const accept = "application/x-ndjson";
      const log = await (await exchange("get", path, { query, signal, accept })).text();
      const lines = log.split("\n").filter((line) => line !== "");
      return lines.flatMap((line) => sourcesOf(JSON.parse(line) as Record<string, unknown>));
    },
  });
  return (
    <details className="sources" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t.sources}</summary>
      {error && <Problem error={error} />}
      {open && !data && !error && <Loading />}
      {data?.length === 0 && <p className="muted">{t.noSources}</p>}
      {data && <SourceList sources={data} />}
    </details>
  );
}
