/** What can be done with a run as it is now. */

import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import type { History } from "@/run/history";
import { hasEnded } from "@/run/state";
import { save } from "@/ui/save";
import { Problem } from "@/ui/states";
import {
  CancelDialog,
  CaseDialog,
  CompareDialog,
  ForkDialog,
  RetryDialog,
} from "./actions/dialogs";
import { runTexts } from "./texts";
import { useWorkspace } from "./workspace";

type Open = "cancel" | "retry" | "fork" | "compare" | "case" | null;

export function Actions() {
  const { runId } = useWorkspace();
  return runId === null ? null : <RunActions runId={runId} />;
}

function RunActions({ runId }: { runId: string }) {
  const t = useTexts(runTexts);
  const { data, selected } = useWorkspace();
  const [open, setOpen] = useState<Open>(null);
  const [refused, setRefused] = useState<unknown>(null);
  const { history } = data;
  // What can be done follows from what the run is now, not from where the playhead is.
  const head = history.newest?.head;
  if (!head) return null;
  const ended = hasEnded(head.status);
  const steer = async (verb: "pause" | "resume") => {
    setRefused(null);
    try {
      await call("post", `/api/runs/{run_id}/${verb}`, { path: { run_id: runId } });
    } catch (problem) {
      setRefused(problem);
    }
  };
  const saveLog = async () => {
    setRefused(null);
    try {
      save(await textOf(history), `${runId}.jsonl`);
    } catch (problem) {
      setRefused(problem);
    }
  };
  const close = () => setOpen(null);
  return (
    <div className="row actions">
      {(head.status === "running" || head.status === "compensating") && (
        <button type="button" onClick={() => void steer("pause")}>
          {t.pause}
        </button>
      )}
      {head.status === "paused" && (
        <button type="button" className="primary" onClick={() => void steer("resume")}>
          {t.resume}
        </button>
      )}
      {!ended && (
        <button type="button" className="danger" onClick={() => setOpen("cancel")}>
          {t.cancel}
        </button>
      )}
      {ended && (
        <button type="button" onClick={() => setOpen("retry")}>
          {t.retry}
        </button>
      )}
      <button type="button" onClick={() => setOpen("fork")}>
        {t.fork}
      </button>
      <button type="button" onClick={() => setOpen("compare")}>
        {t.compare}
      </button>
      {ended && (
        <button type="button" onClick={() => setOpen("case")}>
          {t.testCase}
        </button>
      )}
      <Link
        className="button"
        to="/w/$workflowId"
        params={{ workflowId: head.workflowId }}
        search={selected ? { node: selected.address } : {}}
      >
        {t.edit}
      </Link>
      <button type="button" onClick={() => void saveLog()}>
        {t.saveLog}
      </button>
      {refused !== null && <Problem error={refused} />}
      {open === "case" && <CaseDialog runId={runId} close={close} />}
      {open === "cancel" && <CancelDialog runId={runId} close={close} />}
      {open === "retry" && <RetryDialog runId={runId} close={close} />}
      {open === "fork" && <ForkDialog close={close} />}
      {open === "compare" && <CompareDialog runId={runId} close={close} />}
    </div>
  );
}

/** The log as JSON lines; what of it is not at hand is asked for. */
async function textOf(history: History): Promise<Blob> {
  const parts: string[] = [];
  for await (const events of history.pages.whole())
    parts.push(events.map((one) => `${JSON.stringify(one)}\n`).join(""));
  return new Blob(parts, { type: "text/plain" });
}
