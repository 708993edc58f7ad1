/** A log from a file, looked at without any server. */

import { type DragEvent, useState, useSyncExternalStore } from "react";
import { useTexts } from "@/i18n/language";
import { LineProblem } from "@/run/lines";
import { openLog, type RunStore } from "@/run/store";
import { Problem } from "@/ui/states";
import { useTitle } from "@/ui/title";
import { logTexts } from "./log-texts";
import type { View } from "./workspace";
import { WorkspaceView } from "./workspace-view";

export function LogFileScreen() {
  const t = useTexts(logTexts);
  useTitle(t.logTitle);
  const [store, setStore] = useState<RunStore | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const read = async (file: File | undefined) => {
    if (!file) return;
    try {
      const opened = openLog(await file.text());
      if (opened.get().count === 0) throw new Error(t.logEmpty);
      setStore(opened);
      setProblem(null);
    } catch (error) {
      setProblem(error);
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    void read(event.dataTransfer.files[0]);
  };
  const choose = (
    <label className="button">
      {store ? t.logAnother : t.logChoose}
      <input
        type="file"
        accept=".jsonl,.ndjson,.json,.txt"
        className="hidden-text"
        onChange={(event) => void read(event.target.files?.[0])}
      />
    </label>
  );
  return (
    <section
      className="log-file"
      aria-label={t.logTitle}
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
    >
      <div className="page-like stack">
        {!store && (
          <>
            <h1>{t.logTitle}</h1>
            <p className="drop-here muted">{t.logHelp}</p>
          </>
        )}
        <div className="row">{choose}</div>
        {problem !== null && <Problem error={sentenceOf(problem, t)} />}
      </div>
      {store && <Opened store={store} />}
    </section>
  );
}

function sentenceOf(problem: unknown, t: (typeof logTexts)["en"]): unknown {
  if (!(problem instanceof LineProblem)) return problem;
  const why = problem.reason === "event" ? t.logFields : problem.message;
  return new Error(t.logLine(String(problem.line), why));
}

function Opened({ store }: { store: RunStore }) {
  const data = useSyncExternalStore(store.subscribe, store.get);
  const [view, setView] = useState<View>({});
  const [change] = useState(() => (changes: View) => setView((old) => ({ ...old, ...changes })));
  return <WorkspaceView runId={null} data={data} view={view} change={change} />;
}
