/** Conditions: comparisons, all or any of several, or an expression as text. */

import { isObject } from "@/graph/source/values";
import { useTexts } from "@/i18n/language";
import {
  beginning,
  FORMS,
  type Form,
  formOf,
  isUnary,
  OPERATORS,
  partsOf,
} from "./condition-forms";
import { RemoveButton } from "./list-field";
import { TextField } from "./text-field";
import { formTexts } from "./texts";
import { TreeField, ValueField, type ValueFieldProps } from "./value-field";

export function ConditionField(props: ValueFieldProps & { optional?: boolean }) {
  const { id, label, value, set, optional = false } = props;
  const t = useTexts(formTexts);
  const form = formOf(value);
  if (form === null) return <TreeField {...props} />;
  const isSet = !optional || (value !== undefined && value !== null);
  return (
    <div className="sub-form">
      <select
        id={id}
        aria-label={`${label}: ${t.condition}`}
        value={isSet ? form : ""}
        onChange={(event) =>
          set(event.target.value === "" ? undefined : beginning(event.target.value as Form, value))
        }
      >
        {optional && <option value="">{t.notSet}</option>}
        {FORMS.map((one) => (
          <option key={one} value={one}>
            {t[one]}
          </option>
        ))}
      </select>
      {isSet && <ConditionBody {...props} form={form} />}
    </div>
  );
}

function ConditionBody({ id, label, value, set, form }: ValueFieldProps & { form: Form }) {
  const t = useTexts(formTexts);
  if (form === "expression")
    return (
      <TextField
        id={`${id}-text`}
        label={label}
        value={typeof value === "boolean" ? (value ? "True" : "False") : String(value ?? "")}
        tell={(text) => set(text || undefined, true)}
      />
    );
  if (form === "rule") return <Rule id={id} label={label} value={value} set={set} />;
  const key = form === "all" ? "and" : "or";
  const parts = partsOf(value, key);
  return (
    <div className="stack-tight">
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a part has no other name than its place
        <div className="row-line" key={index}>
          <ConditionField
            id={`${id}-${index}`}
            label={`${label} ${index + 1}`}
            value={part}
            set={(next, isTyping) => set({ [key]: parts.with(index, next ?? "") }, isTyping)}
          />
          <RemoveButton
            name={`${label} ${index + 1}`}
            remove={() => set({ [key]: parts.filter((_, place) => place !== index) })}
          />
        </div>
      ))}
      <button
        type="button"
        onClick={() => set({ [key]: [...parts, beginning("rule", undefined)] })}
      >
        {t.add}
      </button>
    </div>
  );
}

function Rule({ id, value, set }: ValueFieldProps) {
  const t = useTexts(formTexts);
  const rule = isObject(value) ? value : {};
  const operator = String(rule.operator ?? "equals");
  const known = OPERATORS.includes(operator);
  return (
    <div className="rule">
      <ValueField
        id={`${id}-left`}
        label={t.left}
        value={rule.left ?? ""}
        set={(left, isTyping) => set({ ...rule, left: left ?? "" }, isTyping)}
      />
      <select
        aria-label={t.operator}
        value={operator}
        onChange={(event) => {
          const { right, ...rest } = rule;
          const next = event.target.value;
          set(
            isUnary(next)
              ? { ...rest, operator: next }
              : { ...rest, operator: next, right: right ?? "" },
          );
        }}
      >
        {!known && <option value={operator}>{operator}</option>}
        {OPERATORS.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
      {!isUnary(operator) && (
        <ValueField
          id={`${id}-right`}
          label={t.right}
          value={rule.right ?? ""}
          set={(right, isTyping) => set({ ...rule, right: right ?? "" }, isTyping)}
        />
      )}
    </div>
  );
}
