/** Messages that could not be handled: read, put back in their queue, or dropped. */

import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useChanges } from "@/api/changes";
import { call } from "@/api/client";
import type { components } from "@/api/schema";
import { useTexts } from "@/i18n/language";
import { ago, bytes, count, dateTime } from "@/i18n/numbers";
import { Confirm, type Outcome } from "@/ui/confirm";
import { DataTable } from "@/ui/data-table";
import { Paged } from "@/ui/paged";
import { visible } from "@/ui/visible";
import { DeadLetter } from "./dead-letter";
import { deadTexts } from "./dead-texts";

type Summary = components["schemas"]["LetterSummary"];
type Act = "requeue" | "drop";

const PAGE = 50;

export function DeadLettersTab() {
  const t = useTexts(deadTexts);
  const { reason, run_id } = useSearch({ from: "/operations" });
  const queries = useQueryClient();
  const [selected, select] = useState<ReadonlySet<string>>(new Set());
  const [act, setAct] = useState<Act | null>(null);
  const [open, setOpen] = useState<number | null>(null);
  const refresh = () => void queries.invalidateQueries({ queryKey: ["dead"] });
  useChanges(["dead"], refresh, 2000);
  const number = count(selected.size);
  return (
    <>
      <DeadFilters />
      {selected.size > 0 && (
        <div className="row">
          <button type="button" onClick={() => setAct("requeue")}>
            {t.requeue(number)}
          </button>
          <button type="button" className="danger" onClick={() => setAct("drop")}>
            {t.drop(number)}
          </button>
        </div>
      )}
      <Paged
        queryKey={["dead", reason, run_id]}
        read={async (cursor, signal) => {
          const query = { reason, run_id, cursor, limit: PAGE };
          const page = (await call("get", "/api/dead", { query, signal })).data;
          return { ...page, items: page.items.toReversed() };
        }}
      >
        {(letters) => <Letters letters={letters} selecting={{ selected, select }} open={setOpen} />}
      </Paged>
      {act && (
        <Confirm
          title={act === "drop" ? t.dropTitle(number) : t.requeueTitle(number)}
          go={act === "drop" ? t.goDrop : t.go}
          danger={act === "drop"}
          act={() => carriedOut(act, selected)}
          close={(done) => {
            setAct(null);
            if (!done) return;
            select(new Set());
            refresh();
          }}
        >
          <p>{act === "drop" ? t.dropHelp : t.requeueHelp}</p>
        </Confirm>
      )}
      {open !== null && <DeadLetter seq={open} close={() => setOpen(null)} />}
    </>
  );
}

async function carriedOut(act: Act, selected: ReadonlySet<string>): Promise<Outcome[]> {
  const body = { seqs: [...selected].map(Number) };
  const done =
    act === "drop"
      ? await call("post", "/api/dead/drop", { body })
      : await call("post", "/api/dead/requeue", { body });
  return done.data.items.map(({ seq, problem }) => ({ id: String(seq), problem }));
}

interface LettersGiven {
  letters: Summary[];
  selecting: Parameters<typeof DataTable>[0]["selecting"] & object;
  open: (seq: number) => void;
}

function Letters({ letters, selecting, open }: LettersGiven) {
  const t = useTexts(deadTexts);
  return (
    <DataTable
      caption={t.caption}
      rows={letters}
      keyOf={(letter) => String(letter.seq)}
      none={t.none}
      selecting={selecting}
      columns={[
        { head: t.seq, className: "number", cell: (letter) => letter.seq },
        {
          head: t.time,
          cell: (letter) => <span title={dateTime(letter.time)}>{ago(letter.time)}</span>,
        },
        {
          head: t.reason,
          className: "wrap",
          cell: (letter) => (
            <>
              <strong>{letter.code}</strong> {visible(letter.reason)}
            </>
          ),
        },
        {
          head: t.source,
          className: "hide-narrow wrap mono",
          cell: (letter) => visible(letter.source),
        },
        {
          head: t.run,
          className: "hide-narrow",
          cell: (letter) =>
            letter.run_id && (
              <Link to="/r/$runId" params={{ runId: letter.run_id }} className="mono">
                {letter.run_id.slice(0, 8)}…
              </Link>
            ),
        },
        { head: t.size, className: "number hide-narrow", cell: (letter) => bytes(letter.size) },
        {
          head: t.open,
          quiet: true,
          cell: (letter) => (
            <button type="button" onClick={() => open(letter.seq)}>
              {t.open}
            </button>
          ),
        },
      ]}
    />
  );
}

function DeadFilters() {
  const t = useTexts(deadTexts);
  const search = useSearch({ from: "/operations" });
  const navigate = useNavigate({ from: "/operations" });
  const put = (name: "reason" | "run_id", value: string) =>
    void navigate({
      search: ({ [name]: _, ...others }) => (value ? { ...others, [name]: value } : others),
      replace: true,
    });
  return (
    <search className="row">
      {(["reason", "run_id"] as const).map((name) => (
        <label key={name}>
          {name === "reason" ? t.filterReason : t.filterRun}{" "}
          <input
            key={search[name] ?? ""}
            defaultValue={search[name]}
            onBlur={(event) => put(name, event.target.value.trim())}
            onKeyDown={(event) => {
              if (event.key === "Enter") put(name, event.currentTarget.value.trim());
            }}
          />
        </label>
      ))}
    </search>
  );
}
