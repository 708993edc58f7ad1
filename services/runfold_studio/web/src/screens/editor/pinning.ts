/** Pins outputs of a session's nodes, and says why one cannot be pinned. No React. */

import { placesOf } from "@/graph/bodies";
import { caseInputs } from "@/graph/case-inputs";
import { casesOf, outputsOf, pinsOf } from "@/graph/pins";
import { isObject, valueAt, withValue } from "@/graph/source/values";
import { keptSets, LAST } from "./kept-inputs";
import { readInputs } from "./read-inputs";
import type { Session } from "./session";

/** The types of all nodes of the document by id, those of its other workflows included. */
export function typesById(session: Session): Map<string, string[]> {
  const { document } = session.store.getState().drawn;
  const inner = document.at(["workflows"]);
  const roots = [
    [],
    ...Object.keys(isObject(inner) ? inner : {}).map((name) => ["workflows", name]),
  ];
  const found = new Map<string, string[]>();
  for (const root of roots)
    for (const { id, path } of placesOf(document.value, session.kinds, root).nodes.values())
      found.set(id, [...(found.get(id) ?? []), String(document.at([...path, "type"]))]);
  return found;
}

/** Why a node has no replies; null when it may have some. */
export function whyNotPinned(session: Session, id: string): "noNode" | "decided" | null {
  const types = typesById(session).get(id);
  if (!types) return "noNode";
  const isDecided = types.every((type) => {
    const kind = session.kinds.get(type);
    return kind?.runs_in === "scheduler" && kind.type !== "placeholder";
  });
  return isDecided ? "decided" : null;
}

/** Inputs of a new case: those of a run, else those that a run was begun with last. */
export function inputsOfCase(
  session: Session,
  ofRun: Readonly<Record<string, unknown>> | null,
): Record<string, unknown> {
  const { drawn, checked } = session.store.getState();
  const last = keptSets(session.workflowId).find((one) => one.name === LAST)?.values;
  return caseInputs(drawn.document.at(["inputs"]), ofRun ?? last ?? {}, readInputs(checked));
}

/**
 * What is pinned of the names that a trial is given values for.
 *
 * @returns the values, and the names that they are of.
 */
export function pinnedValues(
  document: unknown,
  names: readonly string[][],
): { values: unknown; from: string[] } {
  let values: unknown = {};
  const from = new Set<string>();
  for (const path of names) {
    const [root = "", ...rest] = path;
    const found = pinnedOutputs(document, root) ?? pinnedInput(document, root);
    const value = found === undefined ? undefined : valueAt(found, rest);
    if (value !== undefined) from.add(root);
    values = withValue(values, path, value ?? "");
  }
  return { values, from: [...from] };
}

function pinnedOutputs(document: unknown, id: string): Record<string, unknown> | undefined {
  for (const pin of pinsOf(document, id)) {
    const outputs = outputsOf(pin.reply);
    if (outputs) return outputs;
  }
  return undefined;
}

/** An input of a case that pins something. */
function pinnedInput(document: unknown, name: string): unknown {
  return casesOf(document).find(
    (one) => Object.keys(one.replies).length > 0 && Object.hasOwn(one.inputs, name),
  )?.inputs[name];
}
