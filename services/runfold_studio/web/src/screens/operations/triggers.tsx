/** What begins runs from outside: webhooks, and subjects of the broker. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { count } from "@/i18n/numbers";
import { DataTable } from "@/ui/data-table";
import { Loading, Problem } from "@/ui/states";
import { visible } from "@/ui/visible";
import { scheduleTexts } from "./schedule-texts";

export function TriggersTab() {
  const t = useTexts(scheduleTexts);
  return (
    <>
      <h2>{t.webhooks}</h2>
      <Webhooks />
      <h2>{t.subjects}</h2>
      <Subjects />
    </>
  );
}

const workflow = (one: { workflow_id: string }) => (
  <Link to="/w/$workflowId" params={{ workflowId: one.workflow_id }}>
    {one.workflow_id}
  </Link>
);

function Webhooks() {
  const t = useTexts(scheduleTexts);
  const { data, error } = useQuery({
    queryKey: ["webhooks"],
    queryFn: async () => (await call("get", "/api/webhooks")).data.items,
  });
  if (error) return <Problem error={error} />;
  if (!data) return <Loading />;
  return (
    <DataTable
      caption={t.webhooks}
      rows={data}
      keyOf={(one) => `${one.workflow_id} ${one.path}`}
      none={t.noWebhooks}
      columns={[
        {
          head: t.path,
          className: "wrap",
          cell: (one) => (
            <>
              <span className="mono">{`${location.origin}/hooks/${visible(one.path)}`}</span>
              {one.conflict && <div className="field-problem">✕ {t.conflict}</div>}
            </>
          ),
        },
        { head: t.workflow, cell: workflow },
        { head: t.methods, className: "hide-narrow", cell: (one) => one.methods.join(" ") },
        { head: t.auth, className: "hide-narrow", cell: (one) => one.auth },
        { head: t.answer, className: "hide-narrow", cell: (one) => one.answer },
      ]}
    />
  );
}

function Subjects() {
  const t = useTexts(scheduleTexts);
  const { data, error } = useQuery({
    queryKey: ["subjects"],
    queryFn: async () => (await call("get", "/api/subjects")).data.items,
  });
  if (error) return <Problem error={error} />;
  if (!data) return <Loading />;
  return (
    <DataTable
      caption={t.subjects}
      rows={data}
      keyOf={(one) => `${one.workflow_id} ${one.stream} ${one.subject}`}
      none={t.noSubjects}
      columns={[
        { head: t.subject, className: "wrap mono", cell: (one) => visible(one.subject) },
        { head: t.workflow, cell: workflow },
        { head: t.stream, className: "hide-narrow", cell: (one) => visible(one.stream) },
        { head: t.waiting, className: "number", cell: (one) => count(one.waiting) },
        { head: t.inHand, className: "number", cell: (one) => count(one.in_hand) },
        {
          head: t.state,
          className: "wrap",
          cell: (one) =>
            one.active ? (
              `✓ ${t.active}`
            ) : (
              <span className="field-problem">✕ {visible(one.problem)}</span>
            ),
        },
      ]}
    />
  );
}
