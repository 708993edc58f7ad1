/** A list of values, one field each. */

import { useTexts } from "@/i18n/language";
import { schemaOf, startOf } from "./schema";
import { fieldTexts } from "./texts";
import { type FieldGiven, ValueField } from "./value-field";

export function ListField({ schema, value, change, place, problems, depth }: FieldGiven) {
  const t = useTexts(fieldTexts);
  const items = Array.isArray(value) ? (value as unknown[]) : [];
  const item = schemaOf(schema.items);
  const put = (next: unknown[]) => change(next.length > 0 ? next : undefined);
  const full = typeof schema.maxItems === "number" && items.length >= schema.maxItems;
  return (
    <div className="stack">
      {items.map((one, index) => {
        const at = `${place}[${index}]`;
        return (
          <ValueField
            // biome-ignore lint/suspicious/noArrayIndexKey: a value has no name but its place
            key={index}
            name={String(index + 1)}
            schema={item}
            value={one ?? undefined}
            change={(next) => put(items.with(index, next ?? null))}
            place={at}
            problems={problems}
            depth={depth + 1}
            aside={
              <button
                type="button"
                className="plain"
                aria-label={t.remove(at)}
                onClick={() => put(items.filter((_, other) => other !== index))}
              >
                ×
              </button>
            }
          />
        );
      })}
      <button
        type="button"
        className="start"
        disabled={full}
        onClick={() => put([...items, startOf(item) ?? null])}
      >
        {t.add}
      </button>
    </div>
  );
}
