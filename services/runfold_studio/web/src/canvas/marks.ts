/** What happened to a box between two versions, said on the box. */

import { createContext, useContext } from "react";
import type { Mark, Marks } from "@/graph/diff-graph";

const NONE: Marks = new Map();

export const MarksContext = createContext<Marks>(NONE);

export function useMark(address: string): Mark | undefined {
  return useContext(MarksContext).get(address);
}
