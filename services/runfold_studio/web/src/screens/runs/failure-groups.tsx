/** Failed runs by what they failed of, the most frequent first. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ask } from "@/api/coming";
import { useTexts } from "@/i18n/language";
import { ago, count, dateTime } from "@/i18n/numbers";
import { Empty, Loading, Problem } from "@/ui/states";
import type { RunFilters } from "./filters";
import { runsTexts } from "./texts";

interface FailureGroup {
  workflow_id: string;
  node: string;
  error_code: string;
  count: number;
  last_at: number;
  example_run_id: string;
  message: string;
}

export function FailureGroups({ filters }: { filters: RunFilters }) {
  const t = useTexts(runsTexts);
  const { workflow_id, from, to } = filters;
  const query = { workflow_id, from, to };
  const groups = useQuery({
    queryKey: ["runs", "failures", query],
    queryFn: async () =>
      (await ask<{ items: FailureGroup[] }>("get", "/api/runs/failures", { query })).items,
  });
  if (groups.isPending) return <Loading />;
  if (groups.error) return <Problem error={groups.error} again={() => void groups.refetch()} />;
  if (groups.data.length === 0) return <Empty>{t.noFailures}</Empty>;
  return (
    <div className="scroller">
      <table>
        <thead>
          <tr>
            <th className="number">{t.count}</th>
            <th>{t.workflow}</th>
            <th>{t.errorCode}</th>
            <th className="hide-narrow">{t.message}</th>
            <th>{t.newest}</th>
            <th>
              <span className="hidden-text">{t.showRuns}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.data.map((one) => (
            <tr key={`${one.workflow_id} ${one.node} ${one.error_code}`}>
              <td className="number">{count(one.count)}</td>
              <td>
                {one.workflow_id} <div className="mono muted">{one.node}</div>
              </td>
              <td className="mono">{one.error_code}</td>
              <td className="hide-narrow wrap">{one.message}</td>
              <td title={dateTime(one.last_at)}>
                <Link to="/r/$runId" params={{ runId: one.example_run_id }}>
                  {ago(one.last_at)}
                </Link>
              </td>
              <td>
                <Link to="/runs" search={runsOf(one, filters)}>
                  {t.showRuns}
                </Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The filters that a group's runs fit, and few others. */
function runsOf(group: FailureGroup, { from, to }: RunFilters): RunFilters {
  const { workflow_id, node, error_code } = group;
  return {
    workflow_id,
    error_code,
    status: "failed",
    ...(node && { node }),
    ...(from && { from }),
    ...(to && { to }),
  };
}
