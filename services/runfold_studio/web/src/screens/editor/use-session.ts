/** Opens a session, keeps it saved and checked while it is on the screen. */

import { useEffect, useState } from "react";
import { type ApiProblem, call, Unreachable } from "@/api/client";
import { texts } from "@/i18n/language";
import { createDraft, mediaType, type Opened, saveDraft, saveLayout } from "./opening";
import { Saver } from "./saver";
import { type Checked, createSession, keepHistory, type Layout, type Session } from "./session";
import { editorTexts } from "./texts";

export interface Desk {
  session: Session;
  opened: Opened;
  draft: Saver<string>;
  layout: Saver<Layout>;
  /** Store a text as the draft where there is none yet. */
  storeNow: (text: string) => Promise<void>;
  /** Make the workflow again, which somebody deleted while it was edited. */
  storeAnew: () => Promise<void>;
}

/** Milliseconds after the last change until the document is checked. */
const CHECK_PAUSE = 350;

export function makeDesk(workflowId: string, opened: Opened): Desk {
  const session = createSession({
    workflowId,
    text: opened.text,
    json: opened.json,
    layout: opened.layout,
    kinds: opened.kinds,
    cannot: () => texts(editorTexts).cannotEdit,
  });
  const draft = new Saver<string>(
    {
      put: (text, etag) => saveDraft(workflowId, text, opened.json, etag),
      tell: (saving) => session.patch({ saving }),
    },
    opened.text,
    opened.etag,
  );
  const layout: Saver<Layout> = new Saver<Layout>(
    {
      put: (value, etag) => saveLayout(workflowId, value, etag),
      tell: (saving) => {
        if (saving.state === "conflict") settleLayout(session, layout, saving.problem);
        if (saving.state === "failed") session.patch({ notice: messageOf(saving.problem) });
      },
    },
    opened.layout,
    opened.layoutEtag,
  );
  const storeNow = async (text: string) => {
    const etag = await saveDraft(workflowId, text, opened.json, "");
    draft.adopt(text, etag, session.store.getState().document.text);
  };
  const storeAnew = async () => {
    const { text } = session.store.getState().document;
    try {
      const etag = await createDraft(text, opened.json);
      draft.adopt(text, etag, session.store.getState().document.text);
    } catch (problem) {
      session.patch({ saving: { state: "failed", problem } });
    }
  };
  return { session, opened, draft, layout, storeNow, storeAnew };
}

function messageOf(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem);
}

/** Where somebody else moved boxes meanwhile, both moves count; of the same box this one does. */
function settleLayout(session: Session, saver: Saver<Layout>, problem: ApiProblem): void {
  const theirs = (problem.document.layout ?? {}) as Layout;
  const base = saver.saved.nodes ?? {};
  const mine = session.store.getState().layout;
  const moved = Object.entries(mine.nodes ?? {}).filter(
    ([address, place]) => JSON.stringify(place) !== JSON.stringify(base[address]),
  );
  const notesChanged = JSON.stringify(mine.notes) !== JSON.stringify(saver.saved.notes);
  const merged: Layout = {
    ...theirs,
    nodes: { ...theirs.nodes, ...Object.fromEntries(moved) },
    ...(notesChanged && mine.notes ? { notes: mine.notes } : {}),
  };
  session.patch({ layout: merged });
  saver.adopt(theirs, String(problem.document.etag ?? ""), merged);
}

/** Save and check a session for as long as it is shown. */
export function useDesk(desk: Desk): void {
  useEffect(() => {
    const { session, draft, layout } = desk;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let asked: AbortController | null = null;
    const check = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        asked?.abort();
        asked = new AbortController();
        void checkNow(desk, asked.signal);
      }, CHECK_PAUSE);
    };
    check();
    const end = session.store.subscribe((now, before) => {
      if (now.document.text !== before.document.text) {
        draft.change(now.document.text);
        check();
      }
      // The gateway is back: what it finds in the text is still to be heard.
      if (before.saving.state === "failed" && now.saving.state === "saving") check();
      if (now.layout !== before.layout) layout.change(now.layout);
    });
    const leave = () => {
      keepHistory(session);
      void draft.flush();
      void layout.flush();
    };
    const ask = (event: BeforeUnloadEvent) => {
      leave();
      if (draft.isDirty) event.preventDefault();
    };
    globalThis.addEventListener("beforeunload", ask);
    return () => {
      clearTimeout(timer);
      asked?.abort();
      end();
      globalThis.removeEventListener("beforeunload", ask);
      leave();
    };
  }, [desk]);
}

async function checkNow(desk: Desk, signal: AbortSignal): Promise<void> {
  const { session, opened } = desk;
  const { text } = session.store.getState().document;
  try {
    const checked = await call("post", "/api/workflows/validate", {
      query: { scope: true },
      text: { body: text, type: mediaType(opened.json) },
      signal,
    });
    // What cannot be read has no nodes: those of the last text that could be are still offered.
    const nodes = Object.keys(checked.data.nodes ?? {}).length
      ? checked.data.nodes
      : session.store.getState().checked?.nodes;
    if (!signal.aborted) session.patch({ checked: { ...checked.data, nodes } as Checked });
  } catch (error) {
    if (signal.aborted) return;
    // The findings stay those of the last check; the reason is said, where saving does not say it.
    if (!(error instanceof Unreachable && desk.draft.isDirty))
      session.patch({ notice: messageOf(error) });
  }
}

/** A part of a session's state; drawn again only when that part changes. */
export { useStore as usePart } from "zustand";

/** The problem of an action that somebody asked for, until the next one. */
export function useAction(): {
  busy: boolean;
  problem: unknown;
  run: (action: () => Promise<void>) => void;
} {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const run = (action: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    action()
      .catch((error: unknown) => setProblem(error))
      .finally(() => setBusy(false));
  };
  return { busy, problem, run };
}
