/** A list of objects, or rows of a query, as a table; what is long is cut. */

import { useTexts } from "@/i18n/language";
import { count } from "@/i18n/numbers";
import { valueTexts } from "./value-texts";
import { visible } from "./visible";

const ROWS = 200;
const COLUMNS = 30;
const CHARACTERS = 200;

type Row = Record<string, unknown>;

/** Whether a value is a list of objects with few enough names to be columns. */
export function isTable(value: unknown): value is Row[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  const first = value.slice(0, ROWS);
  const all = first.every((one) => one !== null && typeof one === "object" && !Array.isArray(one));
  return all && columnsOf(first as Row[]).length <= COLUMNS;
}

function columnsOf(rows: Row[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

export function ValueTable({ rows }: { rows: Row[] }) {
  const t = useTexts(valueTexts);
  const shown = rows.slice(0, ROWS);
  const columns = columnsOf(shown);
  return (
    <div className="value-table">
      <table>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {visible(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row of a result has nothing else to be told by
            <tr key={place}>
              {columns.map((name) => (
                <td key={name}>{cell(row[name])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > ROWS && <p className="muted">{t.rowsLeft(count(rows.length - ROWS))}</p>}
    </div>
  );
}

function cell(value: unknown): string {
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return visible(text.length > CHARACTERS ? `${text.slice(0, CHARACTERS)}…` : text);
}
