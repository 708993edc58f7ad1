/** Chooses the run that this one is compared with. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { ago } from "@/i18n/numbers";
import { Problem } from "@/ui/states";
import { Status } from "@/ui/status";
import { runTexts } from "../texts";
import { useWorkspace } from "../workspace";
import { ActDialog } from "./dialog";
import { actionTexts } from "./texts";

const RECENT = 12;

export function CompareDialog({ runId, close }: { runId: string; close: () => void }) {
  const t = useTexts(actionTexts);
  const words = useTexts(runTexts);
  const { moment } = useWorkspace();
  const { origin, workflowId } = moment.state.head;
  const navigate = useNavigate();
  const [other, setOther] = useState(origin?.run_id ?? "");
  const recent = useQuery({
    queryKey: ["runs", "recent", workflowId],
    queryFn: async () =>
      (await call("get", "/api/runs", { query: { workflow_id: workflowId, limit: RECENT } })).data
        .items,
  });
  const others = recent.data?.filter((one) => one.run_id !== runId) ?? [];
  return (
    <ActDialog
      title={t.compareTitle}
      go={t.compareGo}
      close={close}
      disabled={other.trim() === ""}
      act={() =>
        navigate({ to: "/diff/$left/$right", params: { left: other.trim(), right: runId } })
      }
    >
      <fieldset className="bare stack">
        <legend>{t.compareRecent}</legend>
        {recent.error && <Problem error={recent.error} />}
        {recent.data && others.length === 0 && <p className="muted">{t.none}</p>}
        {others.map((one) => (
          <label key={one.run_id} className="check row">
            <input
              type="radio"
              name="other"
              checked={other === one.run_id}
              onChange={() => setOther(one.run_id)}
            />
            <span className="mono">{one.run_id.slice(0, 13)}</span>
            <Status status={one.status} />
            <span className="muted">
              {words.version(one.version)} {one.started_at !== null && ago(one.started_at)}
            </span>
          </label>
        ))}
      </fieldset>
      <label>
        {t.compareId}
        <input type="text" value={other} onChange={(event) => setOther(event.target.value)} />
      </label>
    </ActDialog>
  );
}
