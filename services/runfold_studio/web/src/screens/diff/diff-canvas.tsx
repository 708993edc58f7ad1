/** The definition of the right run, with how each box differs. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { exchange } from "@/api/client";
import { Canvas } from "@/canvas/canvas";
import { useDrawing } from "@/canvas/use-drawing";
import { boxOf } from "@/graph/graph";
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
  const { graph, moved, pending } = useDrawing(definition.data, diff.b.workflow_id, diff.b.version);
  if (definition.error) return <Problem error={definition.error} />;
  if (pending || definition.isPending) return null;
  const pick = (boxes: string[]) => {
    const box = boxes.at(-1);
    const inside = diff.nodes.filter((one) => boxOf(one.address) === box);
    const found = inside.find((one) => one.change !== "same") ?? inside[0];
    select(found?.address ?? box ?? null);
  };
  return (
    <Canvas
      graph={graph}
      moved={moved}
      live={live}
      selected={node ? [boxOf(node)] : []}
      onSelect={pick}
      first={node ? boxOf(node) : undefined}
    />
  );
}
