/** What is done to several runs at once, and what came of each. */

import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { count } from "@/i18n/numbers";
import { Confirm, type Outcome } from "@/ui/confirm";
import { UNENDED } from "./filters";
import { runsTexts } from "./texts";

type Act = "cancel" | "retry";

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
  const close = (any: boolean) => {
    setAct(null);
    if (!any) return;
    clear();
    done();
  };
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
      {act === "cancel" && (
        <Confirm
          title={t.cancelTitle(count(unended.length))}
          go={t.cancelGo}
          danger
          act={() => carriedOut(act, unended)}
          close={close}
        >
          <p>{t.cancelHelp}</p>
        </Confirm>
      )}
      {act === "retry" && (
        <Confirm
          title={t.retryTitle(count(ended.length))}
          go={t.retryGo}
          act={() => carriedOut(act, ended)}
          close={close}
        >
          <p>{t.retryHelp}</p>
        </Confirm>
      )}
    </div>
  );
}

async function carriedOut(act: Act, run_ids: string[]): Promise<Outcome[]> {
  const body = { run_ids };
  const done =
    act === "cancel"
      ? await call("post", "/api/runs/cancel", { body })
      : await call("post", "/api/runs/retry", { body });
  return done.data.items.map(({ run_id, problem }) => ({ id: run_id, problem }));
}
