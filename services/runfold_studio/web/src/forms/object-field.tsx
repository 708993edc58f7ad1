/** Objects by their schemas: one, several in a list, several by name; unions with a choice of their parts. */

import type { Path } from "@/graph/document";
import { isObject } from "@/graph/source/values";
import { useTexts } from "@/i18n/language";
import { Fold } from "@/ui/fold";
import { useForm } from "./context";
import { FieldRow } from "./field";
import { AddNamed, NameField, RemoveButton } from "./list-field";
import {
  beginningOf,
  type Field,
  fieldsOf,
  isTemplate,
  resolved,
  type Schema,
  unknownKeys,
  variantFor,
  variantName,
  variantsOf,
} from "./schema";
import { TextField } from "./text-field";
import { formTexts } from "./texts";
import { TreeField, ValueField, type ValueFieldProps } from "./value-field";

/** Entries from which on they are folded at first. */
const MOST_OPEN = 4;

interface ObjectProps extends ValueFieldProps {
  path: Path;
  schema: Schema;
  root: Schema;
}

/** Lists and objects that are a reference instead. */
function Referred({ id, label, value, set }: ValueFieldProps) {
  const text = isObject(value) ? `{{${String(value.ref)}}}` : String(value);
  return (
    <TextField id={id} label={label} value={text} tell={(next) => set(next || undefined, true)} />
  );
}

export function ObjectField(props: ObjectProps) {
  const { id, label, value, set, path, schema, root } = props;
  const t = useTexts(formTexts);
  const variants = variantsOf(schema, root);
  if (isTemplate(value) && isObject(schema.properties) === false) return <Referred {...props} />;
  const index = variantFor(value, schema, root);
  const variant = variants[index] ?? {};
  const isSet = value !== undefined && value !== null;
  return (
    <div className="sub-form">
      <div className="row-line">
        {variants.length > 1 || !isSet ? (
          <select
            id={id}
            aria-label={t.kindOf(label)}
            value={isSet ? index : ""}
            onChange={(event) =>
              set(
                event.target.value === ""
                  ? undefined
                  : beginningOf(variants[Number(event.target.value)] ?? {}),
              )
            }
          >
            <option value="">{t.notSet}</option>
            {variants.map((part, place) => (
              <option key={variantName(part)} value={place}>
                {variantName(part)}
              </option>
            ))}
          </select>
        ) : null}
        {isSet && <RemoveButton name={label} remove={() => set(undefined)} />}
      </div>
      {isSet && <Part {...props} path={path} schema={variant} />}
    </div>
  );
}

/** One value by the part of a union that it is. */
function Part(props: ObjectProps) {
  const { value, path, schema, root } = props;
  if (!isObject(schema.properties) || !isObject(value))
    return typeof value === "object" && value !== null ? (
      <TreeField {...props} />
    ) : (
      <ValueField {...props} />
    );
  return (
    <>
      {fieldsOf(schema, root)
        .filter(isAsked)
        .map((field) => (
          <FieldRow
            key={field.name}
            field={field}
            value={value[field.name]}
            path={[...path, field.name]}
            root={root}
            templates={props.templates ?? true}
            beside={value}
          />
        ))}
      <UnknownFields names={unknownKeys(value, schema)} value={value} path={path} />
    </>
  );
}

/** What tells the parts of a union apart has one value only, chosen above. */
function isAsked(field: Field): boolean {
  return field.options.length !== 1;
}

/** Settings that a schema does not know: shown as they are, and kept. */
export function UnknownFields({
  names,
  value,
  path,
}: {
  names: readonly string[];
  value: Record<string, unknown>;
  path: Path;
}) {
  const form = useForm();
  return names.map((name) => (
    <div className="field" key={name}>
      <div className="field-head">
        <label htmlFor={`unknown-${path.join("-")}-${name}`}>{name}</label>
        <RemoveButton name={name} remove={() => form.set([...path, name], undefined)} />
      </div>
      <ValueField
        id={`unknown-${path.join("-")}-${name}`}
        label={name}
        value={value[name]}
        set={(next, isTyping) => form.set([...path, name], next ?? null, isTyping)}
      />
    </div>
  ));
}

