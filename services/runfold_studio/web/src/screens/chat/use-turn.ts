/** Follows what the run of a turn says. */

import { useEffect, useRef, useState } from "react";
import { type Connection, follow } from "@/api/streams";
import { heard, NO_TURN, type Turn } from "./turn";

export interface LiveTurn extends Turn {
  run: string;
  /** Why the stream cannot be followed. */
  refused: Error | null;
}

/**
 * What a run has said, kept when it is followed no longer.
 *
 * @param run The run; empty: none.
 * @param followed Whether to go on listening.
 * @param ended Called when the run has ended.
 */
export function useTurn(run: string, followed: boolean, ended: () => void): LiveTurn | null {
  const [turn, setTurn] = useState<LiveTurn | null>(null);
  const told = useRef(ended);
  useEffect(() => {
    told.current = ended;
  });
  useEffect(() => {
    if (run === "" || !followed) return;
    let live: LiveTurn = { ...NO_TURN, run, refused: null };
    let frame = 0;
    const show = () => {
      frame = 0;
      setTurn(live);
    };
    setTurn(live);
    const onState = (state: Connection, problem?: Error) => {
      if (state === "refused" && problem) live = { ...live, refused: problem };
      if (state !== "refused" && state !== "ended") return;
      setTurn(live);
      told.current();
    };
    const leave = follow({
      path: `/api/runs/${encodeURIComponent(run)}/stream`,
      onFrames: (frames) => {
        live = { ...live, ...heard(live, frames) };
        // A picture a frame, however many pieces come; frames do not come while the tab is hidden.
        frame ||= requestAnimationFrame(show);
      },
      onState,
    });
    return () => {
      leave();
      cancelAnimationFrame(frame);
    };
  }, [run, followed]);
  return turn?.run === run ? turn : null;
}
