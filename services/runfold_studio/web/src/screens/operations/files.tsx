/** Files that are there: saved, looked for in runs, and given as what stands for them; and uploads. */

import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "@/api/client";
import { upload } from "@/api/files";
import type { components } from "@/api/schema";
import { useTexts } from "@/i18n/language";
import { ago, dateTime } from "@/i18n/numbers";
import { DataTable } from "@/ui/data-table";
import { FileLink } from "@/ui/file-link";
import { Fold } from "@/ui/fold";
import { Paged } from "@/ui/paged";
import { Problem } from "@/ui/states";
import { visible } from "@/ui/visible";
import { fileTexts } from "./file-texts";

type Listed = components["schemas"]["ListedFile"];

const PAGE = 50;

export function FilesTab() {
  const t = useTexts(fileTexts);
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const store = async (chosen: FileList | null) => {
    setBusy(true);
    setRefused(null);
    for (const file of chosen ?? []) {
      try {
        await upload(file);
      } catch (problem) {
        setRefused(problem);
      }
    }
    await queries.invalidateQueries({ queryKey: ["files"] });
    setBusy(false);
  };
  return (
    <>
      <p className="muted">{t.uploadHelp}</p>
      <label>
        {t.upload}{" "}
        <input
          type="file"
          multiple
          disabled={busy}
          onChange={(event) => void store(event.target.files)}
        />
      </label>
      {refused !== null && <Problem error={refused} />}
      <Paged
        queryKey={["files"]}
        read={async (cursor, signal) =>
          (await call("get", "/api/files", { query: { cursor, limit: PAGE }, signal })).data
        }
      >
        {(files) => <Files files={files} />}
      </Paged>
    </>
  );
}

function Files({ files }: { files: Listed[] }) {
  const t = useTexts(fileTexts);
  return (
    <DataTable
      caption={t.files}
      rows={files}
      keyOf={(file) => file.$file}
      none={t.none}
      columns={[
        { head: t.file, className: "wrap", cell: (file) => <FileLink file={file} /> },
        { head: t.type, className: "hide-narrow", cell: (file) => visible(file.media_type) },
        {
          head: t.stored,
          className: "nowrap",
          cell: ({ stored_at: at }) => at !== null && <span title={dateTime(at)}>{ago(at)}</span>,
        },
        {
          head: t.runs,
          className: "nowrap",
          cell: (file) => (
            <Link
              to="/runs"
              search={{ text: file.$file }}
              aria-label={`${t.find}: ${visible(file.name)}`}
            >
              {t.find}
            </Link>
          ),
        },
        {
          head: t.value,
          quiet: true,
          cell: ({ stored_at: _, touched_at: __, ...value }) => (
            <Fold title={t.value} open={false}>
              <pre>{JSON.stringify(value)}</pre>
            </Fold>
          ),
        },
      ]}
    />
  );
}
