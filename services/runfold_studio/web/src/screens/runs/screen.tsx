/** All runs: filtered by the address, live, as many as there are. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTexts } from "@/i18n/language";
import { FailureGroups } from "./failure-groups";
import { FilterBar } from "./filter-bar";
import type { FilterChange } from "./filters";
import { ListOfRuns } from "./list-of-runs";
import { runsTexts } from "./texts";
import "@/ui/data-table.css";
import "./runs.css";
import { useTitle } from "@/ui/title";

export function RunsScreen() {
  const t = useTexts(runsTexts);
  useTitle(t.title);
  const { view, ...filters } = useSearch({ from: "/runs" });
  const navigate = useNavigate({ from: "/runs" });
  const change = (next: FilterChange) =>
    void navigate({ search: (before) => cleared({ ...before, ...next }), replace: true });
  const byFailure = view === "failures";
  return (
    <div className="runs">
      <div className="row spread">
        <h1>{t.title}</h1>
        <fieldset className="choice" aria-label={t.view}>
          <button
            type="button"
            aria-pressed={!byFailure}
            onClick={() => void navigate({ search: filters })}
          >
            {t.list}
          </button>
          <button
            type="button"
            aria-pressed={byFailure}
            onClick={() => void navigate({ search: { ...filters, view: "failures" } })}
          >
            {t.failures}
          </button>
        </fieldset>
      </div>
      <FilterBar filters={filters} change={change} few={byFailure} />
      {byFailure ? (
        <FailureGroups filters={filters} />
      ) : (
        <ListOfRuns filters={filters} change={change} />
      )}
    </div>
  );
}

/** Without the filters that say nothing, so that they do not stand in the address. */
function cleared<T extends object>(search: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value)) as T;
}
