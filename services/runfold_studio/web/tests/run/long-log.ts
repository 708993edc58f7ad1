/** A log as long as one likes, for what has to bear many events. */

import type { LogEvent } from "@/run/events";

/** A loop over many items with one task each, as a scheduler writes it. */
export function longLog(items: number): LogEvent[] {
  const config = { nodes: [{ id: "call", type: "noop" }], edges: [], items: "{{list}}" };
  const definition = { id: "w", nodes: [{ id: "each", type: "loop", config }], edges: [] };
  const envelope = { run_id: "r", workflow_id: "w" };
  const events: unknown[] = [{ ...envelope, type: "run_started", definition }];
  const add = (event: object) => events.push({ ...envelope, ...event });
  add({ type: "loop_started", node_id: "each", total: items });
  for (let index = 0; index < items; index += 1) {
    const scope = `each[${index}]`;
    add({ type: "loop_next", node_id: "each", index });
    add({ type: "node_run_started", node_id: "call", scope });
    add({ type: "node_run_succeeded", node_id: "call", scope, outputs: { output: index } });
    add({ type: "loop_item_succeeded", node_id: "each", index, output: index });
  }
  add({ type: "loop_succeeded", node_id: "each", outputs: {} });
  add({ type: "run_succeeded", outputs: {} });
  return events.map((event, place) => ({
    ...(event as object),
    id: `e${place}`,
    seq: place * 3 + 1,
    time: 1000 + place / 100,
  })) as LogEvent[];
}
