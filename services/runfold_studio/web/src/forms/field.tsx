/** One setting: its label, what it is filled in with, and the way between value and template. */

import { useId } from "react";
import type { Path } from "@/graph/document";
import { isObject } from "@/graph/source/values";
import { useTexts } from "@/i18n/language";
import { CodeEditor } from "@/ui/code-editor";
import { WithCode } from "@/ui/with-code";
import { BodiesField } from "./bodies-field";
import { ConditionField } from "./condition";
import { HelpContext, useForm, useHelp } from "./context";
import { KeyValuesField, ListField } from "./list-field";
import { NamedObjectsField, ObjectField, ObjectsField } from "./object-field";
import { type Field, isTemplate, type Schema } from "./schema";
import { SchemaField } from "./schema-field";
import { TextField } from "./text-field";
import { formTexts } from "./texts";
import { NumberField, TreeField, ValueField } from "./value-field";

export interface FieldProps {
  field: Field;
  value: unknown;
  path: Path;
  root: Schema;
  /** Whether it takes references and templates. */
  templates: boolean;
  /** Settings beside it, for those that decide how it looks. */
  beside: Record<string, unknown>;
}

/** Widgets that take a template without changing their look. */
const AS_TEXT = new Set(["text", "template", "reference", "model", "instant", "duration", "value"]);
/** Widgets whose parts take templates. */
const OF_PARTS = new Set([
  ...["code", "condition", "schema", "workflow", "nodes", "edges", "body", "bodies"],
  ...["key_values", "object", "objects", "named_objects"],
]);

export function FieldRow(props: FieldProps) {
  const { field, value, path, templates } = props;
  const t = useTexts(formTexts);
  const form = useForm();
  const id = useId();
  const help = `${id}-help`;
  const canSwitch =
    templates && form.templates && !AS_TEXT.has(field.widget) && !OF_PARTS.has(field.widget);
  const asTemplate = canSwitch && isTemplate(value);
  const switchOver = () => form.set(path, asTemplate ? undefined : "{{}}");
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id}>{field.name}</label>
        {field.required && <span className="muted">{t.required}</span>}
        {canSwitch && (
          <button type="button" className="plain switch" onClick={switchOver}>
            {asTemplate ? t.asValue : t.asTemplate}
          </button>
        )}
      </div>
      <HelpContext.Provider value={field.description ? help : undefined}>
        {asTemplate ? (
          <TemplateInput {...props} id={id} />
        ) : (
          <Widget {...props} id={id} templates={templates} />
        )}
      </HelpContext.Provider>
      {field.description && (
        <p className="field-help" id={help}>
          <WithCode text={field.description} />
        </p>
      )}
    </div>
  );
}

interface WidgetProps extends FieldProps {
  id: string;
}

function useSet(path: Path): (value: unknown, isTyping?: boolean) => void {
  const form = useForm();
  return (value, isTyping) => form.set(path, value, isTyping);
}

/** A reference as text: `{ref: a.b}` is shown as `{{a.b}}`, and stays as it is until it is changed. */
function TemplateInput({ id, field, value, path }: WidgetProps) {
  const set = useSet(path);
  const text = isObject(value) ? `{{${String(value.ref)}}}` : String(value ?? "");
  return (
    <TextField
      id={id}
      label={field.name}
      value={text}
      tell={(next) => set(next || undefined, true)}
    />
  );
}

