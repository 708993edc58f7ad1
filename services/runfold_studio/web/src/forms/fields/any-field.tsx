/** A value of whatever kind somebody chooses. */

import { useTexts } from "@/i18n/language";
import { formTexts } from "../texts";
import { converted, kindOfValue, VALUE_KINDS, type ValueKind } from "../value-kinds";
import { schemaFor } from "./schema";
import type { FieldGiven } from "./value-field";
import { Input } from "./value-field";

const UNSET = "";

export function AnyField(given: FieldGiven & { label: string }) {
  const { schema, value, change, label, id } = given;
  const t = useTexts(formTexts);
  const kind = kindOfValue(value ?? (value === null ? null : ""));
  const choose = async (chosen: string) => {
    if (chosen === UNSET) {
      change(undefined);
      return;
    }
    // Only text may have to be read, as what it spells.
    const read = (await import("../reading")).readValue;
    change(converted(value, chosen as ValueKind, read));
  };
  return (
    <div className="row any-field">
      <div className="grow">
        {kind === "null" ? (
          <code id={id}>null</code>
        ) : (
          <Input {...given} schema={schemaFor(kind, schema)} required={given.required} />
        )}
      </div>
      <select
        aria-label={`${label}: ${t.kindOfValue}`}
        value={value === undefined ? UNSET : kind}
        onChange={(event) => void choose(event.target.value)}
      >
        <option value={UNSET}>{t.notSet}</option>
        {VALUE_KINDS.map((one) => (
          <option key={one} value={one}>
            {t[one]}
          </option>
        ))}
      </select>
    </div>
  );
}
