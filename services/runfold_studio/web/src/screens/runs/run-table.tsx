/** The rows of runs: only those in the window are in the page. */

import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTexts } from "@/i18n/language";
import { ago, count, dateTime, duration } from "@/i18n/numbers";
import { Status } from "@/ui/status";
import { visible } from "@/ui/visible";
import { useVisibleRows } from "@/ui/visible-rows";
import { rowCount, rowsOf } from "./pages";
import type { Run, RunList, RunListState } from "./run-list";
import { runsTexts } from "./texts";

/** Pixels of a row, as the style sheet has it. */
const ROW = 44;
/** Browsers draw no element that is higher than some 17 million pixels. */
const MOST_ROWS = 380_000;
const MOST_SELECTED = 500;

interface Given {
  list: RunList;
  state: RunListState;
  selected: ReadonlyMap<string, string>;
  select: (selected: ReadonlyMap<string, string>) => void;
}

export function RunTable({ list, state, selected, select }: Given) {
  const t = useTexts(runsTexts);
  const scroller = useRef<HTMLDivElement>(null);
  const known = Math.min(rowCount(state.runs), MOST_ROWS);
  const { first, end } = useVisibleRows(scroller, ROW, known);
  useEffect(() => {
    if (known < MOST_ROWS) list.look(first, end);
  }, [list, first, end, known]);
  const rows = rowsOf(state.runs, first, end);
  const toggle = (run: Run) => {
    const next = new Map(selected);
    if (!next.delete(run.run_id)) next.set(run.run_id, run.status);
    select(next);
  };
  const selectLoaded = () => {
    const loaded = state.runs.pages.flatMap((page) => page.items ?? []).slice(0, MOST_SELECTED);
    select(new Map(selected.size > 0 ? [] : loaded.map((run) => [run.run_id, run.status])));
  };
  return (
    <div className="scroller" ref={scroller}>
      <table className="run-table" aria-rowcount={state.runs.more === null ? known + 1 : -1}>
        <thead>
          <tr aria-rowindex={1}>
            <th className="tick">
              <input
                type="checkbox"
                aria-label={t.selectShown}
                checked={selected.size > 0}
                onChange={selectLoaded}
              />
            </th>
            <th className="state">{t.status}</th>
            <th>{t.run}</th>
            <th className="when">{t.started}</th>
            <th className="number hide-narrow">{t.duration}</th>
            <th className="number hide-narrow">{t.tokens}</th>
            <th className="hide-middle">{t.about}</th>
          </tr>
        </thead>
        <tbody>
          <Gap rows={first} />
          {rows.map(({ row, item }) =>
            item === undefined ? (
              <Gap key={row} rows={1} />
            ) : (
              <Row
                key={item.run_id}
                run={item}
                index={row}
                selected={selected.has(item.run_id)}
                toggle={toggle}
              />
            ),
          )}
          <Gap rows={known - end} />
        </tbody>
      </table>
      {state.runs.more !== null && state.problem === null && (
        <p className="muted" role="status">
          {known < MOST_ROWS ? t.loading : t.limit}
        </p>
      )}
    </div>
  );
}

function Gap({ rows }: { rows: number }) {
  if (rows <= 0) return null;
  return (
    <tr>
      <td colSpan={7} className="gap" style={{ height: rows * ROW }} />
    </tr>
  );
}

interface RowGiven {
  run: Run;
  index: number;
  selected: boolean;
  toggle: (run: Run) => void;
}

function Row({ run, index, selected, toggle }: RowGiven) {
  const t = useTexts(runsTexts);
  const version = run.version === "draft" ? run.version : `v${run.version}`;
  return (
    <tr aria-rowindex={index + 2} aria-selected={selected}>
      <td className="tick">
        <input
          type="checkbox"
          aria-label={t.select(run.run_id)}
          checked={selected}
          onChange={() => toggle(run)}
        />
      </td>
      <td className="state">
        <Status status={run.status} />
      </td>
      <td>
        <Link to="/r/$runId" params={{ runId: run.run_id }} className="cut">
          {run.workflow_id} <span className="muted">{version}</span>
        </Link>
        <span className="mono muted cut">{run.run_id}</span>
      </td>
      <td className="when" title={dateTime(run.started_at)}>
        {ago(run.started_at)}
      </td>
      <td className="number hide-narrow">
        {run.finished_at === null ? "" : duration(run.finished_at - run.started_at)}
      </td>
      <td className="number hide-narrow">{count(run.usage.total_tokens ?? 0)}</td>
      <td className="hide-middle">
        <About run={run} />
      </td>
    </tr>
  );
}

/** What is worth knowing of a run before it is opened. */
function About({ run }: { run: Run }) {
  const t = useTexts(runsTexts);
  const labels = Object.entries(run.labels).map(([name, value]) => `${name}:${value}`);
  return (
    <>
      {run.error && (
        <span className="cut" title={visible(run.error.message)}>
          {run.error_node} <strong>{run.error.code}</strong> {visible(run.error.message)}
        </span>
      )}
      {run.pause_reason && (
        <span className="cut">
          {run.parked && `${t.parked}: `}
          {visible(run.pause_reason)}
        </span>
      )}
      {run.origin && (
        <span className="cut">
          {run.origin.kind === "retry" ? t.retryOf : t.fork}{" "}
          <Link to="/r/$runId" params={{ runId: run.origin.run_id }} className="mono">
            {run.origin.run_id}
          </Link>
        </span>
      )}
      {labels.length > 0 && <span className="cut muted">{visible(labels.join("  "))}</span>}
    </>
  );
}
