/** What is done to several runs at once, and what came of each. */

import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { ask } from "@/api/coming";
import { useTexts } from "@/i18n/language";
import { count } from "@/i18n/numbers";
import { Problem } from "@/ui/states";
import { UNENDED } from "./filters";
import { runsTexts } from "./texts";

type Act = "cancel" | "retry";
interface Outcome {
  run_id: string;
  status?: string | null;
  problem?: { code: string; detail?: string } | null;
}

interface Given {
  selected: ReadonlyMap<string, string>;
  clear: () => void;
  /** Called when something was done. */
  done: () => void;
}

export function Selection({ selected, clear, done }: Given) {
  const t = useTexts(runsTexts);
  const [act, setAct] = useState<Act | null>(null);
  if (selected.size === 0) return null;
  const ids = [...selected.keys()];
  const unended = ids.filter((id) => UNENDED.has(selected.get(id) ?? ""));
  const ended = ids.filter((id) => !unended.includes(id));
  const [left, right] = ids;
  return (
    <div className="selection row">
      <span role="status">{t.selected(count(ids.length))}</span>
      {left !== undefined && right !== undefined && ids.length === 2 && (
        <Link className="button" to="/diff/$left/$right" params={{ left, right }}>
          {t.compare}
        </Link>
      )}
      {unended.length > 0 && (
        <button type="button" className="danger" onClick={() => setAct("cancel")}>
          {t.cancel(count(unended.length))}
        </button>
      )}
      {ended.length > 0 && (
        <button type="button" onClick={() => setAct("retry")}>
          {t.retry(count(ended.length))}
        </button>
      )}
      <button type="button" className="plain" onClick={clear}>
        {t.unselect}
      </button>
      {act && (
        <Asked
          act={act}
          ids={act === "cancel" ? unended : ended}
          close={(any) => {
            setAct(null);
            if (!any) return;
            clear();
            done();
          }}
        />
      )}
    </div>
  );
}

interface AskedGiven {
  act: Act;
  ids: string[];
  close: (any: boolean) => void;
}

function Asked({ act, ids, close }: AskedGiven) {
  const t = useTexts(runsTexts);
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [outcomes, setOutcomes] = useState<Outcome[] | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const go = async () => {
    setBusy(true);
    setRefused(null);
    try {
      const body = { run_ids: ids };
      setOutcomes((await ask<{ items: Outcome[] }>("post", `/api/runs/${act}`, { body })).items);
    } catch (problem) {
      setRefused(problem);
    } finally {
      setBusy(false);
    }
  };
  const number = count(ids.length);
  const problems = outcomes?.filter((one) => one.problem) ?? [];
  return (
    <dialog ref={dialog} onClose={() => close(outcomes !== null)} className="stack">
      <h2>{act === "cancel" ? t.cancelTitle(number) : t.retryTitle(number)}</h2>
      <p>{act === "cancel" ? t.cancelHelp : t.retryHelp}</p>
      {refused !== null && <Problem error={refused} />}
      {outcomes && (
        <div role="status">
          {t.doneCount(count(outcomes.length - problems.length))}
          {problems.length > 0 && ` · ${t.refusedCount(count(problems.length))}`}
        </div>
      )}
      {problems.length > 0 && (
        <ul className="outcomes">
          {problems.map((one) => (
            <li key={one.run_id}>
              <span className="mono">{one.run_id}</span> <strong>{one.problem?.code}</strong>{" "}
              {one.problem?.detail}
            </li>
          ))}
        </ul>
      )}
      <div className="row">
        {outcomes === null && (
          <button type="button" className="primary" disabled={busy} onClick={() => void go()}>
            {act === "cancel" ? t.cancelGo : t.retryGo}
          </button>
        )}
        <button type="button" onClick={() => dialog.current?.close()}>
          {outcomes === null ? t.keep : t.close}
        </button>
      </div>
    </dialog>
  );
}
