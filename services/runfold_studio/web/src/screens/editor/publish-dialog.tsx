/** Publishes the draft with a note; what keeps it from that is listed. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiProblem, call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { Problem } from "@/ui/states";
import { visible } from "@/ui/visible";
import { Dialog } from "./dialog";
import { FindingText } from "./finding-text";
import type { Finding } from "./session";
import { editorTexts } from "./texts";
import { type Desk, useAction } from "./use-session";

export function PublishDialog({ desk, close }: { desk: Desk; close: () => void }) {
  const { session } = desk;
  const t = useTexts(editorTexts);
  const queries = useQueryClient();
  const action = useAction();
  const [note, setNote] = useState("");
  const [version, setVersion] = useState("");
  const publish = async () => {
    if (!(await desk.draft.flush())) throw new Error(t.unsavedRun);
    await desk.layout.flush();
    const { text } = session.store.getState().document;
    const path = { workflow_id: session.workflowId };
    // What was opened from a version has no draft until something changes.
    if (desk.draft.etag === "") await desk.storeNow(text);
    const saved = await call("post", "/api/workflows/{workflow_id}/publish", {
      path,
      query: { note },
      etag: desk.draft.etag,
    });
    if (saved.etag) desk.draft.adopt(text, saved.etag, session.store.getState().document.text);
    desk.opened.version = Number(saved.data.version);
    setVersion(saved.data.version);
    await queries.invalidateQueries({ queryKey: ["workflows"] });
    await queries.invalidateQueries({ queryKey: ["versions", session.workflowId] });
  };
  return (
    <Dialog title={t.publishTitle} close={close}>
      {version ? (
        <div className="stack">
          <p role="status">{t.published(version)}</p>
          <button
            ref={(button) => button?.focus()}
            type="button"
            className="primary"
            onClick={close}
          >
            {t.close}
          </button>
        </div>
      ) : (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            action.run(publish);
          }}
        >
          <label>
            {t.noteLabel}
            <textarea
              data-first
              rows={3}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          </label>
          {action.problem !== null && <Problem error={action.problem} />}
          <Refused problem={action.problem} />
          <div className="row">
            <button type="submit" className="primary" disabled={action.busy}>
              {t.publish}
            </button>
            <button type="button" onClick={close}>
              {t.cancel}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

/** The findings that a refusal comes with. */
function Refused({ problem }: { problem: unknown }) {
  const all = problem instanceof ApiProblem ? problem.document.findings : null;
  if (!Array.isArray(all)) return null;
  return (
    <ul>
      {(all as Finding[])
        .filter((one) => one.level === "error")
        .map((one) => (
          <li key={`${one.code} ${one.path}`}>
            <span className="mono">{visible(one.node || one.path || "")}</span>{" "}
            <FindingText finding={one} />
          </li>
        ))}
    </ul>
  );
}
