/** The text of the draft, edited beside the canvas; both show what the other does. */

import { useEffect, useMemo, useState } from "react";
import { useTexts } from "@/i18n/language";
import type { Mark } from "@/ui/code-editor";
import { CodeEditor } from "@/ui/code-editor";
import type { Finding } from "./session";
import { editorTexts } from "./texts";
import type { Desk } from "./use-session";
import { usePart } from "./use-session";

export function SourcePanel({ desk, address }: { desk: Desk; address: string }) {
  const { session } = desk;
  const t = useTexts(editorTexts);
  const document = usePart(session.store, (state) => state.document);
  const checked = usePart(session.store, (state) => state.checked);
  const [goTo, setGoTo] = useState<{ at: number } | null>(null);
  const marks = useMemo(
    () => marksOf(document.text, checked?.findings ?? []),
    [document.text, checked],
  );
  useEffect(() => {
    const { drawn } = session.store.getState();
    const place = drawn.places.nodes.get(address);
    if (place) setGoTo({ at: drawn.document.offsetOf(place.path) });
  }, [session, address]);
  return (
    <div className="source-panel">
      <CodeEditor
        label={t.source}
        value={document.text}
        change={(text) => session.setText(text, "typing the source")}
        language={document.json ? "json" : "yaml"}
        marks={marks}
        goTo={goTo}
        fill
      />
    </div>
  );
}

/** Findings at the characters where they stand. */
export function marksOf(text: string, findings: readonly Finding[]): Mark[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return findings.flatMap((one) => {
    const start = one.line ? starts[one.line - 1] : undefined;
    return start === undefined
      ? []
      : [{ from: start + (one.column ?? 1) - 1, level: one.level, message: one.message }];
  });
}
