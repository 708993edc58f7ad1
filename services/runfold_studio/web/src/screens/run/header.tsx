/** How the run is going, what it has used, and what can be done with it. */

import { Link } from "@tanstack/react-router";
import { useTexts } from "@/i18n/language";
import { cost, count, duration } from "@/i18n/numbers";
import { hasEnded } from "@/run/state";
import { Status } from "@/ui/status";
import { useTitle } from "@/ui/title";
import { visible } from "@/ui/visible";
import { Actions } from "./actions";
import { runTexts } from "./texts";
import { useNow } from "./use-now";
import { useWorkspace } from "./workspace";

/** Characters of an error's message; the whole of it stands beside the canvas. */
const SHOWN = 300;
/** Characters that tell a run from others of the same day. */
const SHORT = 13;

export function Header() {
  const t = useTexts(runTexts);
  const { runId, moment, data, select } = useWorkspace();
  const { head } = moment.state;
  useTitle(`${head.workflowId} ${head.runId.slice(0, SHORT)}`);
  return (
    <header className="run-head">
      <div className="row">
        <h1 className="cut">
          {runId === null ? (
            visible(head.workflowId)
          ) : (
            <Link to="/w/$workflowId" params={{ workflowId: head.workflowId }}>
              {head.workflowId}
            </Link>
          )}
        </h1>
        <span role="status">
          <Status status={head.status} />
        </span>
        <Connected state={data.state} />
      </div>
      <div className="row muted">
        <span className="mono cut">{visible(head.runId)}</span>
        <span>{t.version(head.version)}</span>
        <span title={t.elapsed}>
          <Elapsed />
        </span>
        {head.usage.total_tokens > 0 && <span>{t.tokens(count(head.usage.total_tokens))}</span>}
        {head.usage.cost > 0 && <span title={t.cost}>{cost(head.usage.cost)}</span>}
        {head.origin && (
          <span>
            {head.origin.kind === "retry" ? t.retryOf : t.forkOf}{" "}
            {runId === null ? (
              <span className="mono">{head.origin.run_id.slice(0, 13)}</span>
            ) : (
              <Link
                to="/r/$runId"
                params={{ runId: head.origin.run_id }}
                search={{ at: String(head.origin.at) }}
                className="mono"
              >
                {head.origin.run_id.slice(0, 13)}
              </Link>
            )}
          </span>
        )}
        {Object.entries(head.labels).map(([name, value]) => (
          <span key={name} className="label" title={visible(`${name}: ${value}`)}>
            {visible(`${name}: ${value}`)}
          </span>
        ))}
      </div>
      <Actions />
      {head.status === "paused" && (head.pauseReason || head.parked) && (
        <p className="notice">
          {head.parked ? t.parked : t.pauseReason} {visible(head.pauseReason)}
        </p>
      )}
      {head.error && hasEnded(head.status) && (
        <p className="problem">
          <strong>{head.error.code}</strong>{" "}
          <span>{visible(head.error.message.slice(0, SHOWN))}</span>
          {head.errorAddress && (
            <button type="button" onClick={() => select(head.errorAddress)}>
              {t.showNode}
            </button>
          )}
        </p>
      )}
      {data.problem !== null && (
        <p className="problem" role="alert">
          {String((data.problem as Error).message ?? data.problem)}
        </p>
      )}
    </header>
  );
}

function Connected({ state }: { state: string }) {
  const t = useTexts(runTexts);
  if (state === "waiting") return <span className="muted">{t.reconnecting}</span>;
  if (state === "open") return <span className="muted live-dot">{t.live}</span>;
  return state === "file" ? <span className="muted">{t.file}</span> : null;
}

/** Seconds of the run so far, or of all of it. */
function Elapsed() {
  const { moment } = useWorkspace();
  const now = useNow();
  const { head } = moment.state;
  return <>{duration(Math.max(0, (head.finishedAt ?? now) - head.startedAt))}</>;
}
