/** The runs that fit, what they are counted by, and what is done to the selected ones. */

import { useState } from "react";
import { useTexts } from "@/i18n/language";
import { count } from "@/i18n/numbers";
import { Empty, Problem } from "@/ui/states";
import { Status } from "@/ui/status";
import { type FilterChange, type RunFilters, STATUSES, statusesOf, toggled } from "./filters";
import { rowCount } from "./pages";
import { RunTable } from "./run-table";
import { Selection } from "./selection";
import { runsTexts } from "./texts";
import { useRuns } from "./use-runs";

interface Given {
  filters: RunFilters;
  change: (next: FilterChange) => void;
}

export function ListOfRuns({ filters, change }: Given) {
  const t = useTexts(runsTexts);
  const { list, state } = useRuns(filters);
  /** Ids with their status when they were chosen. */
  const [selected, setSelected] = useState<ReadonlyMap<string, string>>(new Map());
  const known = rowCount(state.runs);
  const empty = known === 0 && state.runs.more === null;
  return (
    <>
      <Counts filters={filters} counts={state.counts} change={change} />
      <Selection
        selected={selected}
        clear={() => setSelected(new Map())}
        done={() => list.restart()}
      />
      {state.problem !== null && <Problem error={state.problem} again={() => list.again()} />}
      {state.newer > 0 && (
        <button type="button" className="newer primary" onClick={() => list.restart()}>
          ↑ {t.newer(count(state.newer))}
        </button>
      )}
      {empty ? (
        <Empty>
          <h2>{t.none}</h2>
          <p>{t.noneHelp}</p>
        </Empty>
      ) : (
        <RunTable list={list} state={state} selected={selected} select={setSelected} />
      )}
    </>
  );
}

function Counts({ filters, counts, change }: Given & { counts: Record<string, number> | null }) {
  const t = useTexts(runsTexts);
  const chosen = statusesOf(filters);
  const shown = STATUSES.filter((status) => counts?.[status] || chosen.includes(status));
  return (
    <fieldset className="counts" aria-label={t.status}>
      {shown.map((status) => (
        <button
          key={status}
          type="button"
          aria-pressed={chosen.includes(status)}
          onClick={() => change({ status: toggled(chosen, status).join(",") || undefined })}
        >
          <Status status={status} /> {count(counts?.[status] ?? 0)}
        </button>
      ))}
    </fieldset>
  );
}
