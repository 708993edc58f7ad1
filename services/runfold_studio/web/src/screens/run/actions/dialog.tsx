/** A dialog that does one thing, says what it touches, and shows why it could not be done. */

import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTexts } from "@/i18n/language";
import { Problem } from "@/ui/states";
import { actionTexts } from "./texts";

interface Given {
  title: string;
  go: string;
  danger?: boolean;
  /** Whether what is asked for cannot be done as it stands. */
  disabled?: boolean;
  act: () => Promise<void>;
  close: () => void;
  children: ReactNode;
}

export function ActDialog({ title, go, danger, disabled = false, act, close, children }: Given) {
  const t = useTexts(actionTexts);
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async () => {
    setBusy(true);
    setRefused(null);
    try {
      await act();
      dialog.current?.close();
    } catch (problem) {
      setRefused(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} onClose={close} aria-label={title}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h2>{title}</h2>
        {children}
        {refused !== null && <Problem error={refused} />}
        <div className="row">
          <button
            type="submit"
            className={danger ? "danger" : "primary"}
            disabled={busy || disabled}
          >
            {go}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            {t.back}
          </button>
        </div>
      </form>
    </dialog>
  );
}
