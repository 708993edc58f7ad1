/** The filters of a list of runs. */

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import {
  FILTERS,
  type Filter,
  type FilterChange,
  instantOf,
  labelsOf,
  localOf,
  type RunFilters,
} from "./filters";
import { runsTexts } from "./texts";

interface Given {
  filters: RunFilters;
  change: (next: FilterChange) => void;
  /** Whether only those are offered that groups of failures take. */
  few: boolean;
}

const SPANS = { hour: 3600, day: 86_400, week: 604_800, month: 2_592_000 } as const;
const MORE: readonly Filter[] = ["version", "label", "node", "error_code", "origin"];

export function FilterBar({ filters, change, few }: Given) {
  const t = useTexts(runsTexts);
  const any = FILTERS.some((name) => filters[name]);
  const text = (name: Filter, title: string, help: string): TextGiven => ({
    ...{ name, title, help, change },
    value: filters[name],
  });
  return (
    <search className="filters" aria-label={t.filters}>
      <div className="row">
        <WorkflowFilter filters={filters} change={change} />
        <TimeFilter filters={filters} change={change} />
        {!few && <TextFilter {...text("text", t.text, t.textHelp)} />}
        {any && (
          <button
            type="button"
            onClick={() => change(Object.fromEntries(FILTERS.map((name) => [name, undefined])))}
          >
            {t.clear}
          </button>
        )}
      </div>
      {!few && (
        <details open={MORE.some((name) => filters[name])}>
          <summary>{t.more}</summary>
          <div className="row">
            <TextFilter {...text("version", t.version, t.versionHelp)} />
            <LabelFilter filters={filters} change={change} />
            <TextFilter {...text("node", t.node, t.nodeHelp)} />
            <TextFilter {...text("error_code", t.errorCode, "llm.rate_limited")} />
            <TextFilter {...text("origin", t.origin, "")} />
          </div>
        </details>
      )}
    </search>
  );
}

function WorkflowFilter({ filters, change }: Omit<Given, "few">) {
  const t = useTexts(runsTexts);
  const { data } = useQuery({
    queryKey: ["workflows", "names"],
    queryFn: async () =>
      (await call("get", "/api/workflows", { query: { limit: 100 } })).data.items,
  });
  return (
    <>
      <TextFilter
        name="workflow_id"
        title={t.workflow}
        help={t.anyWorkflow}
        value={filters.workflow_id}
        change={change}
        list="workflow-ids"
      />
      <datalist id="workflow-ids">
        {data?.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </datalist>
    </>
  );
}

interface TextGiven {
  name: Filter;
  title: string;
  help: string;
  value: string | undefined;
  change: (next: FilterChange) => void;
  list?: string;
}

/** A field whose text counts once it is left or entered. */
function TextFilter({ name, title, help, value = "", change, list }: TextGiven) {
  const take = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = String(new FormData(event.currentTarget).get(name) ?? "").trim();
    if (said !== value) change({ [name]: said || undefined });
  };
  return (
    <form onSubmit={take} onBlur={take}>
      <label>
        <span>{title}</span>
        <input key={value} name={name} defaultValue={value} placeholder={help} list={list} />
      </label>
    </form>
  );
}

function LabelFilter({ filters, change }: Omit<Given, "few">) {
  const t = useTexts(runsTexts);
  const labels = labelsOf(filters);
  const put = (next: string[]) => change({ label: next.join("\n") || undefined });
  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = String(new FormData(event.currentTarget).get("label") ?? "").trim();
    if (said && !labels.includes(said)) put([...labels, said]);
    event.currentTarget.reset();
  };
  return (
    <form onSubmit={add} onBlur={add}>
      <label>
        <span>{t.label}</span>
        <input name="label" placeholder={t.labelHelp} />
      </label>
      {labels.map((label) => (
        <button
          key={label}
          type="button"
          className="cut"
          title={label}
          aria-label={t.removeLabel(label)}
          onClick={() => put(labels.filter((one) => one !== label))}
        >
          {label} ×
        </button>
      ))}
    </form>
  );
}

function TimeFilter({ filters, change }: Omit<Given, "few">) {
  const t = useTexts(runsTexts);
  const [choosing, setChoosing] = useState(false);
  const shown = choosing || Boolean(filters.from ?? filters.to);
  const choose = (span: string) => {
    setChoosing(span === "chosen");
    if (span === "chosen") return;
    const seconds = SPANS[span as keyof typeof SPANS];
    const from = seconds && new Date(Date.now() - seconds * 1000).toISOString();
    change({ from: from || undefined, to: undefined });
  };
  return (
    <>
      <label>
        <span>{t.since}</span>
        <select value={shown ? "chosen" : ""} onChange={(event) => choose(event.target.value)}>
          <option value="">{t.anyTime}</option>
          <option value="hour">{t.hour}</option>
          <option value="day">{t.day}</option>
          <option value="week">{t.week}</option>
          <option value="month">{t.month}</option>
          <option value="chosen">{t.chosen}</option>
        </select>
      </label>
      {shown &&
        (["from", "to"] as const).map((name) => (
          <label key={name}>
            <span>{t[name]}</span>
            <input
              type="datetime-local"
              value={localOf(filters[name])}
              onChange={(event) => change({ [name]: instantOf(event.target.value) })}
            />
          </label>
        ))}
    </>
  );
}
