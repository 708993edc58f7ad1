/** The streams of the broker: how much is in them, and how much may be. */

import { useTexts } from "@/i18n/language";
import { bytes, count } from "@/i18n/numbers";
import { DataTable } from "@/ui/data-table";
import { Standing } from "./standing";
import { operationsTexts } from "./texts";

export function StorageTab() {
  const t = useTexts(operationsTexts);
  return (
    <Standing>
      {({ streams }) => (
        <DataTable
          caption={t.storage}
          rows={streams}
          keyOf={(stream) => stream.name}
          none={t.noStreams}
          columns={[
            { head: t.stream, cell: (stream) => <span className="mono">{stream.name}</span> },
            { head: t.messages, className: "number", cell: (stream) => count(stream.messages) },
            { head: t.size, className: "number", cell: (stream) => bytes(stream.bytes) },
            {
              head: t.limit,
              className: "number hide-narrow",
              cell: (stream) => stream.limit_bytes && bytes(stream.limit_bytes),
            },
            {
              head: t.sequences,
              className: "number hide-narrow",
              cell: (stream) => `${count(stream.first_seq)} – ${count(stream.last_seq)}`,
            },
          ]}
        />
      )}
    </Standing>
  );
}
