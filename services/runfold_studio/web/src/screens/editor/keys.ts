/** The keys of the editor. Fields keep their own: nothing here happens while somebody writes. */

import { useEffect } from "react";
import { isUnderDialog } from "@/ui/modal";
import { copied, cut, duplicate, pasted, selectAll } from "./commands";
import type { Session } from "./session";

export interface KeyActions {
  add: () => void;
  find: () => void;
  help: () => void;
  save: () => void;
}

/** Whether an event belongs to something that text is written into, or to a dialog over the page. */
export function isWriting(target: EventTarget | null): boolean {
  if (isUnderDialog()) return true;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest("input, textarea, select, .cm-editor") !== null)
  );
}

export function useKeys(session: Session, actions: KeyActions): void {
  useEffect(() => {
    const held = controlKeys(session, actions);
    const plain: Record<string, () => void> = {
      a: actions.add,
      "/": actions.find,
      "?": actions.help,
      escape: () => session.select([]),
    };
    const down = (event: KeyboardEvent) => {
      const control = event.ctrlKey || event.metaKey;
      const name = event.key.toLowerCase();
      const saves = control && name === "s";
      if (!saves && isWriting(event.target)) return;
      const action = control ? held[event.shiftKey ? `shift ${name}` : name] : plain[name];
      if (!action || event.altKey) return;
      event.preventDefault();
      action();
    };
    const copy = (event: ClipboardEvent) => {
      if (isWriting(event.target) || getSelection()?.toString()) return;
      const text = event.type === "cut" ? cut(session) : copied(session);
      if (!text) return;
      event.preventDefault();
      event.clipboardData?.setData("text/plain", text);
    };
    const paste = (event: ClipboardEvent) => {
      if (isWriting(event.target)) return;
      if (pasted(session, event.clipboardData?.getData("text/plain") ?? "")) event.preventDefault();
    };
    document.addEventListener("keydown", down);
    document.addEventListener("copy", copy);
    document.addEventListener("cut", copy);
    document.addEventListener("paste", paste);
    return () => {
      document.removeEventListener("keydown", down);
      document.removeEventListener("copy", copy);
      document.removeEventListener("cut", copy);
      document.removeEventListener("paste", paste);
    };
  }, [session, actions]);
}

function controlKeys(session: Session, actions: KeyActions): Record<string, () => void> {
  return {
    z: () => session.undo(),
    y: () => session.redo(),
    "shift z": () => session.redo(),
    d: () => duplicate(session),
    a: () => selectAll(session),
    s: actions.save,
  };
}
