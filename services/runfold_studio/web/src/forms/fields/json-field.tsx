/** A value written as JSON. What is no JSON stops the form from being sent. */

import { useEffect, useRef, useState } from "react";
import { useTexts } from "@/i18n/language";
import { fieldTexts } from "./texts";
import type { FieldGiven } from "./value-field";

function written(value: unknown): string {
  return value === undefined ? "" : JSON.stringify(value, null, 2);
}

export function JsonField({ value, change, required, id, describedBy }: FieldGiven) {
  const t = useTexts(fieldTexts);
  const area = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() => written(value));
  const [problem, setProblem] = useState("");
  useEffect(() => area.current?.setCustomValidity(problem), [problem]);
  const take = (next: string) => {
    setText(next);
    try {
      change(next.trim() === "" ? undefined : JSON.parse(next));
      setProblem("");
    } catch (error) {
      setProblem(t.notJson + (error as Error).message);
    }
  };
  return (
    <>
      <textarea
        ref={area}
        id={id}
        className="mono"
        rows={Math.min(14, text.split("\n").length + 1)}
        placeholder={t.json}
        spellCheck={false}
        required={required}
        aria-describedby={describedBy}
        aria-invalid={problem !== ""}
        value={text}
        onChange={(event) => take(event.target.value)}
      />
      {problem && <span className="field-problem">✕ {problem}</span>}
    </>
  );
}
