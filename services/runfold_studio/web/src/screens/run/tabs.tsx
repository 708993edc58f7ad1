/** What stands below the canvas: timeline, events, text, and the family of the run. */

import { lazy, Suspense } from "react";
import { useTexts } from "@/i18n/language";
import { later } from "@/ui/later";
import { Loading } from "@/ui/states";
import { runTexts } from "./texts";
import { Timeline } from "./timeline";
import { useWorkspace } from "./workspace";

const EventLog = later(async () => (await import("./event-log")).EventLog);
const Family = lazy(() => import("./family"));
const WrittenText = later(async () => (await import("./written-text")).WrittenText);
const NAMES = ["timeline", "events", "text", "family"] as const;

export function Tabs() {
  const t = useTexts(runTexts);
  const { view, change, runId } = useWorkspace();
  const names = NAMES.filter((name) => name !== "family" || runId !== null);
  const shown = names.find((name) => name === view.tab) ?? "timeline";
  return (
    <section className="run-below" aria-label={t.parts}>
      <div className="tab-row" role="tablist">
        {names.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={name === shown}
            aria-controls="below"
            tabIndex={name === shown ? 0 : -1}
            onClick={() => change({ tab: name })}
            onKeyDown={(event) => {
              const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
              if (step === undefined) return;
              const next = names[(names.indexOf(name) + step + names.length) % names.length];
              change({ tab: next });
              document.getElementById(`tab-${next}`)?.focus();
            }}
          >
            {t[name]}
          </button>
        ))}
      </div>
      <div className="tab-panel" role="tabpanel" id="below" aria-labelledby={`tab-${shown}`}>
        <Suspense fallback={<Loading />}>
          {shown === "timeline" && <Timeline />}
          {shown === "events" && <EventLog />}
          {shown === "text" && <WrittenText />}
          {shown === "family" && <Family />}
        </Suspense>
      </div>
    </section>
  );
}
