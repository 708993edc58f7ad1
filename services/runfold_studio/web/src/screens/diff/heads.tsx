/** The two runs, and what can be said of them as a whole. */

import { Link } from "@tanstack/react-router";
import { useTexts } from "@/i18n/language";
import { count, duration } from "@/i18n/numbers";
import { Status } from "@/ui/status";
import { visible } from "@/ui/visible";
import type { RunDiff } from "./differences";
import { Pair } from "./pair";
import { diffTexts } from "./texts";

export function Heads({ diff, node }: { diff: RunDiff; node: string | undefined }) {
  const t = useTexts(diffTexts);
  const { a, b, same_until: until } = diff;
  const inputs = Object.entries(diff.inputs);
  const bothEnded = a.duration !== null && b.duration !== null;
  return (
    <header className="diff-head">
      <div className="row spread">
        <h1>{t.title}</h1>
        <Link
          className="button"
          to="/diff/$left/$right"
          params={{ left: b.run_id, right: a.run_id }}
          search={node ? { node } : {}}
        >
          ⇄ {t.swap}
        </Link>
      </div>
      <div className="sides">
        <Side name={t.left} side={a} />
        <Side name={t.right} side={b} />
      </div>
      <p>
        {until
          ? t.sameUntil(count(until.event), String(until.seq_a), String(until.seq_b))
          : t.sameNever}{" "}
        {!diff.same_definition && t.otherDefinition}{" "}
        {bothEnded && (diff.same_outputs ? t.sameOutputs : t.otherOutputs)}{" "}
        {until && (
          <Link to="/r/$runId" params={{ runId: b.run_id }} search={{ at: String(until.seq_b) }}>
            {t.showParting}
          </Link>
        )}
      </p>
      {inputs.length > 0 && (
        <details>
          <summary>
            {t.inputs}: {visible(inputs.map(([name]) => name).join(", "))}
          </summary>
          {inputs.map(([name, pair]) => (
            <Pair key={name} one={{ name, left: pair.a, right: pair.b, same: false }} />
          ))}
        </details>
      )}
    </header>
  );
}

function Side({ name, side }: { name: string; side: RunDiff["a"] }) {
  const t = useTexts(diffTexts);
  return (
    <div className="row">
      <span className="muted">{name}</span>
      <Link to="/r/$runId" params={{ runId: side.run_id }} search={{}} className="mono">
        {side.run_id.slice(0, 13)}
      </Link>
      <span>
        {visible(side.workflow_id)} {t.version(side.version)}
      </span>
      <Status status={side.status} />
      {side.duration !== null && <span className="muted">{duration(side.duration)}</span>}
      {side.tokens > 0 && (
        <span className="muted">
          {count(side.tokens)} {t.tokens}
        </span>
      )}
    </div>
  );
}
