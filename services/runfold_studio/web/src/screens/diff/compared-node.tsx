/** One node in both runs: what it was given and what it gave, differences first. */

import { useQuery } from "@tanstack/react-query";
import { ApiProblem, call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { Loading, Problem } from "@/ui/states";
import { Status } from "@/ui/status";
import { visible } from "@/ui/visible";
import { compared, type RunDiff } from "./differences";
import { Pair } from "./pair";
import { diffTexts } from "./texts";

type Values = Record<string, unknown>;

function useNode(runId: string, address: string) {
  return useQuery({
    queryKey: ["run", runId, "node", address],
    queryFn: async () => {
      try {
        const path = { run_id: runId, address };
        return (await call("get", "/api/runs/{run_id}/nodes/{address}", { path })).data;
      } catch (problem) {
        if (problem instanceof ApiProblem && problem.code === "node.not_found") return null;
        throw problem;
      }
    },
  });
}

export function ComparedNode({ diff, address }: { diff: RunDiff; address: string }) {
  const t = useTexts(diffTexts);
  const left = useNode(diff.a.run_id, address);
  const right = useNode(diff.b.run_id, address);
  const problem = left.error ?? right.error;
  if (problem) return <Problem error={problem} />;
  if (left.isPending || right.isPending) return <Loading />;
  const [a, b] = [left.data, right.data];
  return (
    <div className="stack">
      <h2 className="cut">{visible(address)}</h2>
      <div className="sides">
        {[a, b].map((one, place) => (
          <div key={place === 0 ? t.left : t.right}>
            <span className="muted">{place === 0 ? t.left : t.right}</span>{" "}
            {one ? <Status status={one.status} /> : <span className="muted">{t.notRun}</span>}
            {one?.error && (
              <p>
                <code>{one.error.code}</code> {visible(one.error.message)}
              </p>
            )}
          </div>
        ))}
      </div>
      <Both title={t.outputs} left={a?.outputs ?? {}} right={b?.outputs ?? {}} />
      <Both title={t.given} left={a?.inputs?.config ?? {}} right={b?.inputs?.config ?? {}} />
    </div>
  );
}

function Both({ title, left, right }: { title: string; left: Values; right: Values }) {
  const pairs = compared(left, right);
  if (pairs.length === 0) return null;
  return (
    <section className="stack small-gap" aria-label={title}>
      <h3>{title}</h3>
      {pairs.map((one) => (
        <Pair key={one.name} one={one} />
      ))}
    </section>
  );
}
