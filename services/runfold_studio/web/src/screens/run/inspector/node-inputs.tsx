/** What an attempt of a node was given, as the gateway finds it again from the log. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { call } from "@/api/client";
import { useKinds } from "@/canvas/use-drawing";
import { useTexts } from "@/i18n/language";
import type { NodeState } from "@/run/state";
import { Loading, Problem } from "@/ui/states";
import { Value } from "@/ui/value";
import { visible } from "@/ui/visible";
import { useWorkspace } from "../workspace";
import { inspectorTexts } from "./texts";

export function NodeInputs({ address, node }: { address: string; node: NodeState | undefined }) {
  const t = useTexts(inspectorTexts);
  const { runId, view, change } = useWorkspace();
  const attempts = node?.attempts.filter((one) => one.readySeq !== null) ?? [];
  const wanted = attempts.find((one) => String(one.attempt) === view.attempt) ?? attempts.at(-1);
  if (runId === null) return <p className="muted">{t.fileOnly}</p>;
  if (!wanted) return <p className="muted">{t.noInputs}</p>;
  return (
    <div className="stack">
      {attempts.length > 1 && (
        <label>
          {t.attempt}{" "}
          <select
            value={wanted.attempt}
            onChange={(event) => change({ attempt: event.target.value })}
          >
            {attempts.map((one) => (
              <option key={one.attempt} value={one.attempt}>
                {one.attempt}
              </option>
            ))}
          </select>
        </label>
      )}
      {node?.composite?.kind === "agent" && <p className="muted">{t.askedInSteps}</p>}
      <Given runId={runId} address={address} attempt={wanted.attempt} seq={wanted.readySeq ?? 0} />
    </div>
  );
}

interface GivenTo {
  runId: string;
  address: string;
  attempt: number;
  /** Of the event that made the attempt ready: an attempt of another one was given other things. */
  seq: number;
}

function Given({ runId, address, attempt, seq }: GivenTo) {
  const t = useTexts(inspectorTexts);
  const { moment } = useWorkspace();
  const found = useQuery({
    queryKey: ["run", runId, "inputs", address, attempt, seq],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () =>
      (
        await call("get", "/api/runs/{run_id}/nodes/{address}", {
          path: { run_id: runId, address },
          query: { attempt },
        })
      ).data.inputs,
  });
  const asWritten = useAsWritten(moment.plan.node(address)?.type ?? "");
  if (found.isPending) return <Loading />;
  if (found.error) return <Problem error={found.error} again={() => void found.refetch()} />;
  if (!found.data) return <p className="muted">{t.noInputs}</p>;
  const { config, values, unresolved } = found.data;
  const [rendered, written] = parted(config, asWritten);
  return (
    <div className="stack">
      <Section title={t.rendered} values={rendered} />
      <Section title={t.values} values={values} />
      {Object.keys(written).length > 0 && (
        <details>
          <summary>{t.asWritten}</summary>
          <Section title={t.asWritten} values={written} hidden />
        </details>
      )}
      {Object.keys(unresolved).length > 0 && (
        <section aria-label={t.unresolved}>
          <h3>{t.unresolved}</h3>
          <ul>
            {Object.entries(unresolved).map(([field, why]) => (
              <li key={field}>
                <code>{visible(field)}</code> {visible(why)}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

/** Settings that a node reads as they stand, or that what is inside it reads. */
function useAsWritten(type: string): ReadonlySet<string> {
  const kinds = useKinds();
  return useMemo(() => {
    const kind = kinds.data?.get(type);
    return new Set([...(kind?.raw ?? []), ...(kind?.bodies?.inner ?? [])]);
  }, [kinds.data, type]);
}

type Values = Record<string, unknown>;

/** What was rendered, and what was not. */
function parted(config: Values, asWritten: ReadonlySet<string>): [Values, Values] {
  const all = Object.entries(config);
  return [
    Object.fromEntries(all.filter(([name]) => !asWritten.has(name))),
    Object.fromEntries(all.filter(([name]) => asWritten.has(name))),
  ];
}

interface Shown {
  title: string;
  values: Values;
  /** Whether the title stands above already. */
  hidden?: boolean;
}

function Section({ title, values, hidden = false }: Shown) {
  const entries = Object.entries(values);
  if (entries.length === 0) return null;
  return (
    <section className="stack small-gap" aria-label={title}>
      {!hidden && <h3>{title}</h3>}
      {entries.map(([name, value]) => (
        <div key={name}>
          <code className="tree-name">{visible(name)}</code> <Value value={value} name={name} />
        </div>
      ))}
    </section>
  );
}
