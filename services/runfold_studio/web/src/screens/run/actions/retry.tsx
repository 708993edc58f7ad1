/** An ended run is run again, from what failed or from a node on, as a new run. */

import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { visible } from "@/ui/visible";
import { useWorkspace } from "../workspace";
import { ActDialog } from "./dialog";
import { actionTexts } from "./texts";
import { listed, touchedBy } from "./under-way";
import { VersionChoice } from "./version";

interface Given {
  runId: string;
  /** The node that was chosen; empty: those that failed. */
  node?: string;
  close: () => void;
}

export function RetryDialog({ runId, node = "", close }: Given) {
  const t = useTexts(actionTexts);
  const { moment, selected } = useWorkspace();
  const navigate = useNavigate();
  const [from, setFrom] = useState(node);
  const [version, setVersion] = useState("");
  const { failed } = touchedBy(moment);
  const chosen = [node, selected?.address ?? "", ...failed].filter(
    (address) => address && moment.state.nodes.get(address),
  );
  const choices = [...new Set(chosen)];
  return (
    <ActDialog
      title={t.retryTitle}
      go={t.retryGo}
      close={close}
      disabled={from === "" && failed.length === 0}
      act={async () => {
        const path = { run_id: runId };
        const body = { node: from, version };
        const { data } = await call("post", "/api/runs/{run_id}/retry", { path, body });
        await navigate({ to: "/r/$runId", params: { runId: data.run_id }, search: {} });
      }}
    >
      <p>{t.retryHelp}</p>
      <label>
        {t.retryFrom}
        <select value={from} onChange={(event) => setFrom(event.target.value)}>
          {failed.length > 0 && (
            <option value="">
              {t.retryFailed}: {visible(listed(failed, 3))}
            </option>
          )}
          {failed.length === 0 && <option value="" />}
          {choices.map((address) => (
            <option key={address} value={address}>
              {visible(address)}
            </option>
          ))}
        </select>
      </label>
      <VersionChoice version={version} change={setVersion} />
    </ActDialog>
  );
}
