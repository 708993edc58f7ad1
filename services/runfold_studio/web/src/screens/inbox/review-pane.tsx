/** One question: what it is about, the answer, and what became of it. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { ApiProblem } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { ago } from "@/i18n/numbers";
import { ShownValue } from "@/ui/shown-value";
import { Empty, Loading, Problem } from "@/ui/states";
import { visible } from "@/ui/visible";
import { AnswerForm } from "./answer-form";
import { Due } from "./due";
import { answer, findReview, kindOf, type Review, runOf, type Said } from "./reviews";
import { inboxTexts } from "./texts";

interface Given {
  token: string;
  /** As the list has it; undefined when it is on no page that was read. */
  listed: Review | undefined;
}

export function ReviewPane({ token, listed }: Given) {
  const t = useTexts(inboxTexts);
  const alone = useQuery({
    queryKey: ["reviews", "one", token],
    enabled: listed === undefined,
    queryFn: ({ signal }) => findReview(token, signal),
  });
  const found = listed ?? alone.data ?? null;
  // What somebody is writing an answer to stays in sight when another one answers it.
  const [known, setKnown] = useState<Review | null>(found);
  useEffect(() => {
    if (found) setKnown(found);
  }, [found]);
  const back = (
    <Link to="/inbox" search={({ review: _, ...others }) => others} className="back">
      ← {t.back}
    </Link>
  );
  if (known === null) {
    return (
      <>
        {back}
        {alone.isPending && <Loading />}
        {alone.error && <Problem error={alone.error} again={() => void alone.refetch()} />}
        {alone.data === null && <Gone token={token} />}
      </>
    );
  }
  return (
    <>
      {back}
      <Asked review={known} gone={listed === undefined && alone.data === null} />
    </>
  );
}

function Gone({ token }: { token: string }) {
  const t = useTexts(inboxTexts);
  return (
    <Empty>
      <p role="status">{runOf(token) ? t.gone : t.unknown}</p>
      {runOf(token) && (
        <Link to="/r/$runId" params={{ runId: runOf(token) }}>
          {t.run}
        </Link>
      )}
    </Empty>
  );
}

function Asked({ review, gone }: { review: Review; gone: boolean }) {
  const t = useTexts(inboxTexts);
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState("");
  const [refused, setRefused] = useState<unknown>(null);
  const machine = kindOf(review) === "state_machine";
  /** @returns Whether the answer was taken. */
  const give = async (said: Said): Promise<boolean> => {
    setBusy(true);
    setRefused(null);
    setOutcome("");
    try {
      setOutcome(await answer(review.review_id, said));
      return true;
    } catch (problem) {
      setRefused(problem);
      return false;
    } finally {
      setBusy(false);
      await queries.invalidateQueries({ queryKey: ["reviews"] });
    }
  };
  const late = refused instanceof ApiProblem && refused.status === 409;
  const done = outcome !== "" && !machine;
  return (
    <article className="stack">
      <About review={review} />
      {outcome && (
        <p role="status" className="notice tone-good">
          ✓ {outcome === "accepted" ? t.accepted : t.counted(outcome)}
        </p>
      )}
      {late && !machine && (
        <p role="alert" className="notice tone-warn">
          {t.first}
        </p>
      )}
      {refused !== null && <Problem error={refused} />}
      {gone && !done && !late && (
        <p role="status" className="notice tone-warn">
          {t.gone}
        </p>
      )}
      {!done && (
        <AnswerForm
          key={machine ? review.state : ""}
          review={review}
          disabled={busy || gone || (late && !machine)}
          refused={refused}
          give={give}
        />
      )}
    </article>
  );
}

/** What is asked, of whom, and what there is to look at. */
function About({ review }: { review: Review }) {
  const t = useTexts(inboxTexts);
  const { content } = review;
  return (
    <>
      <header className="stack small-gap">
        <h2 className="message">{visible(review.message) || review.node}</h2>
        <div className="row muted">
          <span>{t[kindOf(review)]}</span>
          {review.waiting_since !== null && <span>{t.waiting(ago(review.waiting_since))}</span>}
          {review.due !== null && <Due due={review.due} />}
          {review.assignee && <span>→ {visible(review.assignee)}</span>}
        </div>
        <div className="row">
          <Link to="/w/$workflowId" params={{ workflowId: review.workflow_id }}>
            {visible(review.workflow_id)}
          </Link>
          <Link to="/r/$runId" params={{ runId: review.run_id }} search={{ node: review.node }}>
            {t.run}
          </Link>
          <span className="mono muted">{visible(review.node)}</span>
        </div>
      </header>
      {content !== null && content !== undefined && content !== "" && (
        <section className="card" aria-label={t.content}>
          <ShownValue value={content} name={review.node} />
        </section>
      )}
    </>
  );
}
