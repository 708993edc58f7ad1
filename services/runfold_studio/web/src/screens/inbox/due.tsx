/** When an answer comes too late. */

import { useTexts } from "@/i18n/language";
import { ago, dateTime } from "@/i18n/numbers";
import { inboxTexts } from "./texts";
import "@/ui/status.css";

const SOON = 3600;

export function Due({ due, now = Date.now() / 1000 }: { due: number; now?: number }) {
  const t = useTexts(inboxTexts);
  const left = due - now;
  const tone = left < 0 ? "bad" : left < SOON ? "warn" : "quiet";
  return (
    <span className={`status tone-${tone}`} title={dateTime(due)}>
      <span aria-hidden="true">◷</span> {left < 0 ? t.overdue(ago(due)) : t.due(ago(due))}
    </span>
  );
}
