/** The stored workflows, and ready ones to begin with. */

import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useChanges } from "@/api/changes";
import { call } from "@/api/client";
import { useSaid } from "@/i18n/kinds";
import { useTexts } from "@/i18n/language";
import { ago } from "@/i18n/numbers";
import { Empty, Loading, Problem } from "@/ui/states";
import { useTitle } from "@/ui/title";
import { visible } from "@/ui/visible";
import { ImportDrop } from "./import";
import { NewWorkflow } from "./new-workflow";
import { workflowsTexts } from "./texts";

const PAGE = 50;
/** Milliseconds between two looks at what changed. */
const EVERY = 1_500;

export function WorkflowsScreen() {
  const t = useTexts(workflowsTexts);
  useTitle(t.title);
  const [making, setMaking] = useState(false);
  const list = useInfiniteQuery({
    queryKey: ["workflows", "list"],
    initialPageParam: "",
    queryFn: async ({ pageParam }) =>
      (await call("get", "/api/workflows", { query: { limit: PAGE, cursor: pageParam } })).data,
    getNextPageParam: (page) => page.next_cursor || undefined,
  });
  const queries = useQueryClient();
  const refresh = () => void queries.invalidateQueries({ queryKey: ["workflows", "list"] });
  useChanges(["workflow"], refresh, EVERY);
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <ImportDrop>
      {(choose) => (
        <div className="page stack">
          <div className="row spread">
            <h1>{t.title}</h1>
            <div className="row">
              {choose}
              <button type="button" className="primary" onClick={() => setMaking(true)}>
                {t.create}
              </button>
            </div>
          </div>
          {making && <NewWorkflow close={() => setMaking(false)} />}
          {list.isPending && <Loading />}
          {list.error && <Problem error={list.error} again={() => void list.refetch()} />}
          {list.data && items.length === 0 && (
            <Empty>
              <h2>{t.none}</h2>
              <p>{t.noneHelp}</p>
            </Empty>
          )}
          {items.length > 0 && (
            <table>
              <thead>
                <tr>
                  <th>{t.name}</th>
                  <th>{t.version}</th>
                  <th className="hide-narrow">{t.changed}</th>
                  <th>
                    <span className="hidden-text">{t.runs}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {items.map((one) => (
                  <tr key={one.id}>
                    <td>
                      <Link to="/w/$workflowId" params={{ workflowId: one.id }}>
                        {visible(one.name || one.id)}
                      </Link>
                      <div className="muted mono">{one.id}</div>
                    </td>
                    <td>
                      {one.version ?? ""}{" "}
                      {one.has_changes && <span className="badge">{t.draft}</span>}
                    </td>
                    <td className="hide-narrow">{ago(one.updated_at)}</td>
                    <td>
                      <Link to="/runs" search={{ workflow_id: one.id }}>
                        {t.runs}
                      </Link>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          {list.hasNextPage && (
            <button type="button" onClick={() => void list.fetchNextPage()}>
              {t.more}
            </button>
          )}
          <Templates />
        </div>
      )}
    </ImportDrop>
  );
}

function Templates() {
  const t = useTexts(workflowsTexts);
  const said = useSaid();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { data, error } = useQuery({
    queryKey: ["templates"],
    queryFn: async () => (await call("get", "/api/templates")).data.items,
  });
  const [refused, setRefused] = useState<unknown>(null);
  const use = async (id: string) => {
    try {
      const stored = await call("post", "/api/workflows/from-template/{template_id}", {
        path: { template_id: id },
        body: {},
      });
      await queries.invalidateQueries({ queryKey: ["workflows"] });
      await navigate({ to: "/w/$workflowId", params: { workflowId: stored.data.id } });
    } catch (problem) {
      setRefused(problem);
    }
  };
  return (
    <section className="stack" aria-labelledby="templates">
      <h2 id="templates">{t.templates}</h2>
      {(refused ?? error) ? <Problem error={refused ?? error} /> : null}
      <ul className="cards">
        {data?.map((one) => (
          <li key={one.id} className="card stack">
            <h3>{said(one.name)}</h3>
            <p className="muted">{said(one.description)}</p>
            <button type="button" onClick={() => void use(one.id)}>
              {t.use} <span className="hidden-text">{said(one.name)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
