/** A row for each node: when it was queued, ran, failed, backed off and waited. Idle time is cut. */

import { memo, useMemo, useRef } from "react";
import { useTexts } from "@/i18n/language";
import { clock, duration } from "@/i18n/numbers";
import { type Bar, type Row, Rows, Scale } from "@/run/timeline";
import { Status } from "@/ui/status";
import { visible } from "@/ui/visible";
import { useVisibleRows } from "@/ui/visible-rows";
import { timeTexts } from "./time-texts";
import { useEased } from "./use-eased";
import { useNow } from "./use-now";
import { useWorkspace } from "./workspace";

const ROW = 26;
/** Milliseconds between two drawings of a run that goes on. */
const EASED = 300;

export function Timeline() {
  const t = useTexts(timeTexts);
  const workspace = useWorkspace();
  const moment = useEased(workspace.moment, workspace.moment.isNewest ? EASED : 0);
  const { selected, select } = workspace;
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => new Rows(moment), [moment]);
  const now = useEased(useNow(), workspace.moment.isNewest ? EASED : 0);
  const { startedAt } = moment.state.head;
  const scale = useMemo(() => new Scale(rows, startedAt, now), [rows, startedAt, now]);
  const { first, end } = useVisibleRows(scroller, ROW, rows.length);
  if (rows.length === 0) return <p className="muted">{t.noRows}</p>;
  return (
    <div className="timeline" ref={scroller}>
      <div className="axis" aria-hidden="true">
        {scale.stretches.map((one) => (
          <span
            key={one.from}
            className={one.cut ? "stretch cut-time" : "stretch"}
            style={span(one.start, one.end)}
            title={one.cut ? t.cut(duration(one.to - one.from)) : undefined}
          >
            {one.cut ? duration(one.to - one.from) : clock(one.from)}
          </span>
        ))}
      </div>
      <ul style={{ height: rows.length * ROW }}>
        {rows.slice(first, end).map((row, place) => (
          <TimelineRow
            key={row.address}
            row={row}
            top={(first + place) * ROW}
            spans={row.bars.map((bar) => span(scale.at(bar.from), scale.at(bar.to ?? now)))}
            now={row.bars.some((bar) => bar.to === null) ? now : 0}
            chosen={row.address === selected?.address}
            select={select}
          />
        ))}
      </ul>
    </div>
  );
}

interface Place {
  readonly left: string;
  readonly width: string;
}

/** To a tenth of a pixel: what moves by less is not drawn again. */
function span(start: number, end: number): Place {
  return { left: percent(start), width: percent(Math.max(0, end - start)) };
}

function percent(part: number): string {
  return `${Math.round(part * 10_000) / 100}%`;
}

interface RowGiven {
  row: Row;
  top: number;
  /** Where its bars are drawn. */
  spans: readonly Place[];
  /** 0 where none of its bars goes on. */
  now: number;
  chosen: boolean;
  select: (address: string) => void;
}

function isSame(a: RowGiven, b: RowGiven): boolean {
  return (
    a.row === b.row &&
    a.top === b.top &&
    a.now === b.now &&
    a.chosen === b.chosen &&
    a.select === b.select &&
    a.spans.every(
      ({ left, width }, at) => left === b.spans[at]?.left && width === b.spans[at].width,
    )
  );
}

const TimelineRow = memo(function TimelineRow({ row, top, spans, now, chosen, select }: RowGiven) {
  const t = useTexts(timeTexts);
  const say = (bar: Bar) =>
    t.bar(t[bar.kind], bar.attempt, clock(bar.from), duration((bar.to ?? now) - bar.from));
  return (
    <li style={{ top, height: ROW }} data-chosen={chosen || undefined}>
      <button
        type="button"
        className="plain row-name"
        style={{ paddingLeft: 8 + row.depth * 12 }}
        title={visible(row.address)}
        onClick={() => select(row.address)}
      >
        <span className="cut">{visible(row.address)}</span>
        <Status status={row.status} />
        <span className="hidden-text">{row.bars.map(say).join("; ")}</span>
      </button>
      <span className="bars" aria-hidden="true">
        {row.bars.map((bar, at) => (
          <span
            key={`${bar.kind} ${bar.attempt} ${bar.from}`}
            className={`bar bar-${bar.kind}`}
            style={spans[at]}
            title={say(bar)}
          />
        ))}
      </span>
    </li>
  );
}, isSame);
