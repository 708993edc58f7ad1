/** Reads values that are written as YAML, of which JSON is a part. Loaded where somebody writes such. */

import { parse } from "yaml";
import type { Read } from "./value-kinds";

/** References to one place that a text may have. */
const MOST_ALIASES = 100;

export function readValue(text: string): Read {
  try {
    return { value: parse(text, { schema: "core", maxAliasCount: MOST_ALIASES }) };
  } catch (error) {
    const said = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return { problem: said ?? "" };
  }
}
