/** Why something failed: code, message, what to do, and details. */

import { useTexts } from "@/i18n/language";
import type { Failure } from "@/run/events";
import { ValueTree } from "@/ui/value-tree";
import { visible } from "@/ui/visible";
import { inspectorTexts } from "./texts";

export function FailureNote({ error }: { error: Failure }) {
  const t = useTexts(inspectorTexts);
  const { hint, ...details } = error.details ?? {};
  return (
    <section className="problem stack small-gap" aria-label={t.error}>
      <strong>{error.code}</strong>
      <span className="pre">{visible(error.message.slice(0, 4_000))}</span>
      {typeof hint === "string" && (
        <span>
          {t.hint}: {visible(hint)}
        </span>
      )}
      {error.retryable && <span className="muted">{t.retryable}</span>}
      {Object.keys(details).length > 0 && (
        <details>
          <summary>{t.details}</summary>
          <ValueTree value={details} />
        </details>
      )}
    </section>
  );
}
