/** Runs the selected node alone, with values that are written here or taken from a run. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { ApiProblem, call } from "@/api/client";
import { TreeField } from "@/forms/value-field";
import { isObject } from "@/graph/source/values";
import { useTexts } from "@/i18n/language";
import { ago } from "@/i18n/numbers";
import { Problem } from "@/ui/states";
import { Status } from "@/ui/status";
import { Value } from "@/ui/value";
import { visible } from "@/ui/visible";
import { PinDialog } from "./pin-dialog";
import { pinTexts } from "./pin-texts";
import { pinnedValues } from "./pinning";
import { prefixOf } from "./session";
import { editorTexts } from "./texts";
import { readNames } from "./trial";
import { type Desk, useAction, usePart } from "./use-session";

const RUNS = 10;
const WAIT = 30;

interface Result {
  runId: string;
  status: string;
  outputs: unknown;
  error: unknown;
}

export function TryNode({ desk, address }: { desk: Desk; address: string }) {
  const { session } = desk;
  const t = useTexts(editorTexts);
  const words = useTexts(pinTexts);
  const action = useAction();
  const drawn = usePart(session.store, (state) => state.drawn);
  const place = drawn.places.nodes.get(address);
  const node = place ? drawn.document.at(place.path) : undefined;
  const scope = usePart(
    session.store,
    (state) => state.checked?.nodes?.[prefixOf(state.root) + address]?.in_scope,
  );
  const names = useMemo(() => {
    // What only the node itself provides, such as the arguments of a tool, is no value of a trial.
    const roots = scope && new Set(scope.map((one) => one.name.split(".")[0]));
    return readNames(node).filter(([root]) => !roots || roots.has(root));
  }, [node, scope]);
  const [context, setContext] = useState<unknown>(undefined);
  const [run, setRun] = useState("");
  const [result, setResult] = useState<Result | null>(null);
  const [pinning, setPinning] = useState(false);
  const runs = useQuery({
    queryKey: ["runs", session.workflowId, "newest"],
    queryFn: async () =>
      (
        await call("get", "/api/runs", {
          query: { workflow_id: session.workflowId, limit: RUNS },
        })
      ).data.items,
  });
  const pinned = useMemo(
    () => pinnedValues(drawn.document.value, names),
    [drawn.document.value, names],
  );
  const values = context ?? pinned.values;
  const start = async () => {
    setResult(null);
    const answer = await call("post", "/api/nodes/try", {
      query: { wait: WAIT },
      body: {
        node,
        ...(run ? { run_id: run, address } : {}),
        ...(run && context === undefined ? {} : { context: isObject(values) ? values : {} }),
      },
    });
    setResult(resultOf(answer.data));
  };
  if (!isObject(node)) return null;
  return (
    <div className="panel stack">
      <p className="muted">{t.tryHelp}</p>
      <label>
        {t.fromRun}
        <select value={run} onChange={(event) => setRun(event.target.value)}>
          <option value="">{t.noRun}</option>
          {runs.data?.map((one) => (
            <option key={one.run_id} value={one.run_id}>
              {one.run_id.slice(0, 8)} · {one.status} · {one.started_at ? ago(one.started_at) : ""}
            </option>
          ))}
        </select>
      </label>
      <div>
        <strong>{t.values}</strong>
        {names.length === 0 ? (
          <p className="muted">{t.noValues}</p>
        ) : (
          <>
            <TreeField
              id="trial-context"
              label={t.values}
              value={run && context === undefined ? {} : values}
              set={(next) => setContext(next ?? {})}
            />
            {!run && context === undefined && pinned.from.length > 0 && (
              <p className="muted">⚑ {words.fromPins(visible(pinned.from.join(", ")))}</p>
            )}
          </>
        )}
      </div>
      <button
        type="button"
        className="primary"
        disabled={action.busy}
        onClick={() => action.run(start)}
      >
        {action.busy ? t.trying : t.tryNow}
      </button>
      {action.problem !== null && <Problem error={action.problem} />}
      {action.problem instanceof ApiProblem && Array.isArray(action.problem.document.missing) && (
        <p className="mono">{action.problem.document.missing.join(", ")}</p>
      )}
      {result && (
        <section className="stack" aria-label={t.outputs} role="status">
          <div className="row">
            <Status status={result.status} />
            <Link to="/r/$runId" params={{ runId: result.runId }}>
              {t.openRun}
            </Link>
            {result.status === "succeeded" && (
              <button type="button" onClick={() => setPinning(true)}>
                ⚑ {words.pin}
              </button>
            )}
          </div>
          <Value value={result.error ?? result.outputs} name={String(node.id)} />
        </section>
      )}
      {result && pinning && (
        <PinDialog
          session={session}
          recorded={{ runId: result.runId, address: String(node.id), ofTrial: true }}
          close={() => setPinning(false)}
        />
      )}
    </div>
  );
}

function resultOf(answer: unknown): Result {
  const run = isObject(answer) ? answer : {};
  return {
    runId: String(run.run_id ?? ""),
    status: String(run.status ?? "running"),
    outputs: run.outputs,
    error: run.error || null,
  };
}
