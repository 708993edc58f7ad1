/** What happened to a box between two versions, said on the box. */

import { createContext, useContext } from "react";

export type Mark = "added" | "removed" | "changed";
export type Marks = ReadonlyMap<string, Mark>;

const NONE: Marks = new Map();

export const MarksContext = createContext<Marks>(NONE);

export function useMark(address: string): Mark | undefined {
  return useContext(MarksContext).get(address);
}
