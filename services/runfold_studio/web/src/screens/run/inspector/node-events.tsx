/** The events about one node, up to the playhead. */

import { useMemo } from "react";
import { useTexts } from "@/i18n/language";
import { clock } from "@/i18n/numbers";
import { aboutOf, gistOf } from "@/run/filter";
import { visible } from "@/ui/visible";
import { useWorkspace } from "../workspace";
import { inspectorTexts } from "./texts";

/** Events that are shown: the newest. */
const MOST = 200;

export function NodeEvents({ address }: { address: string }) {
  const t = useTexts(inspectorTexts);
  const { data, moment, goTo } = useWorkspace();
  const { count } = moment;
  const found = useMemo(() => {
    const { events } = data.history;
    const places: number[] = [];
    for (let place = count - 1; place >= 0 && places.length < MOST; place -= 1) {
      const event = events[place];
      if (event && aboutOf(event) === address) places.push(place);
    }
    return places.reverse();
  }, [data.history, count, address]);
  return (
    <ol className="node-events" aria-label={t.events}>
      {found.map((place) => {
        const event = data.history.events[place];
        return (
          event && (
            <li key={event.seq}>
              <button type="button" className="plain" onClick={() => goTo(place + 1)}>
                <span className="mono muted">{event.seq}</span>{" "}
                <span className="mono">{event.type}</span>{" "}
                <span className="muted">{clock(event.time)}</span>
              </button>
              <div className="muted gist">{visible(gistOf(event))}</div>
            </li>
          )
        );
      })}
    </ol>
  );
}
