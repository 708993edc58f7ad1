/** A field for a value of any JSON Schema: what a person fills in, with no templates. */

import { type ReactNode, useId } from "react";
import { useTexts } from "@/i18n/language";
import { AnyField } from "./any-field";
import { FileField } from "./file-field";
import { JsonField } from "./json-field";
import { ListField } from "./list-field";
import { kindFor, propertiesOf, type Schema, typeOf, withField } from "./schema";
import { fieldTexts } from "./texts";
import "./fields.css";

export interface FieldGiven {
  schema: Schema;
  /** Undefined: not filled in, and left out of what is sent. */
  value: unknown;
  change: (value: unknown) => void;
  required: boolean;
  /** Where the value stands in the whole, as problems name it. */
  place: string;
  problems: ReadonlyMap<string, string>;
  depth: number;
  id: string;
  describedBy: string;
}

interface Given {
  name: string;
  schema: Schema;
  value: unknown;
  change: (value: unknown) => void;
  required?: boolean;
  place: string;
  problems: ReadonlyMap<string, string>;
  depth?: number;
  /** Stands beside the name, such as a button that removes the field. */
  aside?: ReactNode;
}

/** A field with its name, what it is for, and what is wrong with it. */
export function ValueField({ name, schema, place, problems, aside, ...rest }: Given) {
  const t = useTexts(fieldTexts);
  const id = useId();
  const { required = false, depth = 0 } = rest;
  const title = typeof schema.title === "string" ? schema.title : name;
  const problem = problems.get(place);
  const group = ["object", "list"].includes(kindFor(schema, rest.value, depth));
  const given = {
    ...rest,
    required,
    depth,
    schema,
    place,
    problems,
    id,
    describedBy: `${id}-help`,
  };
  const head = (
    <>
      {title} {required && <span className="muted small">{t.required}</span>}
    </>
  );
  const help = (
    <div id={`${id}-help`} className="field-help">
      {typeof schema.description === "string" && (
        <span className="muted">{schema.description}</span>
      )}
      {problem && <span className="field-problem">✕ {problem}</span>}
    </div>
  );
  if (group) {
    return (
      <fieldset className="field group" aria-describedby={`${id}-help`}>
        <legend>
          {head} {aside}
        </legend>
        {help}
        <Input {...given} label={title} />
      </fieldset>
    );
  }
  return (
    <div className="field">
      <div className="row">
        <label htmlFor={id}>{head}</label> {aside}
      </div>
      <Input {...given} label={title} />
      {help}
    </div>
  );
}

/** The fields of an object's properties. */
export function ObjectFields(given: Omit<FieldGiven, "id" | "describedBy" | "required">) {
  const { schema, value, change, place, problems, depth } = given;
  const record = (value ?? {}) as Record<string, unknown>;
  return (
    <div className="stack">
      {propertiesOf(schema).map((property) => (
        <ValueField
          key={property.name}
          name={property.name}
          schema={property.schema}
          required={property.required}
          value={record[property.name]}
          change={(next) => change(withField(value, property.name, next))}
          place={place ? `${place}.${property.name}` : property.name}
          problems={problems}
          depth={depth + 1}
        />
      ))}
    </div>
  );
}

export function Input(given: FieldGiven & { label: string }) {
  const { schema, value, change, required, id, describedBy } = given;
  const attributes = { id, required, "aria-describedby": describedBy };
  switch (kindFor(schema, value, given.depth)) {
    case "text":
      return <TextField {...given} />;
    case "number":
      return (
        <input
          {...attributes}
          type="number"
          step={typeOf(schema) === "integer" ? 1 : "any"}
          {...numbers(schema)}
          value={typeof value === "number" ? value : ""}
          onChange={(event) => {
            const written = event.target.valueAsNumber;
            change(Number.isFinite(written) ? written : undefined);
          }}
        />
      );
    case "boolean":
      return <BooleanField {...given} />;
    case "choice":
      return <ChoiceField {...given} />;
    case "list":
      return <ListField {...given} />;
    case "object":
      return <ObjectFields {...given} />;
    case "file":
      return <FileField {...given} several={false} />;
    case "files":
      return <FileField {...given} several />;
    case "any":
      return <AnyField {...given} />;
    case "json":
      return <JsonField {...given} />;
  }
}

function numbers({ minimum, maximum }: Schema): { min?: number; max?: number } {
  return {
    ...(typeof minimum === "number" && { min: minimum }),
    ...(typeof maximum === "number" && { max: maximum }),
  };
}

/** Formats that browsers have a field for. */
const INPUTS: Record<string, string> = {
  date: "date",
  time: "time",
  email: "email",
  uri: "url",
  password: "password",
};
const SHORT = 80;

function TextField({ schema, value, change, required, id, describedBy }: FieldGiven) {
  const { minLength, maxLength, format } = schema;
  // Where a schema says so, no text at all is a text as well; before it is touched it is none.
  const mayBeEmpty = minLength === 0;
  const attributes = {
    id,
    required: required && !(mayBeEmpty && value === ""),
    "aria-describedby": describedBy,
    ...(typeof minLength === "number" && { minLength }),
    ...(typeof maxLength === "number" && { maxLength }),
    value: typeof value === "string" ? value : "",
    onChange: (event: { target: { value: string } }) =>
      change(event.target.value || (mayBeEmpty ? "" : undefined)),
  };
  const type = INPUTS[String(format)];
  if (type || (typeof maxLength === "number" && maxLength <= SHORT)) {
    const complete = type === "password" ? { autoComplete: "new-password" } : {};
    return <input type={type ?? "text"} {...complete} {...attributes} />;
  }
  return <textarea rows={Math.min(12, lines(attributes.value))} {...attributes} />;
}

function lines(text: string): number {
  return Math.max(1, text.split("\n", 12).length, Math.ceil(Math.min(text.length, 1000) / SHORT));
}

function BooleanField({ value, change, required, id, describedBy }: FieldGiven) {
  const t = useTexts(fieldTexts);
  return (
    <select
      id={id}
      required={required}
      aria-describedby={describedBy}
      value={typeof value === "boolean" ? String(value) : ""}
      onChange={(event) => change({ true: true, false: false }[event.target.value])}
    >
      <option value="">{t.unset}</option>
      <option value="true">{t.yes}</option>
      <option value="false">{t.no}</option>
    </select>
  );
}

/** A value that is none of the choices, and stays until another one is chosen. */
const OTHER = "other";

function ChoiceField({ schema, value, change, required, id, describedBy }: FieldGiven) {
  const t = useTexts(fieldTexts);
  const choices = schema.enum as unknown[];
  const chosen = choices.findIndex((one) => JSON.stringify(one) === JSON.stringify(value));
  return (
    <select
      id={id}
      required={required}
      aria-describedby={describedBy}
      value={chosen >= 0 ? String(chosen) : value === undefined ? "" : OTHER}
      onChange={(event) =>
        change(event.target.value === "" ? undefined : choices[Number(event.target.value)])
      }
    >
      <option value="">{t.unset}</option>
      {chosen < 0 && value !== undefined && (
        <option value={OTHER} disabled>
          {typeof value === "string" ? value : JSON.stringify(value)}
        </option>
      )}
      {choices.map((one, index) => (
        <option key={JSON.stringify(one)} value={String(index)}>
          {typeof one === "string" ? one : JSON.stringify(one)}
        </option>
      ))}
    </select>
  );
}
