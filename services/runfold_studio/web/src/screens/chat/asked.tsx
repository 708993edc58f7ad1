/** What a run asks a person, answered where it is asked. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiProblem } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { AnswerForm } from "@/screens/inbox/answer-form";
import { Due } from "@/screens/inbox/due";
import { answer, findReview, kindOf, type Said } from "@/screens/inbox/reviews";
import { inboxTexts } from "@/screens/inbox/texts";
import { ShownValue } from "@/ui/shown-value";
import { Loading, Problem } from "@/ui/states";
import { visible } from "@/ui/visible";
import type { Wait } from "./turn";

export function Asked({ wait }: { wait: Wait }) {
  const t = useTexts(inboxTexts);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const { data, error, refetch } = useQuery({
    // What is asked changes with the run's events alone.
    queryKey: ["reviews", "one", wait.token, wait.seq],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => findReview(wait.token, signal),
  });
  if (error) return <Problem error={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  // The event that says how it went on is on its way.
  if (data === null) return null;
  const machine = kindOf(data) === "state_machine";
  const give = async (said: Said): Promise<boolean> => {
    setBusy(true);
    setRefused(null);
    try {
      await answer(wait.token, said);
      // A question that was answered is gone with the run's next event.
      if (machine) setBusy(false);
      return true;
    } catch (problem) {
      setRefused(problem);
      setBusy(false);
      return false;
    }
  };
  const late = refused instanceof ApiProblem && refused.status === 409 && !machine;
  const nothing = data.content === null || data.content === undefined || data.content === "";
  return (
    <section className="card stack small-gap asked" aria-label={t[kindOf(data)]}>
      <div className="row">
        <strong className="spoken">{visible(data.message) || visible(data.node)}</strong>
        {data.due !== null && <Due due={data.due} />}
      </div>
      {!nothing && <ShownValue value={data.content} name={data.node} />}
      {late && <p role="alert">{t.first}</p>}
      {refused !== null && <Problem error={refused} />}
      <AnswerForm
        key={machine ? data.state : ""}
        review={data}
        disabled={busy || late}
        refused={refused}
        give={give}
      />
    </section>
  );
}
