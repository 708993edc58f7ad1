/** A text, a template or a number as it is typed, with a way to put references in. */

import { useRef, useState } from "react";
import { useTexts } from "@/i18n/language";
import { useForm, useHelp } from "./context";
import { ReferencePicker } from "./picker";
import { formTexts } from "./texts";
import { useTyped } from "./typed";

export interface TextFieldProps {
  id: string;
  label: string;
  value: string;
  tell: (text: string) => void;
  multiLine?: boolean;
  templates?: boolean;
  placeholder?: string;
  list?: readonly string[];
  problem?: string | null;
}

const MOST_ROWS = 16;

export function TextField(props: TextFieldProps) {
  const { id, label, value, tell, multiLine = false, placeholder, list, problem } = props;
  const form = useForm();
  const t = useTexts(formTexts);
  const typed = useTyped(value, tell);
  const box = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const [picking, setPicking] = useState(false);
  const help = useHelp(problem && `${id}-problem`);
  const templates = form.templates && props.templates !== false;
  const type = (text: string) => {
    typed.type(text);
    const at = box.current?.selectionEnd ?? text.length;
    if (templates && text.length > typed.text.length && text.slice(0, at).endsWith("{{"))
      setPicking(true);
  };
  const insert = (reference: string) => {
    const at = box.current?.selectionEnd ?? typed.text.length;
    const before = typed.text.slice(0, at).replace(/\{\{\s*$/, "");
    typed.type(`${before}{{${reference}}}${typed.text.slice(at).replace(/^\s*\}\}/, "")}`);
    setPicking(false);
    box.current?.focus();
  };
  const rows = Math.min(MOST_ROWS, typed.text.split("\n").length + 1);
  const common = {
    id,
    ref: box,
    value: typed.text,
    placeholder,
    spellCheck: false,
    "aria-label": label,
    "aria-invalid": problem ? true : undefined,
    "aria-describedby": help,
    onBlur: typed.done,
  };
  return (
    <div className="text-field">
      <div className="text-field-row">
        {multiLine || typed.text.includes("\n") ? (
          <textarea
            {...common}
            rows={Math.max(rows, multiLine ? 3 : 2)}
            onChange={(event) => type(event.target.value)}
          />
        ) : (
          <input
            {...common}
            list={list ? `${id}-list` : undefined}
            onChange={(event) => type(event.target.value)}
          />
        )}
        {templates && (
          <button
            type="button"
            className="insert"
            title={t.insert}
            aria-label={t.insertInto(label)}
            onClick={() => setPicking(true)}
          >
            {"{}"}
          </button>
        )}
      </div>
      {list && (
        <datalist id={`${id}-list`}>
          {list.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
      {problem && (
        <p id={`${id}-problem`} className="field-problem">
          {problem}
        </p>
      )}
      {picking && <ReferencePicker choose={insert} close={() => setPicking(false)} />}
    </div>
  );
}
