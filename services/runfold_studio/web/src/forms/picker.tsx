/** Chooses a name that may be read here; what may be missing says so and is given a default. */

import { useMemo, useRef, useState } from "react";
import { useTexts } from "@/i18n/language";
import { useModal } from "@/ui/modal";
import { type Readable, useForm } from "./context";
import { formTexts } from "./texts";

const SHOWN = 200;

export function ReferencePicker({
  choose,
  close,
}: {
  choose: (reference: string) => void;
  close: () => void;
}) {
  const t = useTexts(formTexts);
  const { readable } = useForm();
  const dialog = useRef<HTMLDialogElement>(null);
  const [wanted, setWanted] = useState("");
  useModal(dialog);
  const found = useMemo(() => matching(readable, wanted), [readable, wanted]);
  const take = (one: Readable) =>
    choose(one.when === "always" ? one.name : `${one.name} | default('')`);
  return (
    <dialog ref={dialog} className="picker" aria-label={t.insert} onClose={close}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          const [first] = found;
          if (first) take(first);
        }}
      >
        <input
          type="search"
          aria-label={t.search}
          placeholder={t.search}
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
        {found.length === 0 && <p className="muted">{readable.length ? t.noMatch : t.none}</p>}
        <ul className="choices">
          {found.slice(0, SHOWN).map((one) => (
            <li key={one.name}>
              <button type="button" className="plain choice" onClick={() => take(one)}>
                <span className="mono cut">{one.name}</span>
                <span className="muted">
                  {one.type}
                  {one.when === "some_paths" && ` · ${t.sometimes}`}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </form>
    </dialog>
  );
}

/** The names that have all of the wanted words; nodes and inputs before what is always there. */
export function matching(readable: readonly Readable[], wanted: string): Readable[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = (one: Readable) => ORDER.indexOf(one.kind);
  return readable
    .filter((one) => words.every((word) => one.name.toLowerCase().includes(word)))
    .sort((a, b) => rank(a) - rank(b));
}

const ORDER = ["item", "node", "input", "variable", "conversation", "env", "secret", "system"];
