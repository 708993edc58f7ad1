/** Schemas of data: fields with types where they are simple, else JSON Schema as text. */

import { isObject } from "@/graph/source/values";
import { useTexts } from "@/i18n/language";
import { AddNamed, NameField, RemoveButton } from "./list-field";
import { TextField } from "./text-field";
import { formTexts } from "./texts";
import { type PartsFieldProps, TreeField, ValueField } from "./value-field";

const TYPES = ["any", "string", "number", "integer", "boolean", "object", "array", "file", "files"];
const SIMPLE = new Set(["type", "required", "description", "default"]);

/** Whether every field says no more than the rows below show. */
export function isSimple(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (!isObject(value) || "properties" in value || "$schema" in value) return false;
  return Object.values(value).every(
    (field) => isObject(field) && Object.keys(field).every((key) => SIMPLE.has(key)),
  );
}

export function SchemaField(props: PartsFieldProps) {
  const { label, value, set, part, rename } = props;
  const fields = isObject(value) ? Object.entries(value) : [];
  if (!isSimple(value)) return <TreeField {...props} />;
  const names = fields.map(([name]) => name);
  return (
    <div className="stack-tight">
      {fields.map(([name, field], index) => (
        <SchemaRow
          // biome-ignore lint/suspicious/noArrayIndexKey: the name is being edited
          key={index}
          name={name}
          field={isObject(field) ? field : {}}
          taken={names}
          rename={(next) => rename(name, next)}
          put={(key, next, isTyping) => part([name, key], next, isTyping)}
          remove={() => (fields.length > 1 ? part([name], undefined) : set(undefined))}
        />
      ))}
      <AddNamed label={label} taken={names} add={(name) => part([name], { type: "string" })} />
    </div>
  );
}

function SchemaRow({
  name,
  field,
  taken,
  rename,
  put,
  remove,
}: {
  name: string;
  field: Record<string, unknown>;
  taken: readonly string[];
  rename: (name: string) => void;
  put: (key: string, value: unknown, isTyping?: boolean) => void;
  remove: () => void;
}) {
  const t = useTexts(formTexts);
  const type = String(field.type ?? "any");
  return (
    <div className="sub-form">
      <div className="pair">
        <NameField name={name} taken={taken} rename={rename} />
        <select
          aria-label={`${name}: ${t.type}`}
          value={type}
          onChange={(event) => put("type", event.target.value)}
        >
          {!TYPES.includes(type) && <option value={type}>{type}</option>}
          {TYPES.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
        <label className="check">
          <input
            type="checkbox"
            checked={field.required === true}
            onChange={(event) => put("required", event.target.checked || undefined)}
          />
          {t.requiredField}
        </label>
        <RemoveButton name={name} remove={remove} />
      </div>
      <div className="pair">
        <TextField
          id={`schema-${name}-description`}
          label={`${name}: ${t.description}`}
          placeholder={t.description}
          value={String(field.description ?? "")}
          templates={false}
          tell={(text) => put("description", text || undefined, true)}
        />
        {"default" in field ? (
          <>
            <ValueField
              id={`schema-${name}-default`}
              label={`${name}: ${t.default}`}
              value={field.default}
              templates={false}
              set={(value, isTyping) => put("default", value ?? null, isTyping)}
            />
            <RemoveButton name={`${name}: ${t.default}`} remove={() => put("default", undefined)} />
          </>
        ) : (
          <button type="button" className="plain" onClick={() => put("default", "")}>
            {t.default}
          </button>
        )}
      </div>
    </div>
  );
}
