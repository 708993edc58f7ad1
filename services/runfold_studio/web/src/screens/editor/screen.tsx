/** The editor of one workflow. */

import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Loading, Problem } from "@/ui/states";
import { type Opened, open } from "./opening";
import { makeDesk } from "./use-session";
import { Workspace } from "./workspace";

export function EditorScreen() {
  const { workflowId } = useParams({ from: "/w/$workflowId" });
  const opened = useQuery({
    queryKey: ["editor", workflowId],
    queryFn: ({ signal }) => open(workflowId, signal),
    // What is being edited is not read again under the hands of who edits it.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (opened.error) return <Problem error={opened.error} again={() => void opened.refetch()} />;
  if (!opened.data) return <Loading />;
  return <Editor key={workflowId} workflowId={workflowId} opened={opened.data} />;
}

function Editor({ workflowId, opened }: { workflowId: string; opened: Opened }) {
  const desk = useMemo(() => makeDesk(workflowId, opened), [workflowId, opened]);
  const { node = "", panel, run = "" } = useSearch({ from: "/w/$workflowId" });
  // Only where it begins: from then on the editor goes where its user goes.
  const [wanted] = useState({ node, tried: panel === "try" ? { run, address: node } : null });
  return <Workspace desk={desk} wanted={wanted} />;
}
