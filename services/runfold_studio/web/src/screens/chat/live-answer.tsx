/** The answer that is being written. */

import { Link } from "@tanstack/react-router";
import { useTexts } from "@/i18n/language";
import { Problem } from "@/ui/states";
import "@/ui/status.css";
import { visible } from "@/ui/visible";
import { Bubble, Reasoning, Sources, Spoken } from "./message";
import { chatTexts } from "./texts";
import type { LiveTurn } from "./use-turn";

interface Given {
  turn: LiveTurn;
  markdown: boolean;
  linked: boolean;
}

export function LiveAnswer({ turn, markdown, linked }: Given) {
  const t = useTexts(chatTexts);
  return (
    <Bubble from="assistant">
      <Reasoning text={turn.reasoning} />
      <Spoken text={turn.text} markdown={markdown} />
      {linked &&
        turn.questions.map((question) => (
          <div key={question.token} className="card">
            {t.asks} <strong>{visible(question.message)}</strong>{" "}
            <Link to="/inbox" search={{ review: question.token }}>
              {t.reply}
            </Link>
          </div>
        ))}
      <Ending turn={turn} />
      <div className="row small">
        <Sources sources={turn.sources} />
        {linked && (
          <Link to="/r/$runId" params={{ runId: turn.run }}>
            {t.run}
          </Link>
        )}
      </div>
    </Bubble>
  );
}

/** What the run is doing, or what it came to where that is no answer. */
function Ending({ turn }: { turn: LiveTurn }) {
  const t = useTexts(chatTexts);
  if (turn.refused) return <Problem error={turn.refused} />;
  if (turn.status === "") {
    return (
      <p className="muted" role="status">
        {t.answering}
      </p>
    );
  }
  if (turn.status === "cancelled") return <p className="muted">■ {t.stopped}</p>;
  if (turn.problem) {
    return (
      <div className="problem" role="alert">
        {t.failed} <strong>{turn.problem.code}</strong> {visible(turn.problem.message)}
      </div>
    );
  }
  return turn.text === "" ? <p className="muted">{t.noAnswer}</p> : null;
}
