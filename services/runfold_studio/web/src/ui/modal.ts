/** Opens a dialog over the page for as long as it is drawn, and gives the focus back to where it was. */

import { type RefObject, useEffect } from "react";

export function useModal(dialog: RefObject<HTMLDialogElement | null>): void {
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      // A browser does this for a dialog that is closed; one that is taken away leaves the focus nowhere.
      if (document.activeElement === document.body && before instanceof HTMLElement) before.focus();
    };
  }, [dialog]);
}

/** Whether a dialog is open, behind which nothing is to happen. */
export function isUnderDialog(): boolean {
  return document.querySelector("dialog[open]") !== null;
}
