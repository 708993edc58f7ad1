/** Files: uploaded, and shown as what stands for them. */

import { useState } from "react";
import { type FileValue, upload } from "@/api/files";
import { useTexts } from "@/i18n/language";
import { FileLink } from "@/ui/file-link";
import { Empty, Problem } from "@/ui/states";
import { connectionTexts } from "./connection-texts";

export function FilesTab() {
  const t = useTexts(connectionTexts);
  const [files, setFiles] = useState<FileValue[]>([]);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const store = async (chosen: FileList | null) => {
    setBusy(true);
    setRefused(null);
    for (const file of chosen ?? []) {
      try {
        const stored = await upload(file);
        setFiles((before) => [stored, ...before.filter((one) => one.$file !== stored.$file)]);
      } catch (problem) {
        setRefused(problem);
      }
    }
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
      {files.length === 0 && <Empty>{t.noFiles}</Empty>}
      <ul className="plain">
        {files.map((file) => (
          <li key={file.$file} className="card stack">
            <div className="row">
              <FileLink file={file} />
            </div>
            <div>
              <span className="muted">{t.value}</span>
              <pre>{JSON.stringify(file)}</pre>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
