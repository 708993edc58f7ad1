/** Circuit breakers, which keep calls from what is down. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { count, dateTime } from "@/i18n/numbers";
import { DataTable } from "@/ui/data-table";
import { Problem } from "@/ui/states";
import "@/ui/status.css";
import { Standing } from "./standing";
import { operationsTexts } from "./texts";
import type { Operations } from "./use-operations";

type Breaker = Operations["breakers"][number];

export function ProtectionTab() {
  return <Standing>{({ breakers }) => <Breakers breakers={breakers} />}</Standing>;
}

const LOOKS = {
  closed: { tone: "good", icon: "✓" },
  open: { tone: "bad", icon: "✕" },
  half_open: { tone: "warn", icon: "…" },
};

function Breakers({ breakers }: { breakers: Breaker[] }) {
  const t = useTexts(operationsTexts);
  const queries = useQueryClient();
  const [refused, setRefused] = useState<unknown>(null);
  const reset = async (id: string) => {
    setRefused(null);
    try {
      await call("post", "/api/operations/breakers/reset", { body: { ids: [id] } });
      await queries.invalidateQueries({ queryKey: ["operations"] });
    } catch (problem) {
      setRefused(problem);
    }
  };
  return (
    <>
      {refused !== null && <Problem error={refused} />}
      <DataTable
        caption={t.breakers}
        rows={breakers}
        keyOf={(one) => one.id}
        none={t.noBreakers}
        columns={[
          {
            head: t.breaker,
            cell: (one) => (
              <>
                {one.workflow_id} <div className="mono muted">{one.node}</div>
              </>
            ),
          },
          {
            head: t.state,
            cell: (one) => (
              <span className={`status tone-${LOOKS[one.state].tone}`}>
                <span aria-hidden="true">{LOOKS[one.state].icon}</span> {t[one.state]}
              </span>
            ),
          },
          { head: t.failures, className: "number", cell: (one) => count(one.failures) },
          {
            head: t.until,
            className: "hide-narrow",
            cell: (one) => one.opens_until !== null && dateTime(one.opens_until),
          },
          {
            head: t.reset,
            quiet: true,
            cell: (one) => (
              <button type="button" onClick={() => void reset(one.id)}>
                {t.reset}
              </button>
            ),
          },
        ]}
      />
    </>
  );
}
