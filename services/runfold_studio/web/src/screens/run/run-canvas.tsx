/** The canvas of a run: its definition as it was pinned, with what became of each node. */

import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { call } from "@/api/client";
import { Canvas } from "@/canvas/canvas";
import { graphOf, kindsByType } from "@/graph/graph";
import { useTexts } from "@/i18n/language";
import { RunLive } from "./live";
import { runTexts } from "./texts";
import { useWorkspace } from "./workspace";

export default function RunCanvas() {
  const t = useTexts(runTexts);
  const { data, moment, picks, selected, selectBox } = useWorkspace();
  const kinds = useQuery({
    queryKey: ["kinds"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => kindsByType((await call("get", "/api/kinds")).data.items),
  });
  const first = data.history.events[0];
  const definition = first?.type === "run_started" ? first.definition : undefined;
  const graph = useMemo(
    () => graphOf(definition, kinds.data ?? new Map()),
    [definition, kinds.data],
  );
  const [live] = useState(() => new RunLive());
  const { streamed } = data;
  useEffect(() => live.show({ moment, picks, streamed, until: t.until }));
  const select = useCallback((boxes: string[]) => selectBox(boxes.at(-1) ?? null), [selectBox]);
  const box = selected?.box;
  const chosen = useMemo(() => (box === undefined ? [] : [box]), [box]);
  // Without the kinds there are no bodies, and the boxes would jump when they come.
  if (kinds.isPending) return null;
  return <Canvas graph={graph} live={live} selected={chosen} onSelect={select} />;
}
