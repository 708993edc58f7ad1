/** The queues of executor groups, and who works on them. */

import { useTexts } from "@/i18n/language";
import { ago, count, dateTime, duration } from "@/i18n/numbers";
import { DataTable } from "@/ui/data-table";
import { Standing } from "./standing";
import { operationsTexts } from "./texts";
import type { Operations } from "./use-operations";

type Group = Operations["groups"][number];

export function QueuesTab() {
  return (
    <Standing>
      {({ groups }) => (
        <>
          <Queues groups={groups} />
          <Executors groups={groups} />
        </>
      )}
    </Standing>
  );
}

const age = (seconds: number | null) => (seconds === null ? "" : duration(seconds));

function Queues({ groups }: { groups: Group[] }) {
  const t = useTexts(operationsTexts);
  return (
    <DataTable
      caption={t.queues}
      rows={groups}
      keyOf={(group) => group.group}
      none={t.noQueues}
      columns={[
        { head: t.group, cell: (group) => group.group },
        { head: t.pending, className: "number", cell: (group) => count(group.pending) },
        { head: t.inFlight, className: "number", cell: (group) => count(group.in_flight) },
        {
          head: t.redelivered,
          className: "number hide-narrow",
          cell: (group) => count(group.redelivered),
        },
        { head: t.oldest, className: "number", cell: (group) => age(group.oldest_seconds) },
        {
          head: t.kinds,
          className: "hide-narrow",
          cell: (group) =>
            group.types.map((type) => (
              <div key={type.type} className="muted">
                {type.type} {count(type.tasks)} {age(type.oldest_seconds)}
              </div>
            )),
        },
      ]}
    />
  );
}

function Executors({ groups }: { groups: Group[] }) {
  const t = useTexts(operationsTexts);
  const executors = groups.flatMap((group) =>
    group.executors.map((executor) => ({ ...executor, group: group.group })),
  );
  return (
    <>
      <h2>{t.executors}</h2>
      <DataTable
        caption={t.executors}
        rows={executors}
        keyOf={(executor) => `${executor.group} ${executor.id}`}
        none={t.noExecutors}
        columns={[
          { head: t.id, cell: (executor) => <span className="mono">{executor.id}</span> },
          { head: t.group, cell: (executor) => executor.group },
          { head: t.host, className: "hide-narrow", cell: (executor) => executor.host },
          { head: t.version, className: "hide-narrow", cell: (executor) => executor.version },
          {
            head: t.busy,
            className: "number",
            cell: (executor) => t.of(count(executor.busy), count(executor.slots)),
          },
          {
            head: t.lastSeen,
            cell: (executor) => (
              <span title={dateTime(executor.last_seen)}>{ago(executor.last_seen)}</span>
            ),
          },
        ]}
      />
    </>
  );
}
