/** What the address of the page asks the editor for: a node to look at, an output to pin. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo } from "react";
import { boxOf } from "@/graph/graph";
import { goToNode } from "./going";
import type { Recorded } from "./pin-dialog";
import type { Session } from "./session";

export function useAsked(
  session: Session,
  show: (focus: { address: string }) => void,
): { recorded: Recorded | null; close: () => void } {
  const { node, run, panel } = useSearch({ from: "/w/$workflowId" });
  const navigate = useNavigate({ from: "/w/$workflowId" });
  useEffect(() => {
    if (node) goToNode(session, boxOf(node), show);
  }, [session, node, show]);
  const recorded = useMemo(
    () => (panel === "pin" && run && node ? { runId: run, address: node, ofTrial: false } : null),
    [panel, run, node],
  );
  // What was done or given up is not asked for again by a reload.
  const close = useCallback(
    () => void navigate({ search: node ? { node } : {}, replace: true }),
    [navigate, node],
  );
  return { recorded, close };
}
