/** The way to pin what a node gave: in the editor, as an edit of the draft. */

import { Link } from "@tanstack/react-router";
import { useTexts } from "@/i18n/language";
import type { NodeState } from "@/run/state";
import { useWorkspace } from "../workspace";
import { inspectorTexts } from "./texts";

/** The workflow that trials of single nodes are runs of; it is not stored. */
const TRIAL = "runfold-trial";

export function PinLink({ node }: { node: NodeState }) {
  const t = useTexts(inspectorTexts);
  const { runId, moment } = useWorkspace();
  const { workflowId } = moment.state.head;
  // What the scheduler decides has no attempts, and no reply in a case.
  const isExecuted = node.attempts.length > 0 && !node.composite;
  if (runId === null || workflowId === TRIAL || node.status !== "succeeded" || !isExecuted)
    return null;
  return (
    <Link
      className="button start"
      to="/w/$workflowId"
      params={{ workflowId }}
      search={{ run: runId, node: node.address, panel: "pin" }}
      title={t.pinHelp}
    >
      ⚑ {t.pin}
    </Link>
  );
}
