/** Which run a trial has its values of, and where in that run the node is. */

import { useQuery } from "@tanstack/react-query";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { ago } from "@/i18n/numbers";
import { useStatusWord } from "@/ui/status";
import { editorTexts } from "./texts";

const RUNS = 10;
/** How an address in a run is written. */
const EXAMPLE = "each[0]/call";

interface Given {
  workflowId: string;
  /** Empty: of none. */
  run: string;
  choose: (run: string) => void;
  where: string;
  /** Of a node that is there once for each item, round or call. */
  place?: (where: string) => void;
}

export function FromRun({ workflowId, run, choose, where, place }: Given) {
  const t = useTexts(editorTexts);
  const word = useStatusWord();
  const runs = useQuery({
    queryKey: ["runs", workflowId, "newest"],
    queryFn: async () =>
      (
        await call("get", "/api/runs", {
          query: { workflow_id: workflowId, limit: RUNS },
        })
      ).data.items,
  });
  const listed = runs.data ?? [];
  const isListed = listed.some((one) => one.run_id === run);
  return (
    <>
      <label>
        {t.fromRun}
        <select value={run} onChange={(event) => choose(event.target.value)}>
          <option value="">{t.noRun}</option>
          {run !== "" && !isListed && <option value={run}>{run.slice(0, 8)}</option>}
          {listed.map((one) => (
            <option key={one.run_id} value={one.run_id}>
              {one.run_id.slice(0, 8)} · {word(one.status)} ·{" "}
              {one.started_at ? ago(one.started_at) : ""}
            </option>
          ))}
        </select>
      </label>
      {run !== "" && place && (
        <label>
          {t.whereInRun}
          <input
            className="mono"
            value={where}
            placeholder={EXAMPLE}
            onChange={(event) => place(event.target.value)}
          />
        </label>
      )}
    </>
  );
}
