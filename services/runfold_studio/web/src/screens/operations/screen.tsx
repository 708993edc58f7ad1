/** How the deployment stands, part by part. */

import { Link, useSearch } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { useTexts } from "@/i18n/language";
import { ConnectionsTab } from "./connections";
import { DeadLettersTab } from "./dead-letters";
import { FilesTab } from "./files";
import { KnowledgeTab } from "./knowledge";
import { LimitsTab } from "./limits";
import { ProtectionTab } from "./protection";
import { QueuesTab } from "./queues";
import { SchedulersTab } from "./schedulers";
import { SchedulesTab } from "./schedules";
import { StorageTab } from "./storage";
import { operationsTexts } from "./texts";
import { TriggersTab } from "./triggers";
import "./operations.css";

const TABS = {
  queues: QueuesTab,
  schedulers: SchedulersTab,
  dead: DeadLettersTab,
  schedules: SchedulesTab,
  triggers: TriggersTab,
  protection: ProtectionTab,
  limits: LimitsTab,
  storage: StorageTab,
  knowledge: KnowledgeTab,
  connections: ConnectionsTab,
  files: FilesTab,
} satisfies Record<string, ComponentType>;
type Tab = keyof typeof TABS;

export function OperationsScreen() {
  const t = useTexts(operationsTexts);
  const { tab = "queues" } = useSearch({ from: "/operations" });
  const chosen = (Object.hasOwn(TABS, tab) ? tab : "queues") as Tab;
  const Shown = TABS[chosen];
  return (
    <div className="page stack operations">
      <h1>{t.title}</h1>
      <nav aria-label={t.tabs} className="tabs">
        {(Object.keys(TABS) as Tab[]).map((name) => (
          <Link
            key={name}
            to="/operations"
            search={{ tab: name }}
            aria-current={name === chosen ? "page" : undefined}
            activeProps={{}}
          >
            {t[name]}
          </Link>
        ))}
      </nav>
      <div className="stack">
        <Shown />
      </div>
    </div>
  );
}
