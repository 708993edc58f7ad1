/** A native dialog that is open for as long as it is drawn. */

import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTexts } from "@/i18n/language";
import { useModal } from "@/ui/modal";
import { editorTexts } from "./texts";

export function Dialog({
  title,
  close,
  wide = false,
  children,
}: {
  title: string;
  close: () => void;
  wide?: boolean;
  children: ReactNode;
}) {
  const t = useTexts(editorTexts);
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useModal(dialog);
  useEffect(() => {
    // What the dialog is for comes before the way out of it.
    dialog.current?.querySelector<HTMLElement>("[data-first]")?.focus();
  }, []);
  return (
    <dialog ref={dialog} className={wide ? "wide" : undefined} aria-labelledby={id} onClose={close}>
      <div className="row spread dialog-head">
        <h2 id={id}>{title}</h2>
        <button type="button" className="plain" aria-label={t.close} onClick={close}>
          ✕
        </button>
      </div>
      {children}
    </dialog>
  );
}
