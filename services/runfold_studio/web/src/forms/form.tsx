/** A form made of a JSON Schema: groups of fields, and what the schema does not know. */

import type { Path } from "@/graph/document";
import { isObject } from "@/graph/source/values";
import { useTexts } from "@/i18n/language";
import { Fold } from "@/ui/fold";
import { FieldRow } from "./field";
import { UnknownFields } from "./object-field";
import { fieldsOf, groupsOf, type Schema, unknownKeys } from "./schema";
import { formTexts } from "./texts";
import "./forms.css";

export interface SchemaFormProps {
  schema: Schema;
  value: unknown;
  path: Path;
  /** Settings that take no reference and no template. */
  fixed?: readonly string[];
  /** Settings that are not shown. */
  without?: readonly string[];
}

/** Widgets that say nothing of their own in a form. */
const HIDDEN = new Set(["edges"]);

export function SchemaForm({ schema, value, path, fixed = [], without = [] }: SchemaFormProps) {
  const t = useTexts(formTexts);
  const here = isObject(value) ? value : {};
  const fields = fieldsOf(schema, schema).filter(
    (field) => !HIDDEN.has(field.widget) && !without.includes(field.name),
  );
  const unknown = unknownKeys(value, schema).filter((name) => !without.includes(name));
  return (
    <div className="form">
      {groupsOf(fields).map((group) => {
        const rows = group.fields.map((field) => (
          <FieldRow
            key={field.name}
            field={field}
            value={here[field.name]}
            path={[...path, field.name]}
            root={schema}
            templates={!fixed.includes(field.name)}
            beside={here}
          />
        ));
        const isUsed = group.fields.some((field) => field.name in here);
        return group.name === "main" ? (
          <div key={group.name}>{rows}</div>
        ) : (
          <Fold
            key={group.name}
            className="form-group"
            open={isUsed}
            title={groupName(t, group.name)}
          >
            {rows}
          </Fold>
        );
      })}
      {unknown.length > 0 && (
        <section className="form-group">
          <h4>{t.other}</h4>
          <p className="field-help">{t.otherHelp}</p>
          <UnknownFields names={unknown} value={here} path={path} />
        </section>
      )}
    </div>
  );
}

function groupName(t: object, name: string): string {
  const text = (t as Record<string, unknown>)[`groups_${name}`];
  return typeof text === "string" ? text : name;
}
