/** The fields of an object that is a form's whole value, such as the inputs of a run. */

import type { Schema } from "./schema";
import { ObjectFields } from "./value-field";

const NONE: ReadonlyMap<string, string> = new Map();

interface Given {
  schema: Schema;
  value: unknown;
  change: (value: unknown) => void;
  problems?: ReadonlyMap<string, string>;
}

export function TopFields({ schema, value, change, problems = NONE }: Given) {
  return (
    <ObjectFields
      schema={schema}
      value={value}
      change={change}
      place=""
      problems={problems}
      depth={0}
    />
  );
}
