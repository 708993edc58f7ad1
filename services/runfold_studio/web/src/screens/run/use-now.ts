/** The time up to which a run is shown: the clock's while it goes on, else that of its newest event. */

import { useEffect, useState } from "react";
import { hasEnded } from "@/run/state";
import { useWorkspace } from "./workspace";

/** @returns Unix seconds; a new second makes a new drawing. */
export function useNow(): number {
  const { moment, data } = useWorkspace();
  const { status } = moment.state.head;
  const goesOn = !hasEnded(status) && moment.isNewest && data.state === "open";
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    if (!goesOn) return;
    const timer = setInterval(() => setNow(Date.now() / 1000), 1000);
    return () => clearInterval(timer);
  }, [goesOn]);
  // The clocks of browser and stream may differ.
  return goesOn ? Math.max(now, moment.event.time) : moment.event.time;
}
