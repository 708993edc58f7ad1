/** The answer that is being written, or what the run came to where that is none. */

import { useState } from "react";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { dateTime } from "@/i18n/numbers";
import { Problem } from "@/ui/states";
import { Status } from "@/ui/status";
import "@/ui/status.css";
import { visible } from "@/ui/visible";
import { Asked } from "./asked";
import { Bubble, Reasoning, RunLink, Sources, Spoken } from "./message";
import { chatTexts } from "./texts";
import type { LiveTurn } from "./use-turn";

interface Given {
  turn: LiveTurn;
  markdown: boolean;
  linked: boolean;
  /** Called with the run that tries it again. */
  retried: (run: string) => void;
}

export function LiveAnswer({ turn, markdown, linked, retried }: Given) {
  const t = useTexts(chatTexts);
  return (
    <Bubble from="assistant">
      <Reasoning text={turn.reasoning} />
      <Spoken text={turn.text} markdown={markdown} />
      {turn.waits.map((wait) =>
        wait.token ? (
          <Asked key={wait.token} wait={wait} />
        ) : (
          <p key={wait.node} className="muted">
            {wait.due === null ? t.waitsFor(visible(wait.node)) : t.waitsUntil(dateTime(wait.due))}
          </p>
        ),
      )}
      <Standing turn={turn} retried={retried} />
      <div className="row small">
        <Sources sources={turn.sources} />
        {linked && <RunLink run={turn.run} />}
      </div>
    </Bubble>
  );
}

/** What the run is doing, or how it ended, and what can be done about it. */
function Standing({ turn, retried }: Pick<Given, "turn" | "retried">) {
  const t = useTexts(chatTexts);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const path = { run_id: turn.run };
  const told = turn.problem ?? turn.cut;
  const act = async (does: () => Promise<unknown>) => {
    setBusy(true);
    setProblem(null);
    try {
      await does();
    } catch (refused) {
      setProblem(refused);
    } finally {
      setBusy(false);
    }
  };
  const stop = () => call("post", "/api/runs/{run_id}/cancel", { path, body: {} });
  const again = async () =>
    retried((await call("post", "/api/runs/{run_id}/retry", { path, body: {} })).data.run_id);
  const underWay = !turn.over && turn.refused === null;
  const unsuccessful = turn.over && !["succeeded", "partial_succeeded"].includes(turn.status);
  return (
    <>
      {turn.refused && <Problem error={turn.refused} />}
      {told && (
        <div className="problem" role="alert">
          <strong>{told.code}</strong> {visible(told.message)}
        </div>
      )}
      {problem !== null && <Problem error={problem} />}
      {turn.over && !unsuccessful && turn.text === "" && <p className="muted">{t.noAnswer}</p>}
      {(underWay || unsuccessful) && (
        <div className="row">
          <span role="status">
            <Status status={standing(turn)} />
          </span>
          {underWay && turn.working.length > 0 && (
            <span className="muted mono small cut">{turn.working.map(visible).join(", ")}</span>
          )}
          {underWay && (
            <button type="button" disabled={busy} onClick={() => void act(stop)}>
              ■ {t.stop}
            </button>
          )}
          {unsuccessful && (
            <button type="button" disabled={busy} onClick={() => void act(again)}>
              ↻ {t.again}
            </button>
          )}
        </div>
      )}
    </>
  );
}

function standing(turn: LiveTurn): string {
  if (turn.over) return turn.status;
  return turn.status === "running" && turn.waits.length > 0 ? "waiting" : turn.status || "queued";
}