function Widget(props: WidgetProps) {
  const { field, id, value, path, root, templates } = props;
  const set = useSet(path);
  const form = useForm();
  const common = {
    ...{ id, label: field.name, value, set, templates },
    part: (steps: Path, next: unknown, isTyping?: boolean) =>
      form.set([...path, ...steps], next, isTyping),
    rename: (from: string, to: string) => form.rename([...path, from], to),
  };
  switch (field.widget) {
    case "text":
    case "template":
    case "instant":
    case "model":
    case "reference":
    case "duration":
    case "workflow":
      return <TextLike {...props} />;
    case "code":
      return <CodeField {...props} />;
    case "condition":
      return <ConditionField {...common} optional={!field.required} />;
    case "boolean":
      return <BooleanField {...props} />;
    case "number":
      return isObject(value) || Array.isArray(value) ? (
        <TreeField {...common} />
      ) : (
        <NumberField {...common} />
      );
    case "choice":
      return <ChoiceField {...props} />;
    case "list":
      return <ListField {...common} />;
    case "key_values":
      return <KeyValuesField {...common} />;
    case "object":
      return <ObjectField {...common} path={path} schema={field.schema} root={root} />;
    case "objects":
      return <ObjectsField {...common} path={path} schema={field.schema} root={root} />;
    case "named_objects":
      return <NamedObjectsField {...common} path={path} schema={field.schema} root={root} />;
    case "schema":
      return <SchemaField {...common} />;
    case "nodes":
    case "body":
    case "bodies":
      return <BodiesField {...common} widget={field.widget} />;
    default:
      return <ValueField {...common} />;
  }
}

function TextLike(props: WidgetProps) {
  const { field, id, value, path, templates } = props;
  const form = useForm();
  const t = useTexts(formTexts);
  const set = useSet(path);
  const isText = value === undefined || value === null || typeof value !== "object";
  if (!isText && !isTemplate(value))
    return <TreeField id={id} label={field.name} value={value} set={set} />;
  const [example] = field.examples;
  const bad = field.widget === "duration" && !isDuration(value) ? t.badDuration : null;
  return (
    <TextField
      id={id}
      label={field.name}
      value={isObject(value) ? `{{${String(value.ref)}}}` : String(value ?? "")}
      tell={(text) => set(textOrNumber(field.widget, text, field.required), true)}
      multiLine={field.widget === "template"}
      templates={templates}
      placeholder={typeof example === "string" && !example.includes("\n") ? t.example(example) : ""}
      problem={bad}
      {...suggestions(field.widget, form.models, form.workflows)}
    />
  );
}

function suggestions(widget: string, models: readonly string[], workflows: readonly string[]) {
  if (widget === "model") return { list: models };
  return widget === "workflow" ? { list: workflows } : {};
}

function textOrNumber(widget: string, text: string, required: boolean): unknown {
  if (text === "" && !required) return undefined;
  return widget === "duration" && /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function isDuration(value: unknown): boolean {
  if (typeof value !== "string" || value === "" || isTemplate(value)) return true;
  return (
    /^(\d+(\.\d+)?(ms|s|m|h|d|w)\s*)+$/.test(value.trim()) || /^\d+(\.\d+)?$/.test(value.trim())
  );
}

function CodeField({ field, id, value, path, beside }: WidgetProps) {
  const set = useSet(path);
  const language = String(beside.language ?? "python");
  return (
    <CodeEditor
      id={id}
      label={field.name}
      value={String(value ?? "")}
      change={(text) => set(text, true)}
      language={
        language.includes("script") ? "javascript" : field.name === "sql" ? "text" : "python"
      }
    />
  );
}

function BooleanField({ field, id, value, path }: WidgetProps) {
  const help = useHelp();
  const set = useSet(path);
  return (
    <input
      id={id}
      aria-describedby={help}
      type="checkbox"
      checked={(value ?? field.default ?? false) === true}
      onChange={(event) => set(event.target.checked)}
    />
  );
}

function ChoiceField({ field, id, value, path }: WidgetProps) {
  const help = useHelp();
  const set = useSet(path);
  const t = useTexts(formTexts);
  const known = field.options.some((one) => one === value);
  return (
    <select
      id={id}
      aria-describedby={help}
      value={value === undefined || value === null ? "" : JSON.stringify(value)}
      onChange={(event) =>
        set(event.target.value === "" ? undefined : (JSON.parse(event.target.value) as unknown))
      }
    >
      <option value="">
        {field.default === undefined || field.default === null
          ? t.notSet
          : `${String(field.default)} (${t.default})`}
      </option>
      {!known && value !== undefined && value !== null && (
        <option value={JSON.stringify(value)}>{String(value)}</option>
      )}
      {field.options.map((one) => (
        <option key={String(one)} value={JSON.stringify(one)}>
          {String(one)}
        </option>
      ))}
    </select>
  );
}
