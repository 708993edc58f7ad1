/** The nodes of both runs, those that differ alone or all. */

import { useRef, useState } from "react";
import { useTexts } from "@/i18n/language";
import { count, duration } from "@/i18n/numbers";
import { Status } from "@/ui/status";
import { visible } from "@/ui/visible";
import { useVisibleRows } from "@/ui/visible-rows";
import { type NodeDiff, type RunDiff, WORDS } from "./differences";
import { diffTexts } from "./texts";

const ROW = 30;

interface Given {
  diff: RunDiff;
  node: string | null;
  select: (address: string) => void;
}

export function NodeTable({ diff, node, select }: Given) {
  const t = useTexts(diffTexts);
  const [only, setOnly] = useState(true);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = only ? diff.nodes.filter((one) => one.change !== "same") : diff.nodes;
  const { first, end } = useVisibleRows(scroller, ROW, rows.length);
  return (
    <section className="diff-nodes" aria-label={t.node}>
      <label className="check">
        <input type="checkbox" checked={only} onChange={(event) => setOnly(event.target.checked)} />{" "}
        {t.onlyDifferences}
      </label>
      {rows.length === 0 && <p className="muted">{t.noneDiffer}</p>}
      <div className="diff-rows" ref={scroller}>
        <ul style={{ height: rows.length * ROW }}>
          {rows.slice(first, end).map((row, place) => (
            <li
              key={row.address}
              style={{ top: (first + place) * ROW, height: ROW }}
              data-chosen={row.address === node || undefined}
            >
              <button type="button" className="plain" onClick={() => select(row.address)}>
                <Status status={WORDS[row.change]} />
                <span className="cut about">{visible(row.address)}</span>
                <Statuses row={row} />
                <span className="muted hide-narrow">
                  {pair(row.duration_a, row.duration_b, duration)}
                </span>
                <span className="muted hide-narrow">{pair(row.tokens_a, row.tokens_b, count)}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
      {diff.more_nodes > 0 && <p className="muted">{t.moreNodes(count(diff.more_nodes))}</p>}
    </section>
  );
}

function Statuses({ row }: { row: NodeDiff }) {
  if (row.change !== "status") return null;
  return (
    <span className="row hide-narrow">
      {row.status_a && <Status status={row.status_a} />}→
      {row.status_b && <Status status={row.status_b} />}
    </span>
  );
}

function pair(a: number | null, b: number | null, shown: (value: number) => string): string {
  if (!a && !b) return "";
  return `${a === null ? "–" : shown(a)} → ${b === null ? "–" : shown(b)}`;
}
