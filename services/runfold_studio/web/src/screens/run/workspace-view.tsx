/** The parts of a run around each other: header, canvas, node, tabs below, and the way through time. */

import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { useTexts } from "@/i18n/language";
import type { RunData } from "@/run/store";
import { Loading, Problem } from "@/ui/states";
import { Header } from "./header";
import { Inspector } from "./inspector/inspector";
import { Pagers } from "./pagers";
import { Playbar } from "./playbar";
import { Tabs } from "./tabs";
import { runTexts } from "./texts";
import { type Given, useWorkspace } from "./use-workspace";
import { WorkspaceContext } from "./workspace";
import "./run.css";

const RunCanvas = lazy(() => import("./run-canvas"));
/** Below this width there is no room for a canvas. */
const WIDE = "(min-width: 768px)";

export function WorkspaceView(given: Given) {
  const workspace = useWorkspace(given);
  const wide = useWide();
  if (!workspace) return <NotYet data={given.data} />;
  return (
    <WorkspaceContext.Provider value={workspace}>
      <div className="run" data-past={!workspace.moment.isNewest || undefined}>
        <Header />
        {wide && (
          <div className="run-canvas">
            <Pagers />
            <Suspense fallback={<Loading />}>
              <RunCanvas />
            </Suspense>
          </div>
        )}
        <Inspector />
        <Tabs />
        <Playbar />
      </div>
    </WorkspaceContext.Provider>
  );
}

function NotYet({ data }: { data: RunData }) {
  const t = useTexts(runTexts);
  if (data.problem !== null)
    return (
      <div className="page">
        <Problem error={data.problem} />
      </div>
    );
  return (
    <p className="page muted" role="status">
      {t.loading}
    </p>
  );
}

function useWide(): boolean {
  const query = useMemo(() => matchMedia(WIDE), []);
  const [wide, setWide] = useState(query.matches);
  useEffect(() => {
    const look = () => setWide(query.matches);
    query.addEventListener("change", look);
    return () => query.removeEventListener("change", look);
  }, [query]);
  return wide;
}
