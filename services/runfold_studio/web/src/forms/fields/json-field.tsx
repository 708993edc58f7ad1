/** A value written as JSON or YAML. What cannot be read stops the form from being sent. */

import { useEffect, useRef, useState } from "react";
import { isObject } from "@/graph/source/values";
import { useTexts } from "@/i18n/language";
import { type Schema, typeOf } from "./schema";
import { fieldTexts } from "./texts";
import type { FieldGiven } from "./value-field";

/** What is being written, and the value that it was written on top of. */
interface Draft {
  of: string;
  text: string;
  problem: string;
}

function spelled(value: unknown): string {
  return value === undefined ? "" : JSON.stringify(value, null, 2);
}

/** Whether a value is what the schema asks for: YAML reads almost any words as text. */
function isAsked(value: unknown, schema: Schema): boolean {
  const type = typeOf(schema);
  if (type === "object") return isObject(value);
  return type === "array" ? Array.isArray(value) : true;
}

export function JsonField({ schema, value, change, required, id, describedBy }: FieldGiven) {
  const t = useTexts(fieldTexts);
  const area = useRef<HTMLTextAreaElement>(null);
  const newest = useRef("");
  const [draft, setDraft] = useState<Draft | null>(null);
  const now = spelled(value);
  // What came from elsewhere meanwhile, such as kept values, goes before what was written.
  const shown = draft !== null && draft.of === now ? draft : { of: now, text: now, problem: "" };
  useEffect(() => area.current?.setCustomValidity(shown.problem), [shown.problem]);
  const give = (text: string, next: unknown) => {
    setDraft({ of: spelled(next), text, problem: "" });
    change(next);
  };
  const take = (text: string) => {
    newest.current = text;
    if (text.trim() === "") {
      give(text, undefined);
      return;
    }
    try {
      give(text, JSON.parse(text));
    } catch (error) {
      setDraft({ of: now, text, problem: t.notJson + (error as Error).message });
      void readAsYaml(text);
    }
  };
  const readAsYaml = async (text: string) => {
    const { readValue } = await import("../reading");
    const read = readValue(text);
    if (newest.current === text && "value" in read && isAsked(read.value, schema))
      give(text, read.value);
  };
  return (
    <>
      <textarea
        ref={area}
        id={id}
        className="mono"
        rows={Math.min(14, shown.text.split("\n").length + 1)}
        placeholder={t.json}
        spellCheck={false}
        required={required}
        aria-describedby={describedBy}
        aria-invalid={shown.problem !== ""}
        value={shown.text}
        onChange={(event) => take(event.target.value)}
      />
      {shown.problem && <span className="field-problem">✕ {shown.problem}</span>}
    </>
  );
}
