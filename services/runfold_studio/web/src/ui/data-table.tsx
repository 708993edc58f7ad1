/** A table of things that are all at hand, with the means to select some. */

import type { ReactNode } from "react";
import { useTexts } from "@/i18n/language";
import { Empty } from "./states";
import { uiTexts } from "./texts";
import "./data-table.css";

export interface Column<T> {
  head: string;
  cell: (row: T) => ReactNode;
  /** `number` stands to the right, `hide-narrow` is left out on narrow screens. */
  className?: string;
  /** Whether the head is for screen readers alone. */
  quiet?: boolean;
}

export interface Selecting {
  selected: ReadonlySet<string>;
  select: (selected: ReadonlySet<string>) => void;
}

interface Given<T> {
  caption: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  keyOf: (row: T) => string;
  none: string;
  selecting?: Selecting;
}

export function DataTable<T>({ caption, rows, columns, keyOf, none, selecting }: Given<T>) {
  if (rows.length === 0) return <Empty>{none}</Empty>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what does not fit is scrolled to by keyboard
    <section className="table-scroller" aria-label={caption} tabIndex={0}>
      <table>
        <caption className="hidden-text">{caption}</caption>
        <thead>
          <tr>
            {selecting && <SelectAll keys={rows.map(keyOf)} {...selecting} />}
            {columns.map((column) => (
              <th key={column.head} scope="col" className={column.className}>
                {column.quiet ? <span className="hidden-text">{column.head}</span> : column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {selecting && <SelectOne name={keyOf(row)} {...selecting} />}
              {columns.map((column) => (
                <td key={column.head} className={column.className}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function SelectAll({ keys, selected, select }: Selecting & { keys: string[] }) {
  const t = useTexts(uiTexts);
  return (
    <th scope="col" className="tick">
      <input
        type="checkbox"
        aria-label={t.selectAll}
        checked={selected.size > 0}
        onChange={() => select(new Set(selected.size > 0 ? [] : keys))}
      />
    </th>
  );
}

function SelectOne({ name, selected, select }: Selecting & { name: string }) {
  const t = useTexts(uiTexts);
  const toggle = () => {
    const next = new Set(selected);
    if (!next.delete(name)) next.add(name);
    select(next);
  };
  return (
    <td className="tick">
      <input
        type="checkbox"
        aria-label={t.select(name)}
        checked={selected.has(name)}
        onChange={toggle}
      />
    </td>
  );
}
