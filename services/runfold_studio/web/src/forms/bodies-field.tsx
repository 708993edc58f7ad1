/** The bodies of a composite: what is in them is edited on the canvas, which there are is said here. */

import { isObject } from "@/graph/source/values";
import { useTexts } from "@/i18n/language";
import { AddNamed, NameField, RemoveButton } from "./list-field";
import { formTexts } from "./texts";
import { type PartsFieldProps, TreeField } from "./value-field";

export function BodiesField(props: PartsFieldProps & { widget: string }) {
  const { label, value, set, part, rename, widget } = props;
  const t = useTexts(formTexts);
  if (widget === "nodes") return <p className="muted">{t.onCanvas(countOf({ nodes: value }))}</p>;
  if (widget === "body")
    return isObject(value) && Array.isArray(value.nodes) ? (
      <div className="row-line">
        <p className="muted">{t.onCanvas(countOf(value))}</p>
        <RemoveButton name={label} remove={() => set(undefined)} />
      </div>
    ) : value === undefined || value === null ? (
      <button type="button" onClick={() => set({ nodes: [] })}>
        {t.addBody}
      </button>
    ) : (
      <TreeField {...props} />
    );
  if (value !== undefined && value !== null && !isObject(value)) return <TreeField {...props} />;
  const pairs = Object.entries(isObject(value) ? value : {});
  const names = pairs.map(([name]) => name);
  return (
    <div className="stack-tight">
      {pairs.map(([name, body]) => (
        <div className="row-line" key={name}>
          <NameField name={name} taken={names} rename={(next) => rename(name, next)} />
          <span className="muted">{t.onCanvas(countOf(body))}</span>
          <RemoveButton name={name} remove={() => part([name], undefined)} />
        </div>
      ))}
      <AddNamed label={label} taken={names} add={(name) => part([name], { nodes: [] })} />
    </div>
  );
}

function countOf(body: unknown): number {
  return isObject(body) && Array.isArray(body.nodes) ? body.nodes.length : 0;
}
