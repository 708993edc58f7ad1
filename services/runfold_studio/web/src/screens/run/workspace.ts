/** What all parts of the screen of a run share: the run at a moment, what is selected, where to go. */

import { createContext, useContext } from "react";
import type { Picks } from "@/run/items";
import type { Moment } from "@/run/moment";
import type { RunData } from "@/run/store";

/** What stands in the address of the page. */
export interface View {
  /** Sequence of the event up to which the run is shown; without it, all of it as it goes on. */
  at?: string | undefined;
  /** Address of a node in the run, or of a box that it has not come to. */
  node?: string | undefined;
  attempt?: string | undefined;
  tab?: string | undefined;
}

export interface Workspace {
  /** Null: a log from a file, of which nothing can be asked and to which nothing can be done. */
  readonly runId: string | null;
  readonly data: RunData;
  readonly moment: Moment;
  /** How many events the playhead stands after: more or less than `moment` has while events come. */
  readonly place: number;
  readonly view: View;
  change(changes: View): void;
  /** Show the run after so many events; null: as it is now. */
  goTo(count: number | null): void;
  readonly picks: Picks;
  /** Look at another item of a composite; null: the newest, whichever that is. */
  pick(address: string, body: string, index: number | null): void;
  /** The node that is looked at, and its box; null when none is. */
  readonly selected: { readonly address: string; readonly box: string } | null;
  select(address: string | null): void;
  selectBox(box: string | null): void;
}

export const WorkspaceContext = createContext<Workspace | null>(null);

export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext);
  if (!workspace) throw new Error("there is no run around this");
  return workspace;
}
