/** What differs between two versions: marked on the canvas, and listed setting by setting. */

import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { call } from "@/api/client";
import type { components } from "@/api/schema";
import { Canvas } from "@/canvas/canvas";
import { diffGraph, type Mark } from "@/graph/diff-graph";
import { graphOf } from "@/graph/graph";
import { useTexts } from "@/i18n/language";
import { Loading, Problem } from "@/ui/states";
import { visible } from "@/ui/visible";
import { editorTexts } from "./texts";
import type { Desk } from "./use-session";

type Diff = components["schemas"]["WorkflowDiff"];
type Change = components["schemas"]["Change"];

export function Differences({ desk, from, to }: { desk: Desk; from: string; to: string }) {
  const t = useTexts(editorTexts);
  const { workflowId, kinds } = desk.session;
  const path = { workflow_id: workflowId };
  const diff = useQuery({
    queryKey: ["diff", workflowId, from, to, desk.draft.etag],
    queryFn: async () =>
      (await call("get", "/api/workflows/{workflow_id}/diff", { path, query: { from, to } })).data,
  });
  const before = useDefinition(desk, from);
  const after = useDefinition(desk, to);
  const [selected, setSelected] = useState<readonly string[]>([]);
  const drawn = useMemo(
    () =>
      diff.data && before !== undefined && after !== undefined
        ? diffGraph(graphOf(before, kinds), graphOf(after, kinds), marksOf(diff.data))
        : null,
    [before, after, kinds, diff.data],
  );
  if (diff.error) return <Problem error={diff.error} />;
  if (!diff.data) return <Loading />;
  const name = (version: string) =>
    version === "draft" ? t.runDraft : t.runVersion(Number(version));
  return (
    <section className="stack" aria-label={t.differences(name(from), name(to))}>
      <h3>{t.differences(name(from), name(to))}</h3>
      {diff.data.same && <p className="muted">{t.theSame}</p>}
      {drawn && !diff.data.same && drawn.graph.nodes.length > 0 && (
        <div className="diff-canvas hide-narrow">
          <Canvas
            graph={drawn.graph}
            marks={drawn.marks}
            selected={selected}
            onSelect={(addresses) => setSelected(addresses)}
          />
        </div>
      )}
      <Lists diff={diff.data} only={selected[0] ?? ""} />
    </section>
  );
}

function marksOf({ nodes }: Diff): ReadonlyMap<string, Mark> {
  return new Map([
    ...nodes.changed.map((one) => [one.node, "changed"] as const),
    ...nodes.added.map((one) => [one.node, "added"] as const),
    ...nodes.removed.map((one) => [one.node, "removed"] as const),
  ]);
}

/** The canonical definition of a version; undefined while it is read, null of a draft with mistakes. */
function useDefinition(desk: Desk, version: string): unknown {
  const path = { workflow_id: desk.session.workflowId };
  const found = useQuery({
    queryKey: ["definition", path.workflow_id, version, desk.draft.etag],
    queryFn: async () => {
      const answer = await call("get", "/api/workflows/{workflow_id}", {
        path,
        query: { version },
      });
      return typeof answer.data === "object" ? answer.data.definition : null;
    },
  });
  return found.data;
}

function Lists({ diff, only }: { diff: Diff; only: string }) {
  const t = useTexts(editorTexts);
  const isShown = (node: string) => only === "" || node === only;
  const edge = (one: { source: string; target: string; port?: string }) =>
    `${one.source} ${one.port ?? ""} → ${one.target}`;
  return (
    <>
      {diff.nodes.removed
        .filter((one) => isShown(one.node))
        .map((one) => (
          <p key={one.node} className="diff-removed">
            − {t.removed}: <span className="mono">{one.node}</span> ({one.type})
          </p>
        ))}
      {diff.nodes.added
        .filter((one) => isShown(one.node))
        .map((one) => (
          <p key={one.node} className="diff-added">
            + {t.added}: <span className="mono">{one.node}</span> ({one.type})
          </p>
        ))}
      {diff.nodes.changed
        .filter((one) => isShown(one.node))
        .map((one) => (
          <details key={one.node} open={only !== ""}>
            <summary>
              ~ {t.changedNode}: <span className="mono">{one.node}</span> ({one.type})
            </summary>
            <Changes changes={one.changes} />
          </details>
        ))}
      {diff.edges.removed.map((one) => (
        <p key={edge(one)} className="diff-removed mono">
          − {edge(one)}
        </p>
      ))}
      {diff.edges.added.map((one) => (
        <p key={edge(one)} className="diff-added mono">
          + {edge(one)}
        </p>
      ))}
      {(["inputs", "outputs", "settings", "other"] as const).map((part) =>
        diff[part].length === 0 ? null : (
          <details key={part} open>
            <summary>{t[part]}</summary>
            <Changes changes={diff[part]} />
          </details>
        ),
      )}
    </>
  );
}

function Changes({ changes }: { changes: readonly Change[] }) {
  const t = useTexts(editorTexts);
  return changes.map((one) => (
    <div key={one.path} className="diff-change">
      <span className="mono">{one.path}</span>
      {one.before !== undefined && (
        <pre className="diff-removed">
          − <span className="hidden-text">{t.before} </span>
          {shown(one.before)}
        </pre>
      )}
      {one.after !== undefined && (
        <pre className="diff-added">
          + <span className="hidden-text">{t.after} </span>
          {shown(one.after)}
        </pre>
      )}
    </div>
  ));
}

const LONGEST = 20_000;

function shown(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return visible(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}
