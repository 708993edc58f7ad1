/** Where a user writes: words, files, and the inputs that a workflow asks for beside them. */

import {
  type ClipboardEvent,
  type Dispatch,
  type FormEvent,
  type KeyboardEvent,
  type RefObject,
  type SetStateAction,
  useRef,
  useState,
} from "react";
import { type FileValue, upload } from "@/api/files";
import { propertiesOf, type Schema, startOf } from "@/forms/fields/schema";
import { TopFields } from "@/forms/fields/top-fields";
import { useTexts } from "@/i18n/language";
import { bytes } from "@/i18n/numbers";
import { Problem } from "@/ui/states";
import { visible } from "@/ui/visible";
import { chatTexts } from "./texts";

const LINES = 8;
/** The code of a key that an input method has taken: WebKit ends the choice before it tells of the key. */
const TAKEN = 229;

export interface Written {
  query: string;
  files: readonly FileValue[];
  inputs: Record<string, unknown>;
}

export type Draft = Pick<Written, "query" | "files">;
export const NOTHING: Draft = { query: "", files: [] };

interface Given {
  inputs: Schema;
  draft: Draft;
  change: Dispatch<SetStateAction<Draft>>;
  field: RefObject<HTMLTextAreaElement | null>;
  /** Resolves to whether it was sent. */
  send: (written: Written) => Promise<boolean>;
}

export function Composer({ inputs, draft, change, field, send }: Given) {
  const t = useTexts(chatTexts);
  const form = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState<unknown>(() => startOf(inputs));
  const fields = propertiesOf(inputs);
  const [shown, setShown] = useState(() => fields.some((field) => field.required));
  const [busy, setBusy] = useState<"" | "sending" | "uploading">("");
  const [problem, setProblem] = useState<unknown>(null);
  const give = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || draft.query.trim() === "") return;
    setBusy("sending");
    const given = (values ?? {}) as Record<string, unknown>;
    const taken = await send({ ...draft, inputs: given });
    setShown(!taken && fields.length > 0);
    // What was written meanwhile stays.
    if (taken) change((now) => (now === draft ? NOTHING : now));
    setBusy("");
  };
  const attach = async (chosen: Iterable<File>) => {
    setProblem(null);
    setBusy("uploading");
    try {
      const stored = await Promise.all([...chosen].map(upload));
      change((now) => {
        const known = new Set(now.files.map((one) => one.$file));
        const added = stored.filter((one) => !known.has(one.$file));
        return { ...now, files: [...now.files, ...added] };
      });
    } catch (refusal) {
      setProblem(refusal);
    } finally {
      setBusy("");
    }
  };
  /** Enter sends, but not while an input method is choosing characters. */
  const pressed = (event: KeyboardEvent) => {
    const choosing = event.nativeEvent.isComposing || event.keyCode === TAKEN;
    if (event.key !== "Enter" || event.shiftKey || choosing) return;
    event.preventDefault();
    form.current?.requestSubmit();
  };
  const pasted = (event: ClipboardEvent) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    void attach(event.clipboardData.files);
  };
  return (
    <form
      ref={form}
      className="composer"
      onSubmit={(event) => void give(event)}
      // A field that is folded away could not say what it lacks.
      onInvalidCapture={() => setShown(true)}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        if (!busy) void attach(event.dataTransfer.files);
      }}
    >
      {fields.length > 0 && (
        <details open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
          <summary>{t.inputs}</summary>
          <TopFields schema={inputs} value={values} change={setValues} />
        </details>
      )}
      {problem !== null && <Problem error={problem} />}
      {draft.files.length > 0 && (
        <ul className="row chips">
          {draft.files.map((file) => (
            <li key={file.$file}>
              <span className="cut">{visible(file.name || file.$file)}</span>{" "}
              <span className="muted">{bytes(file.size)}</span>
              <button
                type="button"
                className="plain"
                aria-label={t.removeFile(file.name)}
                onClick={() =>
                  change({ ...draft, files: draft.files.filter((one) => one !== file) })
                }
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <textarea
        ref={field}
        aria-label={t.say}
        placeholder={t.say}
        rows={Math.min(LINES, draft.query.split("\n", LINES).length + 1)}
        value={draft.query}
        onChange={(event) => change({ ...draft, query: event.target.value })}
        onKeyDown={pressed}
        onPaste={pasted}
      />
      <div className="row spread">
        <label className="button add-files">
          {busy === "uploading" ? t.uploading : `+ ${t.files}`}
          <input
            type="file"
            className="hidden-text"
            multiple
            disabled={busy !== ""}
            onChange={(event) => {
              void attach([...(event.target.files ?? [])]);
              event.target.value = "";
            }}
          />
        </label>
        <span className="row">
          <span className="muted small hide-narrow">{t.keys}</span>
          <button
            type="submit"
            className="primary"
            disabled={busy !== "" || draft.query.trim() === ""}
          >
            {t.send}
          </button>
        </span>
      </div>
    </form>
  );
}
