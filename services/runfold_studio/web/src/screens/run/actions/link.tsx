/** A link to be copied by hand, where the browser lets the page not do it. */

import { useEffect, useRef } from "react";
import { useTexts } from "@/i18n/language";
import { nodeMenuTexts } from "../node-menu-texts";
import { actionTexts } from "./texts";

export function LinkDialog({ link, close }: { link: string; close: () => void }) {
  const t = useTexts(nodeMenuTexts);
  const words = useTexts(actionTexts);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={close} aria-label={t.linkTitle}>
      <form method="dialog" className="stack">
        <h2>{t.linkTitle}</h2>
        <p>{t.linkHelp}</p>
        <input
          className="mono"
          readOnly
          aria-label={t.linkTitle}
          value={link}
          size={60}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button type="submit">{words.close}</button>
      </form>
    </dialog>
  );
}
