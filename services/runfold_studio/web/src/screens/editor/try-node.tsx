/** Runs the selected node alone, with values that are written here or taken from a run. */

import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { ApiProblem, call } from "@/api/client";
import { TreeField } from "@/forms/value-field";
import { boxOf } from "@/graph/graph";
import { isObject } from "@/graph/source/values";
import { useTexts } from "@/i18n/language";
import { Problem } from "@/ui/states";
import { Status } from "@/ui/status";
import { Value } from "@/ui/value";
import { visible } from "@/ui/visible";
import { inFirstItem, type Tried } from "./arriving";
import { FromRun } from "./from-run";
import { PinDialog } from "./pin-dialog";
import { pinTexts } from "./pin-texts";
import { pinnedValues } from "./pinning";
import { prefixOf } from "./session";
import { editorTexts } from "./texts";
import { readNames } from "./trial";
import { type Desk, useAction, usePart } from "./use-session";

const WAIT = 30;

interface Result {
  runId: string;
  status: string;
  outputs: unknown;
  error: unknown;
}

interface Given {
  desk: Desk;
  address: string;
  /** The run, and the node of it, that somebody came from. */
  tried: Tried | null;
}

export function TryNode({ desk, address, tried }: Given) {
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
  // Undefined until somebody writes; null when all of it was deleted.
  const [context, setContext] = useState<unknown>(undefined);
  const root = usePart(session.store, (state) => state.root);
  const from = tried && `/${boxOf(tried.address)}`.endsWith(`/${address}`) ? tried : null;
  const [run, setRun] = useState(from?.run ?? "");
  const [where, setWhere] = useState(
    () => from?.address ?? (root.length ? "" : inFirstItem(address)),
  );
  const [result, setResult] = useState<Result | null>(null);
  const workflows = drawn.document.at(["workflows"]);
  const pinned = useMemo(
    () => pinnedValues(drawn.document.value, names),
    [drawn.document.value, names],
  );
  const values = context === undefined ? pinned.values : context;
  const start = async () => {
    setResult(null);
    const answer = await call("post", "/api/nodes/try", {
      query: { wait: WAIT },
      body: {
        node,
        ...(run ? { run_id: run, address: where } : {}),
        ...(isObject(workflows) ? { workflows } : {}),
        ...(run && context === undefined ? {} : { context: isObject(values) ? values : {} }),
      },
    });
    setResult(resultOf(answer.data));
  };
  if (!isObject(node)) return null;
  return (
    <div className="panel stack">
      <p className="muted">{t.tryHelp}</p>
      <FromRun
        workflowId={session.workflowId}
        run={run}
        choose={setRun}
        where={where}
        {...(root.length > 0 || address.includes("/") ? { place: setWhere } : {})}
      />
      <div>
        <strong>{t.values}</strong>
        {names.length === 0 ? (
          <p className="muted">{t.noValues}</p>
        ) : (
          <>
            <TreeField
              id="trial-context"
              label={t.values}
              value={run && context === undefined ? {} : (values ?? undefined)}
              set={(next) => setContext(next ?? null)}
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
        disabled={action.busy || (run !== "" && where === "")}
        onClick={() => action.run(start)}
      >
        {action.busy ? t.trying : t.tryNow}
      </button>
      {action.problem !== null && <Problem error={action.problem} />}
      {action.problem instanceof ApiProblem && Array.isArray(action.problem.document.missing) && (
        <p className="mono">{action.problem.document.missing.join(", ")}</p>
      )}
      {result && <TrialResult session={session} id={String(node.id)} result={result} />}
    </div>
  );
}

interface Shown {
  session: Desk["session"];
  /** Of the node. */
  id: string;
  result: Result;
}

function TrialResult({ session, id, result }: Shown) {
  const t = useTexts(editorTexts);
  const words = useTexts(pinTexts);
  const [pinning, setPinning] = useState(false);
  return (
    <>
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
        <Value value={result.error ?? result.outputs} name={id} />
      </section>
      {pinning && (
        <PinDialog
          session={session}
          recorded={{ runId: result.runId, address: id, ofTrial: true }}
          close={() => setPinning(false)}
        />
      )}
    </>
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
