/** What was said and what came of it: its answers, or the run that is answering. */

import { useState } from "react";
import { isFile } from "@/api/files";
import { useTexts } from "@/i18n/language";
import { FileLink } from "@/ui/file-link";
import type { Draft } from "./composer";
import { type Exchange, isPending } from "./exchanges";
import { LiveAnswer } from "./live-answer";
import { Bubble, ShownMessage, Spoken } from "./message";
import { chatTexts } from "./texts";
import { useTurn } from "./use-turn";

interface Given {
  exchange: Exchange;
  markdown: boolean;
  linked: boolean;
  /** Whether it is one of the newest, whose runs are followed without being asked to. */
  recent: boolean;
  ended: () => void;
  /** Puts what was said where one writes. */
  reuse: (draft: Draft) => void;
}

export function ShownExchange({ exchange, markdown, linked, recent, ended, reuse }: Given) {
  const t = useTexts(chatTexts);
  const { asked, answers } = exchange;
  const [opened, setOpened] = useState(false);
  const [retried, setRetried] = useState("");
  const run = retried || exchange.run;
  const turn = useTurn(run, answers.length === 0 && (recent || opened || retried !== ""), ended);
  const query = asked === null ? "" : isPending(asked) ? asked.query : asked.content;
  const files = (asked?.files ?? []).filter(isFile);
  return (
    <>
      {asked && (
        <Bubble from="user" {...(!isPending(asked) && { at: asked.created_at })}>
          <Spoken text={query} markdown={false} />
          {files.map((file) => (
            <div className="row" key={file.$file}>
              <FileLink file={file} />
            </div>
          ))}
          <div className="row">
            <button type="button" className="plain" onClick={() => reuse({ query, files })}>
              {t.reuse}
            </button>
          </div>
        </Bubble>
      )}
      {answers.map((message) => (
        <ShownMessage
          key={message.message_id}
          message={message}
          markdown={markdown}
          turn={turn?.run === message.run_id ? turn : undefined}
          linked={linked}
        />
      ))}
      {answers.length === 0 && turn && (
        <LiveAnswer turn={turn} markdown={markdown} linked={linked} retried={setRetried} />
      )}
      {answers.length === 0 && !turn && run !== "" && (
        <li className="muted row">
          {t.unanswered}
          <button type="button" onClick={() => setOpened(true)}>
            {t.whatCame}
          </button>
        </li>
      )}
    </>
  );
}
