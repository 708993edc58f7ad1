/** The events about one node, up to the playhead. */

import { useMemo } from "react";
import { useTexts } from "@/i18n/language";
import { clock } from "@/i18n/numbers";
import { gistOf } from "@/run/filter";
import { visible } from "@/ui/visible";
import { useEvents } from "../use-events";
import { useWorkspace } from "../workspace";
import { inspectorTexts } from "./texts";

/** Events that are shown: the newest. */
const MOST = 200;
/** Events that are asked for where they are not at hand, for what they say. */
const TOLD = 20;

export function NodeEvents({ address }: { address: string }) {
  const t = useTexts(inspectorTexts);
  const { data, moment, goTo } = useWorkspace();
  const { count } = moment;
  const found = useMemo(() => {
    const places: number[] = [];
    for (let place = count - 1; place >= 0 && places.length < MOST; place -= 1)
      if (data.history.aboutAt(place) === address) places.push(place);
    return places.reverse();
  }, [data.history, count, address]);
  const shown = useMemo(() => found.slice(-TOLD), [found]);
  useEvents(data, shown);
  return (
    <ol className="node-events" aria-label={t.events}>
      {found.map((place) => {
        const { index, pages } = data.history;
        const event = pages.at(place);
        return (
          <li key={place}>
            <button type="button" className="plain" onClick={() => goTo(place + 1)}>
              <span className="mono muted">{index.seq(place)}</span>{" "}
              <span className="mono">{index.type(place)}</span>{" "}
              <span className="muted">{clock(index.time(place))}</span>
            </button>
            <div className="muted gist">{event && visible(gistOf(event))}</div>
          </li>
        );
      })}
    </ol>
  );
}
