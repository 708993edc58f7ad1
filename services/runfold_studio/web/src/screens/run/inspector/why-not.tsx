/** Why a node did not run: the event and the edge that decided it. */

import { useTexts } from "@/i18n/language";
import { type Reason, whyNot } from "@/run/why";
import { statusTexts } from "@/ui/status-texts";
import { visible } from "@/ui/visible";
import { useWorkspace } from "../workspace";
import { whyTexts } from "./why-texts";

export function WhyNot({ address }: { address: string }) {
  const t = useTexts(whyTexts);
  const words = useTexts(statusTexts) as Record<string, string>;
  const { moment, data, goTo, select } = useWorkspace();
  const reasons = whyNot(moment, address);
  if (reasons.length === 0) return <p>{t.ranAfterAll}</p>;
  return (
    <ul className="reasons">
      {reasons.map((one) => (
        <li key={`${one.kind} ${nodeOf(one)} ${"port" in one ? one.port : ""}`}>
          <span>{visible(sentenceOf(one, t, words))}</span>
          <div className="row">
            {nodeOf(one) && (
              <button type="button" className="plain mono" onClick={() => select(nodeOf(one))}>
                {visible(nodeOf(one))}
              </button>
            )}
            {"seq" in one && (
              <button
                type="button"
                className="plain mono"
                onClick={() => goTo(data.history.countUpTo(one.seq))}
              >
                {t.at(String(one.seq))}
              </button>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

function nodeOf(reason: Reason): string {
  if ("source" in reason) return reason.source;
  if (reason.kind === "around") return reason.around;
  if (reason.kind === "given_up") return reason.by;
  return reason.kind === "undoes" ? reason.node : "";
}

function sentenceOf(
  reason: Reason,
  t: (typeof whyTexts)["en"],
  words: Record<string, string>,
): string {
  switch (reason.kind) {
    case "not_taken":
      return t.notTaken(reason.source, reason.took.join(", "), reason.port);
    case "source_skipped":
      return t.sourceSkipped(reason.source);
    case "source_cancelled":
      return t.sourceCancelled(reason.source);
    case "source_failed":
      return t.sourceFailed(reason.source, reason.code);
    case "source_open":
      return t.sourceOpen(reason.source);
    case "source_absent":
      return t.sourceAbsent(reason.source);
    case "taken":
      return t.taken(reason.source, reason.port);
    case "around":
      return t.around(reason.around);
    case "given_up":
      return reason.by ? t.givenUp(reason.by) : t.stopped;
    case "run_ended":
      return t.runEnded(words[reason.status] ?? reason.status);
    case "undoes":
      return t.undoes(reason.node);
  }
}
