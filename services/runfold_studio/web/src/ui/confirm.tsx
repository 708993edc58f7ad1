/** Asks before something is done that cannot be undone, and says what came of it. */

import { type ReactNode, useRef, useState } from "react";
import { useTexts } from "@/i18n/language";
import { count } from "@/i18n/numbers";
import { useModal } from "@/ui/modal";
import { visible } from "@/ui/visible";
import { Problem } from "./states";
import { uiTexts } from "./texts";

/** What became of one of several things. */
export interface Outcome {
  id: string;
  /** Why nothing was done to it. */
  problem?: { code: string; detail?: string | undefined } | null | undefined;
}

interface Given {
  title: string;
  children?: ReactNode;
  /** On the button that does it. */
  go: string;
  danger?: boolean;
  /** Several things have each an outcome; one thing has none, and its dialog closes when it is done. */
  act: () => Promise<Outcome[] | undefined>;
  /** @param done Whether it was done, to some at least. */
  close: (done: boolean) => void;
}

export function Confirm({ title, children, go, danger = false, act, close }: Given) {
  const t = useTexts(uiTexts);
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [outcomes, setOutcomes] = useState<Outcome[] | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  const done = useRef(false);
  useModal(dialog);
  const start = async () => {
    setBusy(true);
    setRefused(null);
    try {
      const became = await act();
      done.current = true;
      if (became) setOutcomes(became);
      else dialog.current?.close();
    } catch (problem) {
      setRefused(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} onClose={() => close(done.current)} className="confirm">
      <div className="stack">
        <h2>{title}</h2>
        {children}
        {refused !== null && <Problem error={refused} />}
        {outcomes && <Outcomes outcomes={outcomes} />}
        <div className="row">
          {outcomes === null && (
            <button
              type="button"
              className={danger ? "danger" : "primary"}
              disabled={busy}
              onClick={() => void start()}
            >
              {go}
            </button>
          )}
          <button type="button" onClick={() => dialog.current?.close()}>
            {outcomes === null ? t.keep : t.close}
          </button>
        </div>
      </div>
    </dialog>
  );
}

function Outcomes({ outcomes }: { outcomes: Outcome[] }) {
  const t = useTexts(uiTexts);
  const refused = outcomes.filter((one) => one.problem);
  return (
    <>
      <p role="status">
        {t.done(count(outcomes.length - refused.length))}
        {refused.length > 0 && ` · ${t.refused(count(refused.length))}`}
      </p>
      {refused.length > 0 && (
        <ul className="outcomes">
          {refused.map((one) => (
            <li key={one.id}>
              <span className="mono">{one.id}</span> <strong>{one.problem?.code}</strong>{" "}
              {visible(one.problem?.detail ?? "")}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
