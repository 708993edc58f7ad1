/** What stands above the canvas: the workflow, whether it is saved, and what can be done with it. */

import { ApiProblem } from "@/api/client";
import { isObject } from "@/graph/source/values";
import { useTexts } from "@/i18n/language";
import { clock } from "@/i18n/numbers";
import { useTitle } from "@/ui/title";
import { visible } from "@/ui/visible";
import type { Saving } from "./saver";
import { editorTexts } from "./texts";
import type { Desk } from "./use-session";
import { usePart } from "./use-session";

export type Panel = "run" | "publish" | "versions" | "help" | "find" | "merge" | null;

export function Toolbar({
  desk,
  source,
  toggleSource,
  open,
  arrange,
  addNote,
}: {
  desk: Desk;
  source: boolean;
  toggleSource: () => void;
  open: (panel: Panel) => void;
  arrange: () => void;
  addNote: () => void;
}) {
  const { session } = desk;
  const t = useTexts(editorTexts);
  const inside = usePart(session.store, (state) => state.root.length > 0);
  const history = usePart(session.store, (state) => state.history);
  const name = usePart(session.store, (state) => {
    const value = state.drawn.document.value;
    return isObject(value) && typeof value.name === "string" ? value.name : "";
  });
  useTitle(name || session.workflowId);
  return (
    <header className="toolbar">
      <div className="toolbar-title">
        <h1 className="cut">{visible(name || session.workflowId)}</h1>
        <SavingState desk={desk} resolve={() => open("merge")} />
      </div>
      <div className="row toolbar-actions">
        <button type="button" disabled={history.past.length === 0} onClick={() => session.undo()}>
          ↶ <span className="hidden-text">{t.undo}</span>
        </button>
        <button type="button" disabled={history.future.length === 0} onClick={() => session.redo()}>
          ↷ <span className="hidden-text">{t.redo}</span>
        </button>
        <button type="button" onClick={arrange}>
          {t.arrange}
        </button>
        <button
          type="button"
          disabled={inside}
          title={inside ? t.noNotesHere : undefined}
          onClick={addNote}
        >
          {t.note}
        </button>
        <button type="button" aria-pressed={source} onClick={toggleSource}>
          {t.source}
        </button>
        <button type="button" onClick={() => open("versions")}>
          {t.versions}
        </button>
        <button type="button" aria-label={t.keys} onClick={() => open("help")}>
          ?
        </button>
        <button type="button" onClick={() => open("run")}>
          ▶ {t.run}
        </button>
        <button type="button" className="primary" onClick={() => open("publish")}>
          {t.publish}
        </button>
      </div>
    </header>
  );
}

function SavingState({ desk, resolve }: { desk: Desk; resolve: () => void }) {
  const t = useTexts(editorTexts);
  const saving = usePart(desk.session.store, (state) => state.saving);
  // Somebody deleted the workflow: what is here is all that there is of it.
  const isGone =
    saving.state === "failed" &&
    saving.problem instanceof ApiProblem &&
    saving.problem.code === "workflow.not_found";
  const again = () => void (isGone ? desk.storeAnew() : desk.draft.flush());
  const isBad = saving.state === "failed" || saving.state === "conflict";
  return (
    <span className={isBad ? "finding-error" : "muted"} role="status">
      {t.draft} · {savingText(t, saving)}
      {saving.state === "failed" && (
        <>
          {": "}
          <span>{saving.problem instanceof Error ? visible(saving.problem.message) : ""}</span>{" "}
          <button type="button" className="plain" onClick={again}>
            {isGone ? t.storeAnew : t.again}
          </button>
        </>
      )}
      {saving.state === "conflict" && (
        <button type="button" className="plain" onClick={resolve}>
          {t.resolve}
        </button>
      )}
    </span>
  );
}

function savingText(t: (typeof editorTexts)["en"], saving: Saving): string {
  if (saving.state !== "saved") return t[saving.state];
  return saving.at === null ? t.saved : t.savedAt(clock(saving.at / 1000).slice(0, 5));
}
