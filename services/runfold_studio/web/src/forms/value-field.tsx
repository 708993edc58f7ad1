/** Any value: text, number, truth, nothing, or a list or object written as YAML. */

import { useState } from "react";
import { stringify } from "yaml";
import type { Path } from "@/graph/document";
import { useTexts } from "@/i18n/language";
import { CodeEditor } from "@/ui/code-editor";
import { readValue } from "./reading";
import { TextField } from "./text-field";
import { formTexts } from "./texts";
import { converted, kindOfValue, VALUE_KINDS, type ValueKind } from "./value-kinds";

export interface ValueFieldProps {
  id: string;
  label: string;
  value: unknown;
  set: (value: unknown, isTyping?: boolean) => void;
  templates?: boolean;
}

/** Of a field whose parts are set one by one, so that the text of the others stays as it is. */
export interface PartsFieldProps extends ValueFieldProps {
  part: (steps: Path, value: unknown, isTyping?: boolean) => void;
  /** Give a key another name. */
  rename: (from: string, to: string) => void;
}

export function ValueField(props: ValueFieldProps) {
  const { label, value, set } = props;
  const t = useTexts(formTexts);
  const kind = kindOfValue(value ?? "");
  return (
    <div className="value-field">
      <ValueInput {...props} kind={kind} />
      <select
        aria-label={`${label}: ${t.kindOfValue}`}
        value={kind}
        onChange={(event) => set(converted(value, event.target.value as ValueKind, readValue))}
      >
        {VALUE_KINDS.map((one) => (
          <option key={one} value={one}>
            {t[one]}
          </option>
        ))}
      </select>
    </div>
  );
}

function ValueInput({
  id,
  label,
  value,
  set,
  kind,
  templates,
}: ValueFieldProps & { kind: ValueKind }) {
  if (kind === "null") return <code id={id}>null</code>;
  if (kind === "boolean")
    return (
      <input
        id={id}
        type="checkbox"
        aria-label={label}
        checked={value === true}
        onChange={(event) => set(event.target.checked)}
      />
    );
  if (kind === "number") return <NumberField id={id} label={label} value={value} set={set} />;
  if (kind === "text")
    return (
      <TextField
        id={id}
        label={label}
        value={String(value ?? "")}
        tell={(text) => set(text, true)}
        templates={templates ?? true}
      />
    );
  return <TreeField id={id} label={label} value={value} set={set} />;
}

export function NumberField({ id, label, value, set }: ValueFieldProps) {
  const t = useTexts(formTexts);
  const [wrong, setWrong] = useState(false);
  const tell = (text: string) => {
    const number = Number(text);
    const bad = text.trim() !== "" && !Number.isFinite(number);
    setWrong(bad);
    if (!bad) set(text.trim() === "" ? undefined : number, true);
  };
  return (
    <TextField
      id={id}
      label={label}
      value={value === undefined || value === null ? "" : String(value)}
      tell={tell}
      templates={false}
      problem={wrong ? t.badNumber : null}
    />
  );
}

function asYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 }).trimEnd();
}

function asJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** A list or an object as YAML text, or as JSON; what cannot be read yet is kept here and said. */
export function TreeField({
  id,
  label,
  value,
  set,
  language = "yaml",
}: ValueFieldProps & { language?: "yaml" | "json" }) {
  const t = useTexts(formTexts);
  const spell = language === "json" ? asJson : asYaml;
  const spelled = value === undefined ? "" : spell(value);
  const [draft, setDraft] = useState<{ of: string; text: string; problem: string } | null>(null);
  const shown = draft !== null && draft.of === spelled ? draft.text : spelled;
  const change = (text: string) => {
    const read = readValue(text);
    if ("problem" in read) setDraft({ of: spelled, text, problem: read.problem });
    else {
      const next = spell(read.value);
      setDraft({ of: next, text, problem: "" });
      set(text.trim() === "" ? undefined : read.value, true);
    }
  };
  return (
    <div className="grow">
      <CodeEditor
        id={id}
        label={`${label} (${language === "json" ? "JSON" : t.json})`}
        value={shown}
        change={change}
        language={language}
      />
      {draft?.of === spelled && draft.problem && (
        <p className="field-problem" role="status">
          {t.unreadable} {draft.problem}
        </p>
      )}
    </div>
  );
}
