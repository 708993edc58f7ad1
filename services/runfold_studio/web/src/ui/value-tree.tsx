/** A value as a tree that is opened level by level: nothing is drawn that was not asked for. */

import { useState } from "react";
import { isFile } from "@/api/files";
import { useTexts } from "@/i18n/language";
import { FileLink } from "./file-link";
import { save } from "./save";
import { valueTexts } from "./value-texts";
import { visible } from "./visible";
import "./value.css";

/** Entries of a level that are drawn at a time, and characters of a text. */
const ENTRIES = 100;
const CHARACTERS = 2_000;

type Entry = readonly [name: string, value: unknown];

export function ValueTree({ value, open = true }: { value: unknown; open?: boolean }) {
  if (isFile(value)) return <FileLink file={value} />;
  const entries = entriesOf(value);
  return entries ? <Level entries={entries} open={open} /> : <Leaf value={value} />;
}

function entriesOf(value: unknown): Entry[] | null {
  if (Array.isArray(value)) return value.map((one, place) => [String(place), one]);
  if (value !== null && typeof value === "object") return Object.entries(value);
  return null;
}

function Level({ entries, open }: { entries: Entry[]; open: boolean }) {
  const t = useTexts(valueTexts);
  const [most, setMost] = useState(ENTRIES);
  if (entries.length === 0) return <span className="muted">{t.empty}</span>;
  return (
    <ul className="tree">
      {entries.slice(0, most).map(([name, value]) => (
        <li key={name}>
          <Branch name={name} value={value} open={open && entries.length < 20} />
        </li>
      ))}
      {entries.length > most && (
        <li>
          <button type="button" onClick={() => setMost(most + ENTRIES)}>
            {t.more(String(entries.length - most))}
          </button>
        </li>
      )}
    </ul>
  );
}

function Branch({ name, value, open }: { name: string; value: unknown; open: boolean }) {
  const entries = isFile(value) ? null : entriesOf(value);
  const [opened, setOpened] = useState(open && (entries?.length ?? 0) < 20);
  if (!entries || entries.length === 0) {
    return (
      <>
        <span className="tree-name">{visible(name)}:</span> <ValueTree value={value} />
      </>
    );
  }
  return (
    <details open={opened} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>
        <span className="tree-name">{visible(name)}</span>{" "}
        <span className="muted">
          {Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`}
        </span>
      </summary>
      {opened && <Level entries={entries} open={false} />}
    </details>
  );
}

function Leaf({ value }: { value: unknown }) {
  const t = useTexts(valueTexts);
  if (typeof value !== "string") return <code className="tree-value">{JSON.stringify(value)}</code>;
  if (value === "") return <span className="muted">{t.empty}</span>;
  const long = value.length > CHARACTERS;
  return (
    <>
      <span className="tree-text">
        {visible(value.slice(0, CHARACTERS))}
        {long && "…"}
      </span>
      {long && (
        <button type="button" onClick={() => save(value, "value.txt")}>
          {t.whole}
        </button>
      )}
    </>
  );
}
