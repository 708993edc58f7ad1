/** Knowledge bases: which there are, and the way into each. */

import { useQueryClient } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "@/api/client";
import type { components } from "@/api/schema";
import { ValueField } from "@/forms/fields/value-field";
import { useTexts } from "@/i18n/language";
import { count } from "@/i18n/numbers";
import { Confirm } from "@/ui/confirm";
import { DataTable } from "@/ui/data-table";
import { Paged } from "@/ui/paged";
import { Problem } from "@/ui/states";
import { visible } from "@/ui/visible";
import { KnowledgeBase } from "./knowledge-base";
import { KnowledgeDocument } from "./knowledge-document";
import { knowledgeTexts } from "./knowledge-texts";

type Base = components["schemas"]["Base"];

const PAGE = 50;

export function KnowledgeTab() {
  const { base, document } = useSearch({ from: "/operations" });
  if (base && document) return <KnowledgeDocument base={base} document={document} />;
  return base ? <KnowledgeBase key={base} base={base} /> : <Bases />;
}

function Bases() {
  const t = useTexts(knowledgeTexts);
  const queries = useQueryClient();
  const [removing, setRemoving] = useState("");
  const refresh = () => void queries.invalidateQueries({ queryKey: ["knowledge"] });
  const columns = [
    {
      head: t.name,
      cell: (one: Base) => (
        <>
          <Link to="/operations" search={{ tab: "knowledge", base: one.name }}>
            {visible(one.name)}
          </Link>
          <div className="muted">{visible(one.description)}</div>
        </>
      ),
    },
    { head: t.documents, className: "number", cell: (one: Base) => count(one.documents) },
    { head: t.chunks, className: "number", cell: (one: Base) => count(one.chunks) },
    {
      head: t.model,
      className: "hide-narrow",
      cell: (one: Base) => one.embedding?.model ?? t.fullText,
    },
    {
      head: t.remove,
      quiet: true,
      cell: (one: Base) => (
        <button type="button" className="danger" onClick={() => setRemoving(one.name)}>
          {t.remove}
        </button>
      ),
    },
  ];
  return (
    <>
      <Paged
        queryKey={["knowledge", "bases"]}
        read={async (cursor, signal) =>
          (await call("get", "/api/knowledge", { query: { cursor, limit: PAGE }, signal })).data
        }
      >
        {(bases) => (
          <DataTable
            caption={t.bases}
            rows={bases}
            keyOf={(one) => one.name}
            none={t.none}
            columns={columns}
          />
        )}
      </Paged>
      <NewBase made={refresh} />
      {removing && (
        <Confirm
          title={t.removeBase(removing)}
          go={t.remove}
          danger
          act={async () => {
            await call("delete", "/api/knowledge/{base}", { path: { base: removing } });
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

const NO_PROBLEMS: ReadonlyMap<string, string> = new Map();

function NewBase({ made }: { made: () => void }) {
  const t = useTexts(knowledgeTexts);
  const empty = { name: "", description: "", embedding_model: "" };
  const [value, setValue] = useState(empty);
  const [refused, setRefused] = useState<unknown>(null);
  const make = async () => {
    setRefused(null);
    try {
      await call("post", "/api/knowledge", { body: value });
      setValue(empty);
      made();
    } catch (problem) {
      setRefused(problem);
    }
  };
  const field = (name: keyof typeof empty, title: string, description = "") => (
    <ValueField
      name={title}
      schema={{ type: "string", maxLength: 80, description }}
      required={name === "name"}
      value={value[name]}
      change={(next) => setValue({ ...value, [name]: next ?? "" })}
      place={name}
      problems={NO_PROBLEMS}
    />
  );
  return (
    <details>
      <summary>{t.create}</summary>
      <form
        className="fields"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        {field("name", t.name)}
        {field("description", t.description)}
        {field("embedding_model", t.model, t.modelHelp)}
        {refused !== null && <Problem error={refused} />}
        <button type="submit" className="primary start">
          {t.make}
        </button>
      </form>
    </details>
  );
}
