/** Lists of values, and values by name. */

import { useState } from "react";
import { isObject } from "@/graph/source/values";
import { useTexts } from "@/i18n/language";
import { isTemplate } from "./schema";
import { TextField } from "./text-field";
import { formTexts } from "./texts";
import { type PartsFieldProps, TreeField, ValueField } from "./value-field";

export function ListField(props: PartsFieldProps) {
  const { id, label, value, set, part } = props;
  const t = useTexts(formTexts);
  if (isTemplate(value) || (typeof value === "string" && value !== ""))
    return (
      <TextField
        id={id}
        label={label}
        value={String(value)}
        tell={(text) => set(text || undefined, true)}
      />
    );
  if (value !== undefined && value !== null && !Array.isArray(value))
    return <TreeField {...props} />;
  const list: unknown[] = Array.isArray(value) ? value : [];
  return (
    <div className="stack-tight">
      {list.map((one, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an item has no other name than its place
        <div className="row-line" key={index}>
          <ValueField
            id={index === 0 ? id : `${id}-${index}`}
            label={`${label} ${index + 1}`}
            value={one}
            set={(next, isTyping) => part([index], next ?? "", isTyping)}
          />
          <RemoveButton
            name={`${label} ${index + 1}`}
            remove={() => (list.length > 1 ? part([index], undefined) : set(undefined))}
          />
        </div>
      ))}
      <button type="button" aria-label={t.addTo(label)} onClick={() => part([list.length], "")}>
        {t.add}
      </button>
    </div>
  );
}

export function RemoveButton({ name, remove }: { name: string; remove: () => void }) {
  const t = useTexts(formTexts);
  return (
    <button type="button" className="plain remove" aria-label={t.remove(name)} onClick={remove}>
      ✕
    </button>
  );
}

export function KeyValuesField(props: PartsFieldProps) {
  const { id, label, value, set, part, rename } = props;
  if (isTemplate(value) || typeof value === "string")
    return (
      <TextField
        id={id}
        label={label}
        value={typeof value === "string" ? value : ""}
        tell={(text) => set(text || undefined, true)}
      />
    );
  if (value !== undefined && value !== null && !isObject(value)) return <TreeField {...props} />;
  const pairs = Object.entries(isObject(value) ? value : {});
  const names = pairs.map(([name]) => name);
  return (
    <div className="stack-tight">
      {pairs.map(([name, one], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the name is being edited
        <div className="pair" key={index}>
          <NameField name={name} taken={names} rename={(next) => rename(name, next)} />
          <ValueField
            id={index === 0 ? id : `${id}-${index}`}
            label={name}
            value={one}
            set={(next, isTyping) => part([name], next ?? "", isTyping)}
          />
          <RemoveButton
            name={name}
            remove={() => (pairs.length > 1 ? part([name], undefined) : set(undefined))}
          />
        </div>
      ))}
      <AddNamed label={label} taken={names} add={(name) => part([name], "")} />
    </div>
  );
}

/** A name that changes when it is left; one that is taken is not taken over. */
export function NameField({
  name,
  taken,
  rename,
}: {
  name: string;
  taken: readonly string[];
  rename: (name: string) => void;
}) {
  const t = useTexts(formTexts);
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? name;
  const isTaken = text !== name && taken.includes(text);
  const done = () => {
    if (text !== "" && text !== name && !isTaken) rename(text);
    setTyped(null);
  };
  return (
    <div className="name-field">
      <input
        className="mono"
        aria-label={t.name}
        aria-invalid={isTaken || undefined}
        value={text}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={done}
        onKeyDown={(event) => {
          if (event.key === "Enter") done();
        }}
      />
      {isTaken && (
        <p className="field-problem" role="status">
          {t.sameName}
        </p>
      )}
    </div>
  );
}

/** Adds an entry under a name that is typed. */
export function AddNamed({
  label,
  taken,
  add,
}: {
  label: string;
  taken: readonly string[];
  add: (name: string) => void;
}) {
  const t = useTexts(formTexts);
  const [name, setName] = useState("");
  const isTaken = taken.includes(name);
  const done = () => {
    if (name === "" || isTaken) return;
    add(name);
    setName("");
  };
  return (
    <div className="row-line">
      <input
        className="mono"
        aria-label={`${t.addTo(label)}: ${t.name}`}
        placeholder={t.name}
        value={name}
        aria-invalid={isTaken || undefined}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          done();
        }}
      />
      <button
        type="button"
        aria-label={t.addTo(label)}
        disabled={name === "" || isTaken}
        onClick={done}
      >
        {t.add}
      </button>
    </div>
  );
}
