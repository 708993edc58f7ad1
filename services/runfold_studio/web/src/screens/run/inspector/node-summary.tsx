/** How a node is going: what it waits for, its error, and each of its attempts. */

import { Link } from "@tanstack/react-router";
import { useTexts } from "@/i18n/language";
import { clock, cost, count, dateTime, duration } from "@/i18n/numbers";
import { shownStatus, timesOf, usedInside, waitOf } from "@/run/shown";
import type { Attempt, NodeState } from "@/run/state";
import { Status } from "@/ui/status";
import { visible } from "@/ui/visible";
import { OneText } from "../one-text";
import { useNow } from "../use-now";
import { useWorkspace } from "../workspace";
import { FailureNote } from "./failure-note";
import { inspectorTexts } from "./texts";

/** Characters of why an attempt came after another. */
const REASON = 500;

export function NodeSummary({ node }: { node: NodeState }) {
  const t = useTexts(inspectorTexts);
  const { data, moment } = useWorkspace();
  const text = data.streamed.of(node.address, node.attempt, moment.until);
  return (
    <div className="stack">
      <Waits node={node} />
      {node.error && <FailureNote error={node.error} />}
      {(node.port || node.ports.length > 0) && node.status !== "skipped" && (
        <p>
          {t.port} <code>{visible((node.ports.length ? node.ports : [node.port]).join(", "))}</code>{" "}
          {node.servedBy && (
            <span className="muted">{t[`served_${node.servedBy}` as "served_cache"]}</span>
          )}
        </p>
      )}
      {node.status === "backing_off" && node.due !== null && (
        <p className="notice">{t.nextAttempt(clock(node.due))}</p>
      )}
      {node.attempts.length > 0 && <Attempts node={node} />}
      {node.composite && <Inside address={node.address} />}
      {node.answer && (
        <p>
          {t.answered}: <code>{visible(node.answer.action)}</code>{" "}
          <span className="muted">{dateTime(node.answer.time)}</span>{" "}
          {visible(node.answer.feedback ?? "")}
        </p>
      )}
      {text && <OneText stream={text} />}
    </div>
  );
}

function Waits({ node }: { node: NodeState }) {
  const t = useTexts(inspectorTexts);
  const { runId, moment } = useWorkspace();
  const wait = waitOf(node);
  if (!wait) return null;
  const isOpen = shownStatus(moment.plan, moment.state, node) === "waiting";
  return (
    <div className="notice stack small-gap">
      <strong>{t[`waits_${wait.for}`]}</strong>
      <span className="muted">
        {wait.since !== null && t.since(dateTime(wait.since))}{" "}
        {wait.due !== null && t.until(dateTime(wait.due))}
      </span>
      {wait.message && <span>{visible(wait.message)}</span>}
      {wait.assignee && (
        <span>
          {t.assignee}: {visible(wait.assignee)}
        </span>
      )}
      {wait.subject && (
        <span>
          {t.subject}: <code>{visible(wait.subject)}</code>
        </span>
      )}
      {wait.state && (
        <span>
          {t.state}: <code>{visible(wait.state)}</code>
        </span>
      )}
      {runId !== null && isOpen && moment.isNewest && wait.token && wait.for !== "event" && (
        <Link className="button" to="/inbox" search={{ review: wait.token }}>
          {t.answer}
        </Link>
      )}
    </div>
  );
}

function Attempts({ node }: { node: NodeState }) {
  return (
    <ol className="attempts-list">
      {node.attempts.map((one, place) => (
        <li key={`${one.attempt} ${one.readySeq ?? "b"}`} className="stack small-gap">
          <OneAttempt node={node} one={one} last={place === node.attempts.length - 1} />
          {place > 0 && <RetriedFor before={node.attempts[place - 1]} />}
        </li>
      ))}
    </ol>
  );
}

function OneAttempt({ node, one, last }: { node: NodeState; one: Attempt; last: boolean }) {
  const t = useTexts(inspectorTexts);
  const { moment } = useWorkspace();
  const now = useNow();
  const status = one.status || (last ? shownStatus(moment.plan, moment.state, node) : "succeeded");
  const times = timesOf(node, one, last, now);
  return (
    <>
      <div className="row">
        <strong>
          {t.attempt} {one.attempt}
        </strong>
        <Status status={status} />
        {one.backup && <span className="muted">{t.backup}</span>}
        {one.delay > 0 && <span className="muted">{t.after(duration(one.delay))}</span>}
      </div>
      <dl className="facts">
        {times.queued !== null && <Fact name={t.queued} value={duration(times.queued)} />}
        {times.ran !== null && (
          <Fact name={node.composite ? t.took : t.ran} value={duration(times.ran)} />
        )}
        {times.waited !== null && <Fact name={t.waited} value={duration(times.waited)} />}
        {one.startedAt !== null && <Fact name={t.began} value={clock(one.startedAt)} />}
        {one.finishedAt !== null && <Fact name={t.ended} value={clock(one.finishedAt)} />}
        {one.usage && <Fact name={t.tokens} value={count(one.usage.total_tokens ?? 0)} />}
        {one.usage?.cost ? <Fact name={t.cost} value={cost(one.usage.cost)} /> : null}
        {one.executor && <Fact name={t.executor} value={visible(one.executor)} />}
      </dl>
    </>
  );
}

/** What all that ran inside a composite has used. */
function Inside({ address }: { address: string }) {
  const t = useTexts(inspectorTexts);
  const { moment } = useWorkspace();
  const used = usedInside(moment.state, address);
  if (used.tokens === 0) return null;
  return (
    <dl className="facts">
      <Fact name={t.tokensInside} value={count(used.tokens)} />
      {used.cost > 0 && <Fact name={t.costInside} value={cost(used.cost)} />}
    </dl>
  );
}

function RetriedFor({ before }: { before: Attempt | undefined }) {
  const t = useTexts(inspectorTexts);
  if (!before?.error) return null;
  return (
    <p className="muted">
      {t.retriedFor} <code>{before.error.code}</code>{" "}
      {visible(before.error.message.slice(0, REASON))}
    </p>
  );
}

export function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
