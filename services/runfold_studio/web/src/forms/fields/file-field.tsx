/** Files that are uploaded as soon as they are chosen; the form holds what stands for them. */

import { useState } from "react";
import { type FileValue, isFile, upload } from "@/api/files";
import { useTexts } from "@/i18n/language";
import { FileLink } from "@/ui/file-link";
import { Problem } from "@/ui/states";
import { fieldTexts } from "./texts";
import type { FieldGiven } from "./value-field";

export function FileField(given: FieldGiven & { several: boolean }) {
  const { schema, value, change, required, id, describedBy, several } = given;
  const t = useTexts(fieldTexts);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const files = (Array.isArray(value) ? value : [value]).filter(isFile);
  const put = (next: FileValue[]) => {
    if (several) change(next.length > 0 ? next : undefined);
    else change(next.at(-1));
  };
  const choose = async (chosen: FileList | null) => {
    setBusy(true);
    setProblem(null);
    try {
      const stored = await Promise.all([...(chosen ?? [])].map(upload));
      put([...files, ...stored]);
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const types = Array.isArray(schema.media_types) ? schema.media_types.join(",") : undefined;
  return (
    <div className="stack small-gap">
      <input
        type="file"
        id={id}
        multiple={several}
        accept={types}
        disabled={busy}
        required={required && files.length === 0}
        aria-describedby={describedBy}
        onChange={(event) => void choose(event.target.files)}
      />
      {busy && <span role="status">{t.uploading}</span>}
      {problem !== null && <Problem error={problem} />}
      {files.map((file) => (
        <div className="row" key={file.$file}>
          <FileLink file={file} />
          <button
            type="button"
            className="plain"
            aria-label={t.remove(file.name)}
            onClick={() => put(files.filter((one) => one !== file))}
          >
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
