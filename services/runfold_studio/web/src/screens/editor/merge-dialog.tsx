/** Solves a conflict: what is stored now on the left, what the draft becomes on the right. Loaded when needed. */

import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { useEffect, useMemo, useRef } from "react";
import { newline } from "@/graph/source/text";
import { useTexts } from "@/i18n/language";
import { basics } from "@/ui/code-mirror";
import { Dialog } from "./dialog";
import { merged } from "./merging";
import { editorTexts } from "./texts";
import { type Desk, usePart } from "./use-session";

export default function MergeDialog({ desk, close }: { desk: Desk; close: () => void }) {
  const { session, draft, opened } = desk;
  const t = useTexts(editorTexts);
  const saving = usePart(session.store, (state) => state.saving);
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<MergeView | null>(null);
  const problem = saving.state === "conflict" ? saving.problem.document : null;
  const theirs = String(problem?.source ?? "");
  const made = useMemo(
    () => merged(draft.saved, session.store.getState().document.text, theirs),
    [draft, session, theirs],
  );
  useEffect(() => {
    const parent = place.current;
    if (parent === null) return;
    const language = opened.json ? "json" : "yaml";
    view.current = new MergeView({
      parent,
      a: {
        doc: theirs,
        extensions: [...basics(t.theirs, language), EditorState.readOnly.of(true)],
      },
      b: { doc: made.text, extensions: basics(t.result, language) },
      revertControls: "a-to-b",
      collapseUnchanged: { margin: 3 },
    });
    return () => {
      view.current?.destroy();
      view.current = null;
    };
  }, [theirs, made, opened.json, t]);
  if (problem === null) return null;
  // The editor counts every kind of line end as one character; the text keeps its own.
  const written = () => view.current?.b.state.doc.toString().replaceAll("\n", newline(made.text));
  const use = (text: string) => {
    session.setText(text, "");
    draft.adopt(theirs, String(problem.etag ?? ""), text);
    close();
  };
  return (
    <Dialog title={t.mergeTitle} close={close} wide>
      <p>{t.mergeHelp(made.conflicts)}</p>
      <div className="merge-heads">
        <strong>{t.theirs}</strong>
        <strong>{t.result}</strong>
      </div>
      <div ref={place} className="merge" />
      <div className="row">
        <button type="button" className="primary" onClick={() => use(written() ?? made.text)}>
          {t.useResult}
        </button>
        <button type="button" onClick={() => use(theirs)}>
          {t.takeTheirs}
        </button>
        <button type="button" onClick={close}>
          {t.cancel}
        </button>
      </div>
    </Dialog>
  );
}
