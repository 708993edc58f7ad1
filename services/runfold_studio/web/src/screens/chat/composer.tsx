/** Where a user writes: words, files, and the inputs that a workflow asks for beside them. */

import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import { type FileValue, upload } from "@/api/files";
import { propertiesOf, type Schema, startOf } from "@/forms/fields/schema";
import { ObjectFields } from "@/forms/fields/value-field";
import { useTexts } from "@/i18n/language";
import { Problem } from "@/ui/states";
import { chatTexts } from "./texts";

/** Files that may go with what is said. */
const MOST_FILES = 20;
const NO_PROBLEMS: ReadonlyMap<string, string> = new Map();

export interface Written {
  query: string;
  files: FileValue[];
  inputs: Record<string, unknown>;
}

interface Given {
  inputs: Schema;
  /** Whether an answer is being written. */
  busy: boolean;
  /** Resolves to whether it was sent. */
  send: (written: Written) => Promise<boolean>;
  stop: () => void;
}

export function Composer({ inputs, busy, send, stop }: Given) {
  const t = useTexts(chatTexts);
  const form = useRef<HTMLFormElement>(null);
  const [query, setQuery] = useState("");
  const [files, setFiles] = useState<FileValue[]>([]);
  const [values, setValues] = useState<unknown>(() => startOf(inputs));
  const [sending, setSending] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const give = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || sending || query.trim() === "") return;
    setSending(true);
    const given = (values ?? {}) as Record<string, unknown>;
    if (await send({ query, files, inputs: given })) {
      setQuery("");
      setFiles([]);
    }
    setSending(false);
  };
  const attach = async (chosen: FileList | null) => {
    setRefused(null);
    try {
      const stored = await Promise.all([...(chosen ?? [])].slice(0, MOST_FILES).map(upload));
      setFiles((before) => [...before, ...stored].slice(0, MOST_FILES));
    } catch (problem) {
      setRefused(problem);
    }
  };
  /** Enter sends, but not while an input method is choosing characters. */
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    form.current?.requestSubmit();
  };
  const fields = propertiesOf(inputs);
  return (
    <form ref={form} className="composer" onSubmit={(event) => void give(event)}>
      {fields.length > 0 && (
        <details open={fields.some((field) => field.required)}>
          <summary>{t.inputs}</summary>
          <ObjectFields
            schema={inputs}
            value={values}
            change={setValues}
            place=""
            problems={NO_PROBLEMS}
            depth={0}
          />
        </details>
      )}
      {refused !== null && <Problem error={refused} />}
      {files.length > 0 && (
        <div className="row">
          {files.map((file) => (
            <button
              key={file.$file}
              type="button"
              aria-label={t.remove_file(file.name)}
              onClick={() => setFiles(files.filter((one) => one !== file))}
            >
              {file.name} ×
            </button>
          ))}
        </div>
      )}
      <textarea
        aria-label={t.say}
        placeholder={t.say}
        rows={Math.min(8, query.split("\n").length + 1)}
        value={query}
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={pressed}
      />
      <div className="row spread">
        <label className="button file-button">
          + {t.files}
          <input
            type="file"
            className="hidden-text"
            multiple
            onChange={(event) => {
              void attach(event.target.files);
              event.target.value = "";
            }}
          />
        </label>
        {busy ? (
          <button type="button" onClick={stop}>
            ■ {t.stop}
          </button>
        ) : (
          <button type="submit" className="primary" disabled={sending || query.trim() === ""}>
            {t.send}
          </button>
        )}
      </div>
    </form>
  );
}
