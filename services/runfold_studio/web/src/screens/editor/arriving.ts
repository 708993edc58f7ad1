/** The place that somebody asked for by the address of the page, such as from a node of a run. No React. */

import { boxOf } from "@/graph/graph";
import { isObject } from "@/graph/source/values";
import type { Session } from "./session";

/** A node of a run, to be tried with what that run had. */
export interface Tried {
  run: string;
  /** Of the node in the run: with its items and rounds. */
  address: string;
}

/**
 * Show a node of a run, also where it is in a workflow that a node of the document calls, and select it.
 *
 * @returns Its address in the workflow that is shown; empty where there is none any more.
 */
export function showNode(session: Session, addressInRun: string): string {
  session.show([]);
  let steps = boxOf(addressInRun).split("/");
  for (;;) {
    const { drawn } = session.store.getState();
    const box = steps.join("/");
    if (drawn.places.nodes.has(box)) {
      session.select([box]);
      return box;
    }
    const call = callIn(session, steps);
    if (!call) return "";
    session.show(["workflows", call.workflow]);
    steps = steps.slice(call.steps);
  }
}

/** The first node on the way that calls a workflow of the document, and how many steps lead to it. */
function callIn(
  session: Session,
  steps: readonly string[],
): { workflow: string; steps: number } | null {
  const { drawn } = session.store.getState();
  for (let count = 1; count < steps.length; count += 1) {
    const place = drawn.places.nodes.get(steps.slice(0, count).join("/"));
    const node = place && drawn.document.at(place.path);
    if (!isObject(node) || node.type !== "sub_workflow" || !isObject(node.config)) continue;
    const workflow = String(node.config.workflow ?? "");
    if (isObject(drawn.document.at(["workflows", workflow]))) return { workflow, steps: count };
  }
  return null;
}

/** A node in a run by its box: in the first item, round or branch of all that is around it. */
export function inFirstItem(box: string): string {
  const steps = box.split("/");
  const around = steps.slice(0, -1).map((step) => {
    const open = step.indexOf("[");
    return open < 0 ? `${step}[0]` : `${step.slice(0, -1)}.0]`;
  });
  return [...around, steps.at(-1)].join("/");
}
