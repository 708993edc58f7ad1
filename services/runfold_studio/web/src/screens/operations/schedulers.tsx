/** Which scheduler holds which partitions. */

import { useTexts } from "@/i18n/language";
import { ago, count, dateTime } from "@/i18n/numbers";
import { DataTable } from "@/ui/data-table";
import { spans } from "./partitions";
import { Standing } from "./standing";
import { operationsTexts } from "./texts";

export function SchedulersTab() {
  const t = useTexts(operationsTexts);
  return (
    <Standing>
      {({ schedulers }) => (
        <DataTable
          caption={t.schedulers}
          rows={schedulers}
          keyOf={(one) => one.id}
          none={t.noSchedulers}
          columns={[
            { head: t.id, cell: (one) => <span className="mono">{one.id}</span> },
            { head: t.host, className: "hide-narrow", cell: (one) => one.host },
            {
              head: t.partitionCount,
              className: "number",
              cell: (one) => count(one.partitions.length),
            },
            { head: t.partitions, className: "wrap", cell: (one) => spans(one.partitions) },
            {
              head: t.lastSeen,
              cell: (one) => <span title={dateTime(one.last_seen)}>{ago(one.last_seen)}</span>,
            },
          ]}
        />
      )}
    </Standing>
  );
}
