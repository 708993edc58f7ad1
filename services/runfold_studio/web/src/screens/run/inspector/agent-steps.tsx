/** An agent's rounds: what its model thought and said, the calls it asked for, and what came of them. */

import { useTexts } from "@/i18n/language";
import { childScope } from "@/run/addresses";
import type { ToolCall } from "@/run/fold/agents";
import { bodyName } from "@/run/fold/scopes";
import type { NodeState } from "@/run/state";
import { ShownValue } from "@/ui/shown-value";
import { Status } from "@/ui/status";
import { ValueTree } from "@/ui/value-tree";
import { visible } from "@/ui/visible";
import { useWorkspace } from "../workspace";
import { inspectorTexts } from "./texts";

export function AgentSteps({ node }: { node: NodeState }) {
  const t = useTexts(inspectorTexts);
  const { select } = useWorkspace();
  const agent = node.composite;
  if (agent?.kind !== "agent") return null;
  if (agent.rounds.length === 0) return <p className="muted">{t.noSteps}</p>;
  const inside = (scope: number) =>
    `${childScope(node.address, scope, bodyName(agent, scope))}/call`;
  return (
    <ol className="steps">
      {agent.rounds.map((round, place) => (
        <li key={round.scope} className="stack small-gap">
          <button type="button" className="plain" onClick={() => select(inside(round.scope))}>
            <strong>{t.round(place + 1)}</strong>
          </button>
          {round.reasoning && (
            <details>
              <summary className="muted">{t.thought}</summary>
              <ShownValue value={round.reasoning} name="thought" />
            </details>
          )}
          {round.content && <ShownValue value={round.content} name="said" />}
          {round.calls.map((call) => (
            <Call
              key={call.id}
              call={call}
              open={call.scope < 0 ? null : () => select(inside(call.scope))}
            />
          ))}
        </li>
      ))}
    </ol>
  );
}

const STATUS: Record<ToolCall["status"], string> = {
  planned: "pending",
  asked: "waiting",
  approved: "ready",
  running: "running",
  done: "succeeded",
};

function Call({ call, open }: { call: ToolCall; open: (() => void) | null }) {
  const t = useTexts(inspectorTexts);
  return (
    <div className="card stack small-gap">
      <div className="row">
        {open ? (
          <button type="button" className="plain mono" onClick={open}>
            {visible(call.name)}
          </button>
        ) : (
          <span className="mono">{visible(call.name)}</span>
        )}
        <Status status={call.error ? "failed" : STATUS[call.status]} />
      </div>
      {call.arguments && <ValueTree value={call.arguments} />}
      {call.told && (
        <details>
          <summary className="muted">{t.toModel}</summary>
          <ShownValue value={call.told} name="told" />
        </details>
      )}
    </div>
  );
}
