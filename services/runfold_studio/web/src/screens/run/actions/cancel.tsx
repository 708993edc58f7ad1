/** Asks before a run is cancelled: what it gives up, and what it undoes. */

import { useState } from "react";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { momentOf } from "@/run/moment";
import { visible } from "@/ui/visible";
import { useWorkspace } from "../workspace";
import { ActDialog } from "./dialog";
import { actionTexts } from "./texts";
import { listed, touchedBy } from "./under-way";

export function CancelDialog({ runId, close }: { runId: string; close: () => void }) {
  const t = useTexts(actionTexts);
  const { data, moment } = useWorkspace();
  const [reason, setReason] = useState("");
  const touched = touchedBy(momentOf(data, null) ?? moment);
  return (
    <ActDialog
      title={t.cancelTitle}
      go={t.cancelGo}
      danger
      close={close}
      act={async () => {
        await call("post", "/api/runs/{run_id}/cancel", {
          path: { run_id: runId },
          query: { reason },
        });
      }}
    >
      <p>{t.cancelHelp}</p>
      {touched.running.length > 0 && <p>{t.cancelUnderWay(visible(listed(touched.running)))}</p>}
      {touched.waiting.length > 0 && <p>{t.cancelWaiting(visible(listed(touched.waiting)))}</p>}
      {touched.undone.length > 0 && <p>{t.cancelUndoes(visible(listed(touched.undone)))}</p>}
      <label>
        {t.reason}
        <input
          type="text"
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
    </ActDialog>
  );
}
