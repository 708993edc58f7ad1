/** The variables of a conversation as its newest run has them, read off the run's log. */

import { call, exchange } from "@/api/client";
import type { components } from "@/api/schema";
import { schemaOf } from "@/forms/fields/schema";

type Node = Pick<components["schemas"]["NodeView"], "address" | "status" | "outputs">;
type Event = Record<string, unknown>;

const OWNER = "conversation";
const PREFIX = `${OWNER}.`;

/**
 * The values after a run's events.
 *
 * An assignment says what is done; what came of it stands in the outputs of the node that did it.
 */
export function variablesAfter(events: readonly Event[], nodes: readonly Node[]): Event {
  const outputs = new Map(
    nodes.filter((one) => one.status === "succeeded").map((one) => [one.address, one.outputs]),
  );
  const values = new Map<string, unknown>();
  for (const event of events) {
    if (event.type === "run_started") {
      const declared = schemaOf(schemaOf(event.definition).conversation);
      const begun = { ...declared, ...schemaOf(event.conversation) };
      for (const [name, value] of Object.entries(begun)) values.set(name, value);
      continue;
    }
    const address = event.scope ? `${event.scope}/${event.node_id}` : String(event.node_id);
    const came = outputs.get(address);
    if (!came) continue;
    for (const name of assignedBy(event)) if (name in came) values.set(name, came[name]);
  }
  return Object.fromEntries(values);
}

function assignedBy(event: Event): string[] {
  const assignments = Array.isArray(event.assignments) ? (event.assignments as Event[]) : [];
  return assignments
    .filter((one) => one.owner === OWNER)
    .map((one) => String(one.variable).replace(PREFIX, ""));
}

/** The variables of the conversation that a run is a part of, as the run has them now. */
export async function conversationVariables(run_id: string, signal: AbortSignal): Promise<Event> {
  const query = { types: ["run_started", "variables_assigned"] };
  const path = `/api/runs/${encodeURIComponent(run_id)}/events`;
  const [log, run] = await Promise.all([
    exchange("get", path, { query, signal, accept: "application/x-ndjson" }),
    call("get", "/api/runs/{run_id}", { path: { run_id }, signal }),
  ]);
  const lines = (await log.text()).split("\n").filter((line) => line !== "");
  return variablesAfter(
    lines.map((line) => JSON.parse(line) as Event),
    run.data.nodes,
  );
}
