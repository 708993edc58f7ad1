/** A new run goes on from the event under the playhead, with other inputs or another version. */

import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ApiProblem, call } from "@/api/client";
import { type Schema, schemaOf } from "@/forms/fields/schema";
import { ObjectFields } from "@/forms/fields/value-field";
import { inputProblems, inputsSchema } from "@/forms/inputs";
import { useTexts } from "@/i18n/language";
import { count } from "@/i18n/numbers";
import { visible } from "@/ui/visible";
import { runTexts } from "../texts";
import { useWorkspace } from "../workspace";
import { ActDialog } from "./dialog";
import { listed, touchedBy } from "./under-way";
import { VersionChoice } from "./version";

export function ForkDialog({ close }: { close: () => void }) {
  const t = useTexts(runTexts);
  const { runId, moment, data } = useWorkspace();
  const navigate = useNavigate();
  const first = data.history.events[0];
  const { inputs: before } = moment.state.head;
  const [schema] = useState<Schema>(() =>
    inputsSchema(first?.type === "run_started" ? schemaOf(first.definition).inputs : null, {
      given: before,
    }),
  );
  // The dialog keeps the event it was opened for while the run goes on.
  const [at] = useState({ seq: moment.event.seq, count: moment.count, ...touchedBy(moment) });
  const [inputs, setInputs] = useState<unknown>(before);
  const [version, setVersion] = useState("");
  const [refused, setRefused] = useState<ReadonlyMap<string, string>>(new Map());
  const anew = [...at.running, ...at.waiting];
  const fork = async () => {
    const body = { at: at.seq, inputs: changed(before, inputs), version };
    try {
      const path = { run_id: runId ?? "" };
      const answer = await call("post", "/api/runs/{run_id}/fork", { path, body });
      await navigate({ to: "/r/$runId", params: { runId: answer.data.run_id }, search: {} });
    } catch (problem) {
      if (problem instanceof ApiProblem)
        setRefused(inputProblems(problem.document, t.inputMissing));
      throw problem;
    }
  };
  return (
    <ActDialog title={t.forkTitle} go={t.forkGo} close={close} act={fork}>
      <p>{t.forkHelp}</p>
      <p>
        {t.forkKept(count(at.count - 1), String(at.seq))}
        {anew.length > 0 && ` ${t.forkAnew} ${visible(listed(anew))}`}
      </p>
      <VersionChoice version={version} change={setVersion} />
      {Object.keys((schema.properties ?? {}) as object).length > 0 && (
        <fieldset className="bare stack">
          <legend>{t.inputs}</legend>
          <ObjectFields
            schema={schema}
            value={inputs}
            change={setInputs}
            place=""
            problems={refused}
            depth={0}
          />
        </fieldset>
      )}
    </ActDialog>
  );
}

/** The inputs that are another value than before; null when none is. */
function changed(
  before: Readonly<Record<string, unknown>>,
  after: unknown,
): Record<string, unknown> | null {
  const entries = Object.entries((after ?? {}) as Record<string, unknown>);
  const found = entries.filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]),
  );
  return found.length > 0 ? Object.fromEntries(found) : null;
}
