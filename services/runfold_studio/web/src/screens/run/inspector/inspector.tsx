/** The node that is selected, in parts; or the run itself while none is. */

import { useCallback, useState } from "react";
import { useTexts } from "@/i18n/language";
import { shownStatus } from "@/run/shown";
import { hasEnded, type NodeState } from "@/run/state";
import { later } from "@/ui/later";
import { type MenuPlace, placeBelow } from "@/ui/menu-place";
import { Status } from "@/ui/status";
import { visible } from "@/ui/visible";
import { RetryDialog } from "../actions/dialogs";
import { NodeMenu } from "../menus";
import { useWorkspace } from "../workspace";
import { NodeOutput } from "./node-output";
import { NodeSummary } from "./node-summary";
import { RunSummary } from "./run-summary";
import { inspectorTexts } from "./texts";

const AgentSteps = later(async () => (await import("./agent-steps")).AgentSteps);
const NodeInputs = later(async () => (await import("./node-inputs")).NodeInputs);
const NodeEvents = later(async () => (await import("./node-events")).NodeEvents);
const WhyNot = later(async () => (await import("./why-not")).WhyNot);

/** Where the focus goes when somebody asks for a node. */
export const INSPECTOR = "run-inspector";

type Part = "summary" | "given" | "output" | "steps" | "events" | "why";

export function Inspector() {
  const t = useTexts(inspectorTexts);
  const { selected } = useWorkspace();
  return (
    <aside
      className="inspector"
      id={INSPECTOR}
      tabIndex={-1}
      aria-label={selected ? t.node : t.run}
    >
      {selected ? <OneNode key={selected.address} address={selected.address} /> : <RunSummary />}
    </aside>
  );
}

function OneNode({ address }: { address: string }) {
  const t = useTexts(inspectorTexts);
  const { runId, moment, data, select } = useWorkspace();
  const { plan, state } = moment;
  const node = state.nodes.get(address);
  const planned = plan.node(address);
  const ran = node !== undefined && node.startedAt !== null && node.status !== "skipped";
  const [chosen, setChosen] = useState<Part | null>(null);
  const [retrying, setRetrying] = useState(false);
  const [menu, setMenu] = useState<MenuPlace | null>(null);
  const closeMenu = useCallback(() => setMenu(null), []);
  const parts = partsOf(node, ran);
  const part = parts.find((one) => one === chosen) ?? parts[0] ?? "why";
  const ended = hasEnded(data.history.newest?.head.status ?? "running");
  return (
    <>
      <div className="row spread">
        <h2 className="cut">{visible(planned?.name || address)}</h2>
        <span className="row heads">
          <button
            type="button"
            className="plain"
            aria-haspopup="menu"
            aria-label={t.menu}
            onClick={(event) => setMenu(placeBelow(event.currentTarget))}
          >
            ⋯
          </button>
          <button
            type="button"
            className="plain"
            aria-label={t.deselect}
            onClick={() => select(null)}
          >
            ✕
          </button>
        </span>
      </div>
      {menu && <NodeMenu address={address} place={menu} close={closeMenu} />}
      <div className="row">
        <span className="mono cut muted">{visible(address)}</span>
        <span className="muted">{planned?.type}</span>
        {node && <Status status={shownStatus(plan, state, node)} />}
      </div>
      <fieldset className="tab-row bare" aria-label={t.parts}>
        {parts.map((one) => (
          <button
            key={one}
            type="button"
            className="plain"
            aria-pressed={one === part}
            onClick={() => setChosen(one)}
          >
            {t[one]}
          </button>
        ))}
      </fieldset>
      {part === "summary" && node && <NodeSummary node={node} />}
      {part === "given" && <NodeInputs address={address} node={node} />}
      {part === "output" && node && <NodeOutput node={node} />}
      {part === "steps" && node && <AgentSteps node={node} />}
      {part === "events" && <NodeEvents address={address} />}
      {part === "why" && <WhyNot address={address} />}
      {runId !== null && ended && node && (
        <button type="button" onClick={() => setRetrying(true)}>
          {t.retryFrom}
        </button>
      )}
      {retrying && runId !== null && (
        <RetryDialog runId={runId} node={address} close={() => setRetrying(false)} />
      )}
    </>
  );
}

function partsOf(node: NodeState | undefined, ran: boolean): Part[] {
  if (!node) return ["why"];
  const parts: Part[] = ran ? ["summary"] : ["why", "summary"];
  if (node.attempts.length > 0) parts.push("given");
  if (ran) parts.push("output");
  if (node.composite?.kind === "agent") parts.push("steps");
  return [...parts, "events"];
}
