/** The form of a run's inputs; files are stored when they are chosen. */

import { useMemo, useState } from "react";
import { call } from "@/api/client";
import { FormContext } from "@/forms/context";
import { SchemaForm } from "@/forms/form";
import type { Inputs } from "@/forms/inputs";
import type { Path } from "@/graph/document";
import { withoutValue, withValue } from "@/graph/source/values";
import { useTexts } from "@/i18n/language";
import { Problem } from "@/ui/states";
import { editorTexts } from "./texts";

type Values = Record<string, unknown>;

export function InputsForm({
  inputs,
  values,
  change,
}: {
  inputs: Inputs;
  values: Values;
  change: (change: (values: Values) => Values) => void;
}) {
  const t = useTexts(editorTexts);
  const [refused, setRefused] = useState<unknown>(null);
  const environment = useMemo(
    () => ({
      ...{ readable: [], templates: false, models: [], workflows: [], key: "inputs" },
      set: (path: Path, value: unknown) =>
        change(
          (before) =>
            (value === undefined
              ? withoutValue(before, path)
              : withValue(before, path, value)) as Values,
        ),
      rename: () => undefined,
    }),
    [change],
  );
  const store = async (name: string, several: boolean, chosen: FileList | null) => {
    setRefused(null);
    try {
      const files = await Promise.all([...(chosen ?? [])].map(storeFile));
      change((before) => withValue(before, [name], several ? files : files[0]) as Values);
    } catch (problem) {
      setRefused(problem);
    }
  };
  return (
    <FormContext.Provider value={environment}>
      <SchemaForm schema={inputs.schema} value={values} path={[]} />
      {inputs.files.map(({ name, several, accept }) => (
        <label key={name} className="field">
          {name}
          <input
            type="file"
            multiple={several}
            accept={accept || undefined}
            title={several ? t.uploads : t.upload}
            onChange={(event) => void store(name, several, event.target.files)}
          />
        </label>
      ))}
      {refused !== null && <Problem error={refused} />}
    </FormContext.Provider>
  );
}

async function storeFile(file: File): Promise<unknown> {
  const form = new FormData();
  form.append("file", file, file.name);
  return (await call("post", "/api/files", { body: form })).data;
}
