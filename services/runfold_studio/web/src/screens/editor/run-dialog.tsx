/** Asks for a run's inputs, begins it, and opens it. */

import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { ApiProblem, call } from "@/api/client";
import { propertiesOf, startOf } from "@/forms/fields/schema";
import { TopFields } from "@/forms/fields/top-fields";
import { inputProblems, inputsSchema } from "@/forms/inputs";
import { useTexts } from "@/i18n/language";
import { Problem } from "@/ui/states";
import { Dialog } from "./dialog";
import { forgetSet, keepSet, keptSets, LAST } from "./kept-inputs";
import { readInputs } from "./read-inputs";
import { editorTexts } from "./texts";
import { type Desk, useAction, usePart } from "./use-session";

const DRAFT = "draft";
const NONE: ReadonlyMap<string, string> = new Map();

export function RunDialog({ desk, close }: { desk: Desk; close: () => void }) {
  const { session, opened } = desk;
  const { workflowId } = session;
  const t = useTexts(editorTexts);
  const navigate = useNavigate();
  const action = useAction();
  const document = usePart(session.store, (state) => state.drawn.document);
  const checked = usePart(session.store, (state) => state.checked);
  const declared = document.at(["inputs"]);
  const [sets, setSets] = useState(() => keptSets(workflowId));
  const [written, setValues] = useState<unknown>(
    () => sets.find((one) => one.name === LAST)?.values ?? startOf(inputsSchema(declared)),
  );
  const values = useMemo(() => (written ?? {}) as Record<string, unknown>, [written]);
  const schema = useMemo(
    () => inputsSchema(declared, { read: readInputs(checked), given: values, mayBeEmpty: true }),
    [declared, checked, values],
  );
  const [version, setVersion] = useState(DRAFT);
  const problems =
    action.problem instanceof ApiProblem
      ? inputProblems(action.problem.document, t.inputMissing)
      : NONE;
  const begin = async () => {
    if (version === DRAFT && !(await desk.draft.flush())) throw new Error(t.unsavedRun);
    const started = await call("post", "/api/workflows/{workflow_id}/run", {
      path: { workflow_id: workflowId },
      body: { inputs: values, version: version === DRAFT ? DRAFT : Number(version) },
    });
    keepSet(workflowId, { name: LAST, values });
    await navigate({ to: "/r/$runId", params: { runId: started.data.run_id } });
  };
  return (
    <Dialog title={t.runTitle} close={close}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          action.run(begin);
        }}
      >
        {opened.version !== null && (
          <label>
            {t.whichVersion}
            <select value={version} onChange={(event) => setVersion(event.target.value)}>
              <option value={DRAFT}>{t.runDraft}</option>
              {Array.from({ length: opened.version }, (_, index) => index + 1)
                .reverse()
                .map((one) => (
                  <option key={one} value={one}>
                    {t.runVersion(one)}
                  </option>
                ))}
            </select>
          </label>
        )}
        <KeptSets
          workflowId={workflowId}
          sets={sets}
          setSets={setSets}
          values={values}
          take={setValues}
        />
        {propertiesOf(schema).length === 0 ? (
          <p className="muted">{t.noInputs}</p>
        ) : (
          <TopFields schema={schema} value={values} change={setValues} problems={problems} />
        )}
        {version === DRAFT && checked?.valid === false && (
          <p className="field-problem">{t.drafted}</p>
        )}
        {action.problem !== null && <Problem error={action.problem} />}
        <div className="row">
          <button type="submit" className="primary" disabled={action.busy}>
            ▶ {t.start}
          </button>
          <button type="button" onClick={close}>
            {t.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function KeptSets({
  workflowId,
  sets,
  setSets,
  values,
  take,
}: {
  workflowId: string;
  sets: ReturnType<typeof keptSets>;
  setSets: (sets: ReturnType<typeof keptSets>) => void;
  values: Record<string, unknown>;
  take: (values: Record<string, unknown>) => void;
}) {
  const t = useTexts(editorTexts);
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState("");
  const named = sets.filter((one) => one.name !== LAST);
  return (
    <details>
      <summary>{t.savedSets}</summary>
      <div className="stack">
        {named.length > 0 && (
          <div className="row">
            <select
              aria-label={t.savedSets}
              value={chosen}
              onChange={(event) => {
                setChosen(event.target.value);
                const set = named.find((one) => one.name === event.target.value);
                if (set) take(set.values);
              }}
            >
              <option value="" />
              {named.map((one) => (
                <option key={one.name}>{one.name}</option>
              ))}
            </select>
            {chosen && (
              <button
                type="button"
                onClick={() => {
                  setSets(forgetSet(workflowId, chosen));
                  setChosen("");
                }}
              >
                {t.forget}
              </button>
            )}
          </div>
        )}
        <div className="row">
          <input
            aria-label={t.keepSet}
            placeholder={t.keepSet}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <button
            type="button"
            disabled={name === ""}
            onClick={() => {
              setSets(keepSet(workflowId, { name, values }));
              setName("");
            }}
          >
            {t.keep}
          </button>
        </div>
      </div>
    </details>
  );
}