export function ObjectsField(props: ObjectProps) {
  const form = useForm();
  const { label, value, set, path, schema, root } = props;
  const t = useTexts(formTexts);
  const items = resolved(schema.items, root);
  if (isTemplate(value)) return <Referred {...props} />;
  const hasFields = variantsOf(items, root).some((part) => isObject(part.properties));
  if (!hasFields || (value !== undefined && value !== null && !Array.isArray(value)))
    return <TreeField {...props} />;
  const list: unknown[] = Array.isArray(value) ? value : [];
  const move = (index: number) => {
    const moved = [...list];
    const [one] = moved.splice(index, 1);
    moved.splice(index - 1, 0, one);
    set(moved);
  };
  return (
    <div className="stack-tight">
      {list.map((one, index) => (
        <Fold
          className="sub-form"
          // biome-ignore lint/suspicious/noArrayIndexKey: an item has no other name than its place
          key={index}
          open={list.length < MOST_OPEN}
          title={titleOf(one) || `${index + 1}`}
          aside={
            <span className="end">
              {index > 0 && (
                <button
                  type="button"
                  className="plain remove"
                  aria-label={t.up(`${label} ${index + 1}`)}
                  onClick={() => move(index)}
                >
                  ↑
                </button>
              )}
              <RemoveButton
                name={`${label} ${index + 1}`}
                remove={() => form.set([...path, index], undefined)}
              />
            </span>
          }
        >
          <Item {...props} path={[...path, index]} value={one} schema={items} />
        </Fold>
      ))}
      <button
        type="button"
        aria-label={t.addTo(label)}
        onClick={() =>
          form.set([...path, list.length], beginningOf(variantsOf(items, root)[0] ?? {}))
        }
      >
        {t.add}
      </button>
    </div>
  );
}

/** An item of a list or map, with a choice where it is a union. */
function Item(props: ObjectProps) {
  const { label, value, path, schema, root } = props;
  const form = useForm();
  const t = useTexts(formTexts);
  const variants = variantsOf(schema, root);
  const set = (next: unknown, isTyping?: boolean) => form.set(path, next ?? "", isTyping);
  const index = variantFor(value, schema, root);
  return (
    <>
      {variants.length > 1 && (
        <select
          aria-label={t.kindOf(label)}
          value={index}
          onChange={(event) => set(beginningOf(variants[Number(event.target.value)] ?? {}))}
        >
          {variants.map((part, place) => (
            <option key={variantName(part)} value={place}>
              {variantName(part)}
            </option>
          ))}
        </select>
      )}
      <Part {...props} id={`${props.id}-${path.at(-1)}`} set={set} schema={variants[index] ?? {}} />
    </>
  );
}

function titleOf(value: unknown): string {
  if (!isObject(value)) return "";
  const named = value.name ?? value.id ?? value.variable ?? value.type;
  return typeof named === "string" ? named : "";
}

export function NamedObjectsField(props: ObjectProps) {
  const { label, value, path, schema, root } = props;
  const form = useForm();
  const inner = resolved(schema.additionalProperties, root);
  if (isTemplate(value) && !isObject(value)) return <Referred {...props} />;
  if (value !== undefined && value !== null && !isObject(value)) return <TreeField {...props} />;
  const pairs = Object.entries(isObject(value) ? value : {});
  const names = pairs.map(([name]) => name);
  return (
    <div className="stack-tight">
      {pairs.map(([name, one]) => (
        <Fold
          className="sub-form"
          key={name}
          open={pairs.length < MOST_OPEN}
          title={name}
          aside={
            <>
              <NameField
                name={name}
                taken={names}
                rename={(next) => form.rename([...path, name], next)}
              />
              <RemoveButton name={name} remove={() => form.set([...path, name], undefined)} />
            </>
          }
        >
          <Item {...props} path={[...path, name]} value={one ?? {}} schema={inner} />
        </Fold>
      ))}
      <AddNamed
        label={label}
        taken={names}
        add={(name) => form.set([...path, name], beginningOf(variantsOf(inner, root)[0] ?? {}))}
      />
    </div>
  );
}
