/** One knowledge base: its documents, what is added to it, and searching it. */

import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useChanges } from "@/api/changes";
import { call, exchange } from "@/api/client";
import type { components } from "@/api/schema";
import { useTexts } from "@/i18n/language";
import { ago, count, dateTime } from "@/i18n/numbers";
import { Confirm } from "@/ui/confirm";
import { DataTable } from "@/ui/data-table";
import { Paged } from "@/ui/paged";
import { Problem } from "@/ui/states";
import { visible } from "@/ui/visible";
import { KnowledgeSearch } from "./knowledge-search";
import { knowledgeTexts } from "./knowledge-texts";

type StoredDocument = components["schemas"]["StoredDocument"];

const PAGE = 50;

export function KnowledgeBase({ base }: { base: string }) {
  const t = useTexts(knowledgeTexts);
  const queries = useQueryClient();
  const [removing, setRemoving] = useState("");
  const [indexing, setIndexing] = useState("");
  const refresh = () => void queries.invalidateQueries({ queryKey: ["knowledge"] });
  useChanges(["run"], (changes) => {
    const ended = changes.some(
      (one) => one.type === "run" && one.run_id === indexing && one.ended_at !== null,
    );
    if (ended) refresh();
  });
  return (
    <>
      <p>
        <Link to="/operations" search={{ tab: "knowledge" }}>
          ← {t.back}
        </Link>
      </p>
      <h2>{base}</h2>
      <KnowledgeSearch base={base} />
      <h2>{t.documents}</h2>
      <Adding base={base} begun={setIndexing} />
      {indexing && (
        <p role="status">
          {t.indexing}{" "}
          <Link to="/r/$runId" params={{ runId: indexing }} className="mono">
            {indexing}
          </Link>
        </p>
      )}
      <Paged
        queryKey={["knowledge", "documents", base]}
        read={async (cursor, signal) => {
          const given = { path: { base }, query: { cursor, limit: PAGE }, signal };
          return (await call("get", "/api/knowledge/{base}/documents", given)).data;
        }}
      >
        {(documents) => <Documents documents={documents} remove={setRemoving} />}
      </Paged>
      {removing && (
        <Confirm
          title={t.removeDocument(removing)}
          go={t.remove}
          danger
          act={async () => {
            const body = { ids: [removing] };
            await call("post", "/api/knowledge/{base}/delete", { path: { base }, body });
            return undefined;
          }}
          close={(done) => {
            setRemoving("");
            if (done) refresh();
          }}
        />
      )}
    </>
  );
}

interface DocumentsGiven {
  documents: StoredDocument[];
  remove: (id: string) => void;
}

function Documents({ documents, remove }: DocumentsGiven) {
  const t = useTexts(knowledgeTexts);
  return (
    <DataTable
      caption={t.documents}
      rows={documents}
      keyOf={(one) => one.id}
      none={t.noDocuments}
      columns={[
        {
          head: t.name,
          className: "wrap",
          cell: (one) => (
            <Link to="/operations" search={{ tab: "knowledge", base: one.base, document: one.id }}>
              {visible(one.name || one.id)}
            </Link>
          ),
        },
        { head: t.chunks, className: "number", cell: (one) => count(one.chunks) },
        { head: t.source, className: "hide-narrow wrap", cell: (one) => visible(one.source) },
        {
          head: t.indexed,
          className: "hide-narrow",
          cell: (one) => <span title={dateTime(one.indexed_at)}>{ago(one.indexed_at)}</span>,
        },
        {
          head: t.remove,
          quiet: true,
          cell: (one) => (
            <button type="button" className="danger" onClick={() => remove(one.id)}>
              {t.remove}
            </button>
          ),
        },
      ]}
    />
  );
}

function Adding({ base, begun }: { base: string; begun: (run: string) => void }) {
  const t = useTexts(knowledgeTexts);
  const [url, setUrl] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const act = async (what: () => Promise<string>) => {
    setBusy(true);
    setRefused(null);
    try {
      begun(await what());
    } catch (problem) {
      setRefused(problem);
    } finally {
      setBusy(false);
    }
  };
  const addFiles = (files: FileList | null) =>
    act(async () => {
      const body = new FormData();
      for (const file of files ?? []) body.append("file", file, file.name);
      const path = `/api/knowledge/${encodeURIComponent(base)}/files`;
      return ((await (await exchange("post", path, { body })).json()) as { run_id: string }).run_id;
    });
  const addUrl = () =>
    act(async () => {
      const given = { path: { base }, body: { urls: [url] } };
      const { run_id } = (await call("post", "/api/knowledge/{base}/documents", given)).data;
      setUrl("");
      return run_id;
    });
  return (
    <>
      <div className="row">
        <label>
          {t.addFiles}{" "}
          <input
            type="file"
            multiple
            disabled={busy}
            onChange={(event) => void addFiles(event.target.files)}
          />
        </label>
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            void addUrl();
          }}
        >
          <label>
            {t.addUrl}{" "}
            <input
              type="url"
              required
              value={url}
              onChange={(event) => setUrl(event.target.value)}
            />
          </label>
          <button type="submit" disabled={busy}>
            {t.add}
          </button>
        </form>
      </div>
      {refused !== null && <Problem error={refused} />}
    </>
  );
}
