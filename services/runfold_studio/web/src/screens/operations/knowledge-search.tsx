/** Looks for passages in a knowledge base, as a workflow would. */

import { type FormEvent, useState } from "react";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { Empty, Problem } from "@/ui/states";
import { visible } from "@/ui/visible";
import { knowledgeTexts } from "./knowledge-texts";

const MODES = ["hybrid", "semantic", "full_text"] as const;
type Mode = (typeof MODES)[number];
const MOST = 100;

interface Passage {
  content?: unknown;
  title?: unknown;
  score?: unknown;
}

export function KnowledgeSearch({ base }: { base: string }) {
  const t = useTexts(knowledgeTexts);
  const [found, setFound] = useState<Passage[] | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  const search = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = new FormData(event.currentTarget);
    const mode = String(said.get("mode"));
    const body = {
      query: String(said.get("query")),
      top_k: Number(said.get("top_k")),
      ...(mode && { mode: mode as Mode }),
    };
    setRefused(null);
    try {
      const path = { base };
      setFound((await call("post", "/api/knowledge/{base}/search", { path, body })).data.items);
    } catch (problem) {
      setRefused(problem);
    }
  };
  return (
    <search className="stack">
      <form className="row" onSubmit={(event) => void search(event)}>
        <label>
          {t.query} <input name="query" required />
        </label>
        <label>
          {t.mode}{" "}
          <select name="mode">
            <option value="">{t.best}</option>
            {MODES.map((mode) => (
              <option key={mode} value={mode}>
                {t[mode]}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t.most} <input name="top_k" type="number" min={1} max={MOST} defaultValue={5} />
        </label>
        <button type="submit" className="primary">
          {t.search}
        </button>
      </form>
      {refused !== null && <Problem error={refused} />}
      {found?.length === 0 && <Empty>{t.nothing}</Empty>}
      <ol>
        {found?.map((passage, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: passages are one answer and have no ids
          <li key={index} className="card">
            <div className="row spread">
              <strong>{visible(String(passage.title ?? ""))}</strong>
              <span className="muted">
                {t.score} {Number(passage.score ?? 0).toFixed(3)}
              </span>
            </div>
            <pre>{visible(String(passage.content ?? ""))}</pre>
          </li>
        ))}
      </ol>
    </search>
  );
}
