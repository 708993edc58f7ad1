/** One node in both runs: what it was given and what it gave, differences first. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ApiProblem, call } from "@/api/client";
import { schemaOf } from "@/forms/fields/schema";
import { withoutBodies } from "@/graph/diff-graph";
import { boxOf } from "@/graph/graph";
import { useTexts } from "@/i18n/language";
import { Loading, Problem } from "@/ui/states";
import { Status } from "@/ui/status";
import { visible } from "@/ui/visible";
import { compared, type RunDiff } from "./differences";
import { Pair } from "./pair";
import { diffTexts } from "./texts";
import { useDefinitions } from "./use-definitions";

type Values = Record<string, unknown>;

/**
 * @param told What the comparison says of the node in that run: another word of it asks again.
 */
function useNode(runId: string, address: string, told: unknown) {
  return useQuery({
    queryKey: ["run", runId, "node", address, told],
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
  const row = diff.nodes.find((one) => one.address === address);
  const left = useNode(diff.a.run_id, address, [row?.status_a, row?.duration_a]);
  const right = useNode(diff.b.run_id, address, [row?.status_b, row?.duration_b]);
  const problem = left.error ?? right.error;
  if (problem) return <Problem error={problem} />;
  if (left.isPending || right.isPending) return <Loading />;
  const [a, b] = [left.data, right.data];
  return (
    <div className="stack">
      <h2 className="cut">{visible(address)}</h2>
      <div className="sides">
        {(
          [
            ["left", a, diff.a.run_id],
            ["right", b, diff.b.run_id],
          ] as const
        ).map(([side, one, runId]) => (
          <div key={side}>
            <Link to="/r/$runId" params={{ runId }} search={{ node: address }}>
              {t[side]}
            </Link>{" "}
            {one ? <Status status={one.status} /> : <span className="muted">{t.notRun}</span>}
            {one?.error && (
              <p>
                <code>{one.error.code}</code> {visible(one.error.message)}
              </p>
            )}
          </div>
        ))}
      </div>
      {!diff.same_definition && <Written diff={diff} address={address} />}
      <Both title={t.outputs} left={a?.outputs ?? {}} right={b?.outputs ?? {}} />
      <Both title={t.given} left={a?.inputs?.config ?? {}} right={b?.inputs?.config ?? {}} />
    </div>
  );
}

/** What of the node itself is not the same in the two definitions. */
function Written({ diff, address }: { diff: RunDiff; address: string }) {
  const t = useTexts(diffTexts);
  const { drawn } = useDefinitions(diff);
  const box = boxOf(address);
  if (!drawn?.marks.has(box)) return null;
  const [left, right] = [drawn.left, drawn.right].map((graph) => {
    const node = graph.nodes.find((one) => one.address === box);
    if (!node) return {};
    const { type, name, config } = node;
    return { type, ...(name && { name }), ...schemaOf(withoutBodies(config)) };
  });
  const pairs = compared(left ?? {}, right ?? {}).filter((one) => !one.same);
  return (
    <section className="stack small-gap" aria-label={t.written}>
      <h3>{t.written}</h3>
      {pairs.map((one) => (
        <Pair key={one.name} one={one} />
      ))}
    </section>
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
