/** The log as it is, event by event; the one under the playhead can be read whole. */

import { useMemo, useRef, useState } from "react";
import { useTexts } from "@/i18n/language";
import { clock, count } from "@/i18n/numbers";
import { type Filter, fitting, GROUPS, type Group, gistOf } from "@/run/filter";
import { ShownValue } from "@/ui/shown-value";
import { visible } from "@/ui/visible";
import { useVisibleRows } from "@/ui/visible-rows";
import { timeTexts } from "./time-texts";
import { useEased } from "./use-eased";
import { useEvents } from "./use-events";
import { useWorkspace } from "./workspace";

const ROW = 26;
/** Milliseconds between two drawings while events come. */
const EASED = 300;

export function EventLog() {
  const t = useTexts(timeTexts);
  const { data, moment, selected, goTo, select } = useWorkspace();
  const [filter, setFilter] = useState<Omit<Filter, "node">>({ group: "all", text: "" });
  const [only, setOnly] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);
  const { history } = data;
  const total = useEased(data.count, EASED);
  const node = only && selected ? selected.address : "";
  const places = useMemo(
    () => fitting(history, total, { ...filter, node }),
    [history, total, filter, node],
  );
  const { first, end } = useVisibleRows(scroller, ROW, places.length);
  const rows = useMemo(() => places.slice(first, end), [places, first, end]);
  useEvents(data, rows);
  return (
    <div className="event-log">
      <div className="row log-filter">
        <input
          type="search"
          aria-label={t.search}
          placeholder={t.search}
          value={filter.text}
          onChange={(event) => setFilter({ ...filter, text: event.target.value })}
        />
        <select
          aria-label={t.type}
          value={filter.group}
          onChange={(event) => setFilter({ ...filter, group: event.target.value as Group })}
        >
          {GROUPS.map((group) => (
            <option key={group} value={group}>
              {t[group]}
            </option>
          ))}
        </select>
        {selected && (
          <label className="check">
            <input
              type="checkbox"
              checked={only}
              onChange={(event) => setOnly(event.target.checked)}
            />{" "}
            {t.onlySelected}
          </label>
        )}
        <span className="muted">{t.shown(count(places.length), count(total))}</span>
      </div>
      {places.length === 0 && <p className="muted">{t.noEvents}</p>}
      <div className="log-rows" ref={scroller}>
        <ol style={{ height: places.length * ROW }}>
          {rows.map((place, index) => {
            const about = history.aboutAt(place);
            const event = history.pages.at(place);
            return (
              <li
                key={place}
                style={{ top: (first + index) * ROW, height: ROW }}
                data-at={place === moment.count - 1 || undefined}
                data-later={place >= moment.count || undefined}
              >
                <button
                  type="button"
                  className="plain"
                  onClick={() => {
                    goTo(place + 1);
                    if (about) select(about);
                  }}
                >
                  <span className="mono muted seq">{history.index.seq(place)}</span>
                  <span className="mono muted hide-narrow">{clock(history.index.time(place))}</span>
                  <span className="mono type">{history.index.type(place)}</span>
                  <span className="cut about">{visible(about)}</span>
                  <span className="cut muted hide-narrow">{event && visible(gistOf(event))}</span>
                </button>
              </li>
            );
          })}
        </ol>
      </div>
      <details className="at-head">
        <summary>
          {t.asJson} <span className="mono muted">{moment.event.seq}</span>
        </summary>
        <ShownValue value={moment.event} name={`event-${moment.event.seq}`} />
      </details>
    </div>
  );
}
