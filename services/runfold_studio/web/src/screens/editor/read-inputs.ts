/** Inputs that a workflow reads. */

import type { Checked } from "./session";

/** Inputs that nodes of the workflow itself read, declared or not. */
export function readInputs(checked: Checked | null): string[] {
  const found = new Set<string>();
  for (const [address, node] of Object.entries(checked?.nodes ?? {})) {
    if (address.includes(":")) continue;
    for (const one of node.in_scope ?? []) if (one.kind === "input") found.add(one.name);
  }
  return [...found].filter((name) => /^[\p{L}\p{M}\p{N}_-]+$/u.test(name));
}
