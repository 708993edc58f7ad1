/** Failed runs by what they failed of, the most frequent first. */

import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useChanges } from "@/api/changes";
import { call } from "@/api/client";
import type { components } from "@/api/schema";
import { useTexts } from "@/i18n/language";
import { ago, count, dateTime } from "@/i18n/numbers";
import { type Column, DataTable } from "@/ui/data-table";
import { Paged } from "@/ui/paged";
import { visible } from "@/ui/visible";
import { type RunFilters, runsOfGroup } from "./filters";
import { runsTexts } from "./texts";

type FailureGroup = components["schemas"]["FailureGroup"];

const PAGE = 50;
/** Milliseconds between two looks at what failed meanwhile. */
const EVERY = 3_000;

export function FailureGroups({ filters }: { filters: RunFilters }) {
  const t = useTexts(runsTexts);
  const queries = useQueryClient();
  const { workflow_id, from, to } = filters;
  const query = { workflow_id, from, to };
  const refresh = () => void queries.invalidateQueries({ queryKey: ["runs", "failures"] });
  useChanges(
    ["run"],
    (changes) => {
      if (changes.some((one) => one.type === "run" && one.status === "failed")) refresh();
    },
    EVERY,
  );
  const columns: Column<FailureGroup>[] = [
    { head: t.count, className: "number", cell: (one) => count(one.count) },
    {
      head: t.workflow,
      cell: (one) => (
        <>
          {one.workflow_id} <div className="mono muted">{visible(one.node)}</div>
        </>
      ),
    },
    { head: t.errorCode, className: "mono", cell: (one) => visible(one.error_code) },
    { head: t.message, className: "hide-narrow wrap", cell: (one) => visible(one.message) },
    {
      head: t.newest,
      cell: (one) => (
        <Link to="/r/$runId" params={{ runId: one.example_run_id }} title={dateTime(one.last_at)}>
          {ago(one.last_at)}
        </Link>
      ),
    },
    {
      head: t.showRuns,
      quiet: true,
      cell: (one) => (
        <Link to="/runs" search={runsOfGroup(one, filters)}>
          {t.showRuns}
        </Link>
      ),
    },
  ];
  return (
    <div className="scroller">
      <Paged
        queryKey={["runs", "failures", query]}
        read={async (cursor, signal) => {
          const given = { query: { ...query, cursor, limit: PAGE }, signal };
          return (await call("get", "/api/runs/failures", given)).data;
        }}
      >
        {(groups) => (
          <DataTable
            caption={t.failures}
            rows={groups}
            keyOf={(one) => JSON.stringify([one.workflow_id, one.node, one.error_code])}
            none={t.noFailures}
            columns={columns}
          />
        )}
      </Paged>
    </div>
  );
}
