/** The status of a run or a node, or how two runs differ there: an icon, a word and a colour, never a colour alone. */

import { useTexts } from "@/i18n/language";
import { statusTexts } from "./status-texts";
import "./status.css";

const LOOKS: Record<string, { tone: string; icon: string }> = {
  pending: { tone: "quiet", icon: "○" },
  queued: { tone: "quiet", icon: "○" },
  ready: { tone: "quiet", icon: "○" },
  running: { tone: "live", icon: "▶" },
  streaming: { tone: "live", icon: "▶" },
  retrying: { tone: "warn", icon: "↻" },
  waiting: { tone: "warn", icon: "…" },
  paused: { tone: "warn", icon: "‖" },
  cancelling: { tone: "warn", icon: "■" },
  compensating: { tone: "warn", icon: "↩" },
  succeeded: { tone: "good", icon: "✓" },
  partial_succeeded: { tone: "warn", icon: "✓" },
  compensated: { tone: "warn", icon: "↩" },
  failed: { tone: "bad", icon: "✕" },
  exception: { tone: "bad", icon: "!" },
  compensation_failed: { tone: "bad", icon: "✕" },
  cancelled: { tone: "quiet", icon: "■" },
  skipped: { tone: "quiet", icon: "⤼" },
  same: { tone: "quiet", icon: "=" },
  other_status: { tone: "warn", icon: "≠" },
  other_output: { tone: "warn", icon: "≠" },
  only_left: { tone: "bad", icon: "−" },
  only_right: { tone: "good", icon: "+" },
};
const UNKNOWN = { tone: "quiet", icon: "?" };

export function toneOf(status: string): string {
  return (LOOKS[status] ?? UNKNOWN).tone;
}

export function Status({ status }: { status: string }) {
  const word = useStatusWord();
  const look = LOOKS[status] ?? UNKNOWN;
  return (
    <span className={`status tone-${look.tone}`}>
      <span aria-hidden="true">{look.icon}</span> {word(status)}
    </span>
  );
}

/** The word for a status, where only text can stand. */
export function useStatusWord(): (status: string) => string {
  const t = useTexts(statusTexts) as Record<string, string>;
  return (status) => t[status] ?? status;
}
