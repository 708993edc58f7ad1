/** An ended run is run again, from what failed or from a node on, as a new run. */

import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { momentOf } from "@/run/moment";
import { visible } from "@/ui/visible";
import { useWorkspace } from "../workspace";
import { ActDialog } from "./dialog";
import { actionTexts } from "./texts";
import { listed, touchedBy } from "./under-way";
import { VersionChoice } from "./version";

/** Nothing failed in it: a node has to be named. */
const SUCCEEDED: ReadonlySet<string> = new Set(["succeeded", "partial_succeeded"]);

interface Given {
  runId: string;
  /** The node that was chosen; empty: those that failed. */
  node?: string;
  close: () => void;
}

export function RetryDialog({ runId, node = "", close }: Given) {
  const t = useTexts(actionTexts);
  const { data, moment, selected } = useWorkspace();
  const navigate = useNavigate();
  const [from, setFrom] = useState(node);
  const [version, setVersion] = useState("");
  // The run is run again as it ended, wherever the playhead is.
  const newest = momentOf(data, null) ?? moment;
  const { failed } = touchedBy(newest);
  const succeeded = SUCCEEDED.has(newest.state.head.status);
  const chosen = [node, selected?.address ?? "", ...failed].filter(
    (address) => address && newest.state.nodes.get(address),
  );
  const choices = [...new Set(chosen)];
  return (
    <ActDialog
      title={t.retryTitle}
      go={t.retryGo}
      close={close}
      disabled={from === "" && succeeded}
      act={async () => {
        const path = { run_id: runId };
        const body = { node: from, version };
        const begun = await call("post", "/api/runs/{run_id}/retry", { path, body });
        await navigate({ to: "/r/$runId", params: { runId: begun.data.run_id }, search: {} });
      }}
    >
      <p>{t.retryHelp}</p>
      <label>
        {t.retryFrom}
        <select value={from} onChange={(event) => setFrom(event.target.value)}>
          <option value="">
            {!succeeded && failed.length === 0 && t.retryUnended}
            {!succeeded && failed.length > 0 && `${t.retryFailed}: ${visible(listed(failed, 3))}`}
          </option>
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
