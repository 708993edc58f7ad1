/** The kinds of nodes, by category and with a search; each is dragged to the canvas or added by a click. */

import { useMemo, useState } from "react";
import { DRAGGED_KIND } from "@/canvas/editing";
import type { Kind, Kinds } from "@/graph/graph";
import { useSaid } from "@/i18n/kinds";
import { useTexts } from "@/i18n/language";
import { WithCode } from "@/ui/with-code";
import { paletteTexts } from "./palette-texts";
import { editorTexts } from "./texts";

const ORDER = ["flow", "models", "people", "data", "text", "code", "web", "other"];

/** How well a kind fits what is searched; less is better. */
function distance(kind: Kind, wanted: string): number {
  if (wanted === "") return 0;
  if (kind.type === wanted) return 0;
  if (kind.type.startsWith(wanted)) return 1;
  return [kind.type, ...kind.aliases].some((name) => name.includes(wanted)) ? 2 : 3;
}

/** The kinds that have all of some words, by category; where the best one is comes first. */
export function kindsFor(
  kinds: Kinds,
  wanted: string,
  said: (sentence: string) => string = (sentence) => sentence,
): [string, Kind[]][] {
  const text = wanted.trim().toLowerCase();
  const words = text.split(/\s+/);
  const all = [...new Set(kinds.values())]
    .filter((kind) => {
      const says = [kind.type, ...kind.aliases, kind.summary, said(kind.summary)]
        .join(" ")
        .toLowerCase();
      return words.every((word) => says.includes(word));
    })
    .map((kind) => ({ kind, far: distance(kind, text) }))
    .sort((a, b) => a.far - b.far || a.kind.type.localeCompare(b.kind.type));
  const found = new Map<string, typeof all>();
  for (const one of all)
    found.set(one.kind.category, [...(found.get(one.kind.category) ?? []), one]);
  const rank = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return [...found]
    .sort(([a, [one]], [b, [other]]) => (one?.far ?? 0) - (other?.far ?? 0) || rank(a) - rank(b))
    .map(([category, inside]) => [category, inside.map((one) => one.kind)]);
}

export function Palette({ kinds, add }: { kinds: Kinds; add: (type: string) => void }) {
  const t = useTexts(editorTexts);
  const names = useTexts(paletteTexts) as Record<string, string>;
  const [wanted, setWanted] = useState("");
  const said = useSaid();
  const found = useMemo(() => kindsFor(kinds, wanted, said), [kinds, wanted, said]);
  const first = found[0]?.[1][0];
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
        data-first
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
                  title={said(kind.summary)}
                  onDragStart={(event) => {
                    event.dataTransfer.setData(DRAGGED_KIND, kind.type);
                    event.dataTransfer.effectAllowed = "copy";
                  }}
                  onClick={() => add(kind.type)}
                >
                  <span>{kind.type}</span>
                  <span className="muted cut">
                    <WithCode text={kind.summary} />
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </form>
  );
}
