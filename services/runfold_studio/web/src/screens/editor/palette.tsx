/** The kinds of nodes, by category and with a search; each is dragged to the canvas or added by a click. */

import { useEffect, useMemo, useRef, useState } from "react";
import { DRAGGED_KIND } from "@/canvas/editing";
import type { Kind, Kinds } from "@/graph/graph";
import { useTexts } from "@/i18n/language";
import { paletteTexts } from "./palette-texts";
import { editorTexts } from "./texts";

const ORDER = ["flow", "models", "people", "data", "text", "code", "web", "other"];

/** The kinds that have all of some words, by category; those called so come first. */
export function kindsFor(kinds: Kinds, wanted: string): [string, Kind[]][] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const all = [...new Set(kinds.values())].filter((kind) => {
    const text = [kind.type, ...kind.aliases, kind.summary].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const byName = (kind: Kind) => (words.some((word) => kind.type.includes(word)) ? 0 : 1);
  const found = new Map<string, Kind[]>();
  for (const kind of all.sort((a, b) => byName(a) - byName(b) || a.type.localeCompare(b.type)))
    found.set(kind.category, [...(found.get(kind.category) ?? []), kind]);
  const rank = (name: string) => {
    const at = ORDER.indexOf(name);
    return at < 0 ? ORDER.length : at;
  };
  return [...found].sort(([a], [b]) => rank(a) - rank(b));
}

export function Palette({
  kinds,
  add,
  focus = false,
}: {
  kinds: Kinds;
  add: (type: string) => void;
  focus?: boolean;
}) {
  const t = useTexts(editorTexts);
  const names = useTexts(paletteTexts) as Record<string, string>;
  const [wanted, setWanted] = useState("");
  const found = useMemo(() => kindsFor(kinds, wanted), [kinds, wanted]);
  const first = found[0]?.[1][0];
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focus) box.current?.focus();
  }, [focus]);
  return (
    <form
      className="palette"
      onSubmit={(event) => {
        event.preventDefault();
        if (first) add(first.type);
      }}
    >
      <input
        type="search"
        aria-label={t.searchKinds}
        placeholder={t.searchKinds}
        value={wanted}
        ref={box}
        onChange={(event) => setWanted(event.target.value)}
      />
      {found.length === 0 && <p className="muted">{t.noKind}</p>}
      {found.map(([category, all]) => (
        <section key={category} aria-label={names[category] ?? category}>
          <h3>{names[category] ?? category}</h3>
          <ul>
            {all.map((kind) => (
              <li key={kind.type}>
                <button
                  type="button"
                  className="plain kind-choice"
                  draggable
                  title={kind.summary}
                  onDragStart={(event) => {
                    event.dataTransfer.setData(DRAGGED_KIND, kind.type);
                    event.dataTransfer.effectAllowed = "copy";
                  }}
                  onClick={() => add(kind.type)}
                >
                  <span>{kind.type}</span>
                  <span className="muted cut">{kind.summary}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </form>
  );
}
