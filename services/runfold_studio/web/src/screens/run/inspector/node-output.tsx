/** What a node gave, output by output. */

import { useTexts } from "@/i18n/language";
import type { NodeState } from "@/run/state";
import { Value } from "@/ui/value";
import { visible } from "@/ui/visible";
import { inspectorTexts } from "./texts";

export function NodeOutput({ node }: { node: NodeState }) {
  const t = useTexts(inspectorTexts);
  const entries = Object.entries(node.outputs);
  if (entries.length === 0) return <p className="muted">{t.noOutput}</p>;
  return (
    <div className="stack">
      {entries.map(([name, value]) => (
        <section key={name} className="stack small-gap" aria-label={visible(name)}>
          <h3 className="mono">{visible(name)}</h3>
          <Value value={value} name={name} />
        </section>
      ))}
    </div>
  );
}
