/** The definition of the right run, with how each box differs. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { call, exchange } from "@/api/client";
import { Canvas } from "@/canvas/canvas";
import { boxOf, graphOf, kindsByType } from "@/graph/graph";
import { useTexts } from "@/i18n/language";
import { eventsOf } from "@/run/lines";
import { Problem } from "@/ui/states";
import { differencesOn, type RunDiff } from "./differences";
import { diffTexts } from "./texts";

interface Given {
  diff: RunDiff;
  node: string | null;
  select: (address: string | null) => void;
}

export default function DiffCanvas({ diff, node, select }: Given) {
  const t = useTexts(diffTexts);
  const { run_id: runId } = diff.b;
  const kinds = useQuery({
    queryKey: ["kinds"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => kindsByType((await call("get", "/api/kinds")).data.items),
  });
  const definition = useQuery({
    queryKey: ["run", runId, "definition"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      const answer = await exchange("get", "/api/runs/{run_id}/events", {
        path: { run_id: runId },
        query: { limit: 1 },
        accept: "application/x-ndjson",
      });
      const [first] = eventsOf(await answer.text());
      return first?.type === "run_started" ? (first.definition ?? null) : null;
    },
  });
  const live = useMemo(() => differencesOn(diff.nodes, t.differing), [diff, t]);
  const graph = useMemo(
    () => graphOf(definition.data, kinds.data ?? new Map()),
    [definition.data, kinds.data],
  );
  const problem = kinds.error ?? definition.error;
  if (problem) return <Problem error={problem} />;
  if (kinds.isPending || definition.isPending) return null;
  const pick = (boxes: string[]) => {
    const box = boxes.at(-1);
    const inside = diff.nodes.filter((one) => boxOf(one.address) === box);
    const found = inside.find((one) => one.change !== "same") ?? inside[0];
    select(found?.address ?? box ?? null);
  };
  return <Canvas graph={graph} live={live} selected={node ? [boxOf(node)] : []} onSelect={pick} />;
}
