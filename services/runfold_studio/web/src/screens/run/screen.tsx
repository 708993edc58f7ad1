/** One run: as it goes on, or as it was at any of its events. */

import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { openRun, type RunStore } from "@/run/store";
import { Loading } from "@/ui/states";
import type { View } from "./workspace";
import { WorkspaceView } from "./workspace-view";

export function RunScreen() {
  const { runId } = useParams({ from: "/r/$runId" });
  const [store, setStore] = useState<{ of: string; store: RunStore } | null>(null);
  useEffect(() => {
    const opened = openRun(runId);
    setStore({ of: runId, store: opened });
    return () => opened.close();
  }, [runId]);
  if (store?.of !== runId) return <Loading />;
  return <Opened key={runId} runId={runId} store={store.store} />;
}

function Opened({ runId, store }: { runId: string; store: RunStore }) {
  const data = useSyncExternalStore(store.subscribe, store.get);
  const view = useSearch({ from: "/r/$runId" });
  const navigate = useNavigate({ from: "/r/$runId" });
  const change = useCallback(
    (changes: View) =>
      void navigate({
        search: (before) => withChanges(before, changes),
        replace: !("node" in changes),
      }),
    [navigate],
  );
  return <WorkspaceView runId={runId} data={data} view={view} change={change} />;
}

/** The parameters of the address with some of them changed, or left out where they are undefined. */
function withChanges(before: View, changes: View): { [K in keyof View]?: string } {
  const all = Object.entries({ ...before, ...changes });
  return Object.fromEntries(all.filter((one): one is [string, string] => one[1] !== undefined));
}
