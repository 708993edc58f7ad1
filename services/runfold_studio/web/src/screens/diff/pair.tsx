/** One value in both runs, side by side. */

import { useTexts } from "@/i18n/language";
import { Value } from "@/ui/value";
import { visible } from "@/ui/visible";
import type { Compared } from "./differences";
import { diffTexts } from "./texts";

export function Pair({ one }: { one: Compared }) {
  const t = useTexts(diffTexts);
  if (one.same)
    return (
      <details className="pair-same">
        <summary>
          <code>{visible(one.name)}</code> <span className="muted">{t.same}</span>
        </summary>
        <Value value={one.left} name={one.name} />
      </details>
    );
  return (
    <section className="pair" aria-label={visible(one.name)}>
      <code className="pair-name">{visible(one.name)}</code>
      <div className="sides">
        <Half title={t.left} value={one.left} name={one.name} />
        <Half title={t.right} value={one.right} name={one.name} />
      </div>
    </section>
  );
}

function Half({ title, value, name }: { title: string; value: unknown; name: string }) {
  const t = useTexts(diffTexts);
  return (
    <div>
      <span className="hidden-text">{title}</span>
      {value === undefined ? (
        <span className="muted">{t.absent}</span>
      ) : (
        <Value value={value} name={name} />
      )}
    </div>
  );
}
