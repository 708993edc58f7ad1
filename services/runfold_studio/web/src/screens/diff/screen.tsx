/** Two runs beside each other: where they part, which nodes differ, and in what. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { Loading, Problem } from "@/ui/states";
import { ComparedNode } from "./compared-node";
import { Heads } from "./heads";
import { NodeTable } from "./node-table";
import { diffTexts } from "./texts";
import "./diff.css";

/** Milliseconds between two comparisons of a run that goes on. */
const AGAIN = 3_000;
const DiffCanvas = lazy(() => import("./diff-canvas"));

export function DiffScreen() {
  const t = useTexts(diffTexts);
  const { left, right } = useParams({ from: "/diff/$left/$right" });
  const { node } = useSearch({ from: "/diff/$left/$right" });
  const navigate = useNavigate({ from: "/diff/$left/$right" });
  const select = (address: string | null) =>
    void navigate({ search: address ? { node: address } : {}, replace: true });
  const found = useQuery({
    queryKey: ["diff", left, right],
    queryFn: async () =>
      (
        await call("get", "/api/runs/{run_id}/diff/{other_id}", {
          path: { run_id: left, other_id: right },
        })
      ).data,
    // What is still going on is compared again until it has ended.
    refetchInterval: ({ state: { data } }) =>
      data && (data.a.duration === null || data.b.duration === null) ? AGAIN : false,
  });
  if (found.isPending) return <Loading />;
  if (found.error)
    return (
      <div className="page">
        <Problem error={found.error} again={() => void found.refetch()} />
      </div>
    );
  const diff = found.data;
  return (
    <div className="diff">
      <Heads diff={diff} node={node} />
      <section className="diff-canvas hide-narrow" aria-label={t.canvas}>
        <Suspense fallback={<Loading />}>
          <DiffCanvas diff={diff} node={node ?? null} select={select} />
        </Suspense>
      </section>
      <NodeTable diff={diff} node={node ?? null} select={select} />
      <aside className="diff-node" aria-label={t.node}>
        {node ? <ComparedNode key={node} diff={diff} address={node} /> : <p>{t.choose}</p>}
      </aside>
    </div>
  );
}
