/** What both runs ran, with how each box differs. */

import { useMemo } from "react";
import { Canvas } from "@/canvas/canvas";
import { boxOf } from "@/graph/graph";
import { useTexts } from "@/i18n/language";
import { Problem } from "@/ui/states";
import { differencesOn, type RunDiff } from "./differences";
import { diffTexts } from "./texts";
import { useDefinitions } from "./use-definitions";

interface Given {
  diff: RunDiff;
  node: string | null;
  select: (address: string | null) => void;
}

export default function DiffCanvas({ diff, node, select }: Given) {
  const t = useTexts(diffTexts);
  const { drawn, problem } = useDefinitions(diff);
  const live = useMemo(() => differencesOn(diff.nodes, t.differing), [diff, t]);
  if (problem) return <Problem error={problem} />;
  if (!drawn) return null;
  const pick = (boxes: string[]) => {
    const box = boxes.at(-1);
    const inside = diff.nodes.filter((one) => boxOf(one.address) === box);
    const found = inside.find((one) => one.change !== "same") ?? inside[0];
    select(found?.address ?? box ?? null);
  };
  return (
    <Canvas
      graph={drawn.graph}
      moved={drawn.moved}
      marks={drawn.marks}
      live={live}
      selected={node ? [boxOf(node)] : []}
      onSelect={pick}
      first={node ? boxOf(node) : undefined}
    />
  );
}
