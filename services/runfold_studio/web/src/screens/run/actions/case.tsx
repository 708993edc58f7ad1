/** Makes a case of `runfold test` of an ended run: its inputs, the replies it got, and what came out. */

import { useEffect, useRef, useState } from "react";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { save } from "@/ui/save";
import { Problem } from "@/ui/states";
import { visible } from "@/ui/visible";
import { actionTexts } from "./texts";

interface Made {
  yaml: string;
  left_out: readonly { node: string; reason: string }[];
}

export function CaseDialog({ runId, close }: { runId: string; close: () => void }) {
  const t = useTexts(actionTexts);
  const dialog = useRef<HTMLDialogElement>(null);
  const [name, setName] = useState("");
  const [made, setMade] = useState<Made | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const make = async () => {
    setRefused(null);
    try {
      const path = { run_id: runId };
      const answer = await call("post", "/api/runs/{run_id}/case", { path, query: { name } });
      setMade({ yaml: answer.data.yaml, left_out: answer.data.left_out ?? [] });
    } catch (problem) {
      setRefused(problem);
    }
  };
  return (
    <dialog ref={dialog} onClose={close} aria-label={t.caseTitle}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <h2>{t.caseTitle}</h2>
        <p>{t.caseHelp}</p>
        <label>
          {t.caseName}
          <input value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        {refused !== null && <Problem error={refused} />}
        {made && (
          <>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
            <pre className="case-text" tabIndex={0}>
              {visible(made.yaml)}
            </pre>
            {made.left_out.length > 0 && (
              <p>
                {t.caseLeftOut}{" "}
                {visible(made.left_out.map((one) => `${one.node}: ${one.reason}`).join(" · "))}
              </p>
            )}
          </>
        )}
        <div className="row">
          <button type="submit" className={made ? "" : "primary"}>
            {t.caseGo}
          </button>
          {made && (
            <>
              <button
                type="button"
                className="primary"
                onClick={() => void navigator.clipboard.writeText(made.yaml)}
              >
                {t.copy}
              </button>
              <button type="button" onClick={() => save(made.yaml, `${name || runId}.yaml`)}>
                {t.download}
              </button>
            </>
          )}
          <button type="button" onClick={() => dialog.current?.close()}>
            {t.back}
          </button>
        </div>
      </form>
    </dialog>
  );
}
