/** The run itself: what it was given and gave, its variables, and what of it is undone. */

import type { ReactNode } from "react";
import { useTexts } from "@/i18n/language";
import { compensation } from "@/run/fold/saga";
import { hasEnded } from "@/run/state";
import { Status } from "@/ui/status";
import { Value } from "@/ui/value";
import { visible } from "@/ui/visible";
import { useWorkspace } from "../workspace";
import { FailureNote } from "./failure-note";
import { inspectorTexts } from "./texts";

/** How an undoing goes, in words of a status. */
const STATUS = {
  pending: "pending",
  running: "running",
  compensated: "succeeded",
  failed: "failed",
  cancelled: "cancelled",
} as const;

export function RunSummary() {
  const t = useTexts(inspectorTexts);
  const { moment, select } = useWorkspace();
  const { plan, state } = moment;
  const { head } = state;
  const undone = compensation(plan, state, hasEnded(head.status));
  const { outputs } = head;
  return (
    <div className="stack">
      <h2>{t.run}</h2>
      {head.error && <FailureNote error={head.error} />}
      {head.source && (
        <p>
          {t.source}: <code>{visible(head.source)}</code>
        </p>
      )}
      {head.query && (
        <Part title={t.asked}>
          <Value value={head.query} name="query" />
        </Part>
      )}
      {Object.keys(head.inputs).length === 0 && <p className="muted">{t.noInputsAtAll}</p>}
      <Named title={t.inputs} values={head.inputs} />
      {outputs !== null && outputs !== undefined && (
        <Part title={t.outputs}>
          <Value value={outputs} name="outputs" />
        </Part>
      )}
      <Named title={t.variables} values={without(head.values, head.inputs)} />
      <Named title={t.conversation} values={head.conversation} />
      <Named title={t.environment} values={head.environment} />
      {undone.length > 0 && (
        <Part title={t.compensation}>
          <ol>
            {undone.map((one) => (
              <li key={`${one.address} ${one.by}`}>
                <button type="button" className="plain mono" onClick={() => select(one.address)}>
                  {visible(one.address)}
                </button>{" "}
                <button type="button" className="plain" onClick={() => select(one.by)}>
                  {t.undoneBy(visible(one.by))}
                </button>{" "}
                <Status status={STATUS[one.status]} />
              </li>
            ))}
          </ol>
        </Part>
      )}
    </div>
  );
}

type Values = Readonly<Record<string, unknown>>;

/** Variables: what is named so and no input, or an input that was changed. */
function without(values: Values, inputs: Values): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => !(name in inputs) || inputs[name] !== value),
  );
}

function Named({ title, values }: { title: string; values: Values }) {
  if (Object.keys(values).length === 0) return null;
  return (
    <Part title={title}>
      <Value value={values} name={title} />
    </Part>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="stack small-gap" aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
