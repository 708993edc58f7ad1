/** Takes files of this and other systems, dropped anywhere on the screen or chosen, and shows what became of them. */

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type DragEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useTexts } from "@/i18n/language";
import { Problem } from "@/ui/states";
import { importTexts } from "./import-texts";
import { type Import, type Imported, readFiles, storeImport } from "./importing";
import "./import.css";

/** A part of the page on which files may be dropped. */
export function ImportDrop({ children }: { children: (choose: ReactNode) => ReactNode }) {
  const t = useTexts(importTexts);
  const [files, setFiles] = useState<File[] | null>(null);
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drag = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    setOver(true);
  };
  const drop = (event: DragEvent) => {
    setOver(false);
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    setFiles([...event.dataTransfer.files]);
  };
  return (
    <section
      className="import-drop"
      aria-label={t.importFile}
      data-over={over || undefined}
      onDragOver={drag}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      {over && <p className="import-hint">{t.drop}</p>}
      {children(
        <>
          <button type="button" onClick={() => input.current?.click()}>
            {t.importFile}
          </button>
          <input
            ref={input}
            type="file"
            multiple
            hidden
            accept=".yaml,.yml,.json,.flow,.zip"
            onChange={(event) => {
              setFiles([...(event.target.files ?? [])]);
              event.target.value = "";
            }}
          />
        </>,
      )}
      {files && files.length > 0 && <ImportDialog files={files} close={() => setFiles(null)} />}
    </section>
  );
}

function ImportDialog({ files, close }: { files: File[]; close: () => void }) {
  const t = useTexts(importTexts);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const dialog = useRef<HTMLDialogElement>(null);
  const [read, setRead] = useState<Import | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    dialog.current?.showModal();
    readFiles(files).then(setRead, setProblem);
  }, [files]);
  const store = async (given: Import) => {
    setProblem(null);
    try {
      const ids = await storeImport(given);
      await queries.invalidateQueries({ queryKey: ["workflows"] });
      const [only] = ids;
      if (ids.length === 1 && only)
        await navigate({ to: "/w/$workflowId", params: { workflowId: only } });
      else close();
    } catch (refused) {
      setProblem(refused);
    }
  };
  const taken = read?.items.filter((one) => read.taken.has(one.workflow_id)) ?? [];
  const label = taken.length ? t.replace : read?.items.length === 1 ? t.store : t.storeAll;
  return (
    <dialog ref={dialog} className="import" aria-labelledby="import-title" onClose={close}>
      <div className="stack">
        <h2 id="import-title">{t.title}</h2>
        {read === null && problem === null && <p role="status">{t.reading}</p>}
        {problem !== null && <Problem error={problem} />}
        {read?.refused.map((one) => (
          <p key={pathOf(one)} className="problem">
            {t.refused(pathOf(one))} {one.message}
          </p>
        ))}
        {read?.items.map((one) => (
          <Report key={one.workflow_id} item={one} />
        ))}
        {read && read.passedOver.length > 0 && (
          <details>
            <summary>{t.passedOver(read.passedOver.length)}</summary>
            <ul className="import-lines">
              {read.passedOver.map((one) => (
                <li key={pathOf(one)}>
                  <strong>{pathOf(one)}</strong> {one.reason}
                </li>
              ))}
            </ul>
          </details>
        )}
        {taken.map((one) => (
          <p key={one.workflow_id} className="import-taken" role="alert">
            {t.exists(one.workflow_id)}
          </p>
        ))}
        <div className="row">
          {read && read.items.length > 0 && (
            <button type="button" className="primary" onClick={() => void store(read)}>
              {label}
            </button>
          )}
          <button type="button" onClick={close}>
            {t.close}
          </button>
        </div>
      </div>
    </dialog>
  );
}

/** What a file is called, with the zip that it is in. */
function pathOf({ name, within }: { name: string; within?: string }): string {
  return within ? `${within}/${name}` : name;
}

const LOOKS = { mapped: "✓", approximated: "≈", unsupported: "✕" } as const;

/** What became of each node of one document, the difficult ones first. */
function Report({ item }: { item: Imported }) {
  const t = useTexts(importTexts);
  const words = { mapped: t.mapped, approximated: t.nearly, unsupported: t.unsupported };
  const difficult = item.report.filter((line) => line.result !== "mapped");
  const lines = (all: Imported["report"]) => (
    <ul className="import-lines">
      {all.map((line) => (
        <li key={`${line.node} ${line.type} ${line.reason}`} className={`import-${line.result}`}>
          <span aria-hidden="true">{LOOKS[line.result]}</span> <strong>{line.node}</strong>{" "}
          <span className="kind">{line.type}</span> {words[line.result]}
          {line.reason && `: ${line.reason}`}
        </li>
      ))}
    </ul>
  );
  return (
    <section className="stack" aria-label={item.workflow_id}>
      <h3>
        <span className="mono">{item.workflow_id}</span>{" "}
        <span className="muted">
          {t.from(item.format)} · {t.nodes(item.report.length)}
        </span>
      </h3>
      <p>{t[item.status]}</p>
      {lines(difficult)}
      {item.needs.length > 0 && (
        <>
          <h4>{t.needs}</h4>
          <ul className="import-lines">
            {item.needs.map((need) => (
              <li key={`${need.kind} ${need.name}`}>
                <span className="kind">{need.kind}</span> <strong>{need.name}</strong> {need.hint}
              </li>
            ))}
          </ul>
        </>
      )}
      <details>
        <summary>{t.allNodes}</summary>
        {lines(item.report)}
      </details>
    </section>
  );
}
