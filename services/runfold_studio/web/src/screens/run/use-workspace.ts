/** Puts together what the parts of the screen share, from a run and the address of the page. */

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { boxOf } from "@/graph/graph";
import { addressIn, type Picks, pickKey, picksFor } from "@/run/items";
import { type Moment, momentOf } from "@/run/moment";
import type { RunData } from "@/run/store";
import { useEvents } from "./use-events";
import type { View, Workspace } from "./workspace";

/** Milliseconds after which the address of the page says where the playhead has come to rest. */
const REST = 250;
/** Events to both sides of the playhead that are had at hand: the next steps are taken at once. */
const AROUND = 300;

export interface Given {
  runId: string | null;
  data: RunData;
  view: View;
  change: (changes: View) => void;
}

/** @returns Null before the run has an event. */
export function useWorkspace(given: Given): Workspace | null {
  const { runId, data, view, change } = given;
  const { place, goTo } = usePlace(given);
  const [chosen, setChosen] = useState<Picks>(new Map());
  const now = useMemo(() => momentOf(data, place), [data, place]);
  // While older events come, the run stays as it was shown last.
  const shown = useRef<Moment | null>(null);
  useEffect(() => {
    if (now) shown.current = now;
  });
  const moment = now ?? shown.current;
  const { node } = view;
  const picks = useMemo(
    () => (node ? new Map([...chosen, ...picksFor(node)]) : chosen),
    [chosen, node],
  );
  return useMemo(() => {
    if (!moment) return null;
    const select = (address: string | null) =>
      change({ node: address ?? undefined, attempt: undefined });
    const resolved = (box: string, by: Picks) => addressIn(moment.state, box, by) ?? box;
    return {
      runId,
      data,
      moment,
      place: place === null ? moment.count : Math.max(1, Math.min(place, data.count)),
      view,
      change,
      goTo,
      picks,
      pick: (address, body, index) => {
        const next = new Map(picks);
        if (index === null) next.delete(pickKey(address, body));
        else next.set(pickKey(address, body), index);
        setChosen(next);
        if (node?.startsWith(`${address}[`)) select(resolved(boxOf(node), next));
      },
      selected: node ? selectedNode(node, (box) => resolved(box, picks)) : null,
      select,
      selectBox: (box) => select(box && resolved(box, picks)),
    } satisfies Workspace;
  }, [runId, data, moment, place, view, change, goTo, picks, node]);
}

function selectedNode(
  node: string,
  resolved: (box: string) => string,
): { address: string; box: string } {
  const box = boxOf(node);
  return { box, address: box === node ? resolved(box) : node };
}

/** Where the playhead is, in events; the address of the page follows when it rests. */
function usePlace({ data, view, change }: Given): {
  place: number | null;
  goTo: (count: number | null) => void;
} {
  const [place, setPlace] = useState<number | null>(null);
  /** What the address said, or was made to say, last. */
  const written = useRef<string | undefined>(undefined);
  const { history, state } = data;
  const last = history.lastSeq;
  const { at } = view;
  useEffect(() => {
    if (at === written.current) return;
    // The event that the address names may come later than the first ones.
    if (at !== undefined && last < Number(at) && state === "loading") return;
    written.current = at;
    setPlace(at === undefined ? null : Math.max(1, history.countUpTo(Number(at))));
  }, [at, last, state, history]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const goTo = useCallback(
    (count: number | null) => {
      setPlace(count);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        written.current = count === null ? undefined : String(history.index.seq(count - 1));
        change({ at: written.current });
      }, REST);
    },
    [history, change],
  );
  const around = useMemo(
    () => (place === null ? [] : [-AROUND, 0, AROUND].map((step) => place - 1 + step)),
    [place],
  );
  useEvents(data, around);
  return { place, goTo };
}
