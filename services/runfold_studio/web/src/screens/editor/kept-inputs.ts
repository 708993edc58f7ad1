/** Inputs of runs that somebody keeps under a name, and the last ones; in this browser alone. */

import { forGood } from "@/api/kept";

export interface KeptSet {
  name: string;
  values: Record<string, unknown>;
}

const MOST = 20;
/** The name of what a run was begun with last. */
export const LAST = "";

function place(workflowId: string): string {
  return `runfold.inputs.${workflowId}`;
}

export function keptSets(workflowId: string): KeptSet[] {
  const text = forGood.get(place(workflowId));
  if (text === null) return [];
  try {
    const sets: unknown = JSON.parse(text);
    return Array.isArray(sets) ? sets.filter(isSet) : [];
  } catch {
    // Something else wrote there: nothing is kept then.
    return [];
  }
}

function isSet(value: unknown): value is KeptSet {
  const set = value as KeptSet | null;
  return typeof set?.name === "string" && typeof set.values === "object" && set.values !== null;
}

export function keepSet(workflowId: string, set: KeptSet): KeptSet[] {
  const others = keptSets(workflowId).filter((one) => one.name !== set.name);
  return write(workflowId, [set, ...others].slice(0, MOST));
}

export function forgetSet(workflowId: string, name: string): KeptSet[] {
  return write(
    workflowId,
    keptSets(workflowId).filter((one) => one.name !== name),
  );
}

function write(workflowId: string, sets: KeptSet[]): KeptSet[] {
  forGood.set(place(workflowId), JSON.stringify(sets));
  return sets;
}
