/** A new run goes on from one of the run's events, with other inputs or another version. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { call } from "@/api/client";
import { propertiesOf, schemaOf } from "@/forms/fields/schema";
import { TopFields } from "@/forms/fields/top-fields";
import { useTexts } from "@/i18n/language";
import { count } from "@/i18n/numbers";
import type { Moment } from "@/run/moment";
import { Loading, Problem } from "@/ui/states";
import { visible } from "@/ui/visible";
import { useWorkspace } from "../workspace";
import { ActDialog } from "./dialog";
import { changedInputs, inputsSchema } from "./inputs";
import { actionTexts } from "./texts";
import { listed, touchedBy } from "./under-way";
import { VersionChoice } from "./version";

interface Given {
  /** Where the new run goes on; without it, at the event under the playhead. */
  from?: Moment;
  close: () => void;
}

export function ForkDialog({ from, close }: Given) {
  const t = useTexts(actionTexts);
  const { runId, moment, data } = useWorkspace();
  const navigate = useNavigate();
  // The dialog keeps the event it was opened for while the run goes on.
  const [at] = useState(() => placeOf(from ?? moment));
  const { inputs: before, workflowId } = moment.state.head;
  const [inputs, setInputs] = useState<unknown>(before);
  const [version, setVersion] = useState("");
  const first = data.history.events[0];
  const own = first?.type === "run_started" ? first.definition : null;
  const wanted = useDefinition(workflowId, version);
  const schema = useMemo(
    () => inputsSchema(version === "" ? own : wanted.data, before),
    [version, own, wanted.data, before],
  );
  const anew = [...at.running, ...at.waiting];
  const fork = async () => {
    const body = { at: at.seq, inputs: changedInputs(before, inputs), version };
    const path = { run_id: runId ?? "" };
    const answer = await call("post", "/api/runs/{run_id}/fork", { path, body });
    await navigate({ to: "/r/$runId", params: { runId: answer.data.run_id }, search: {} });
  };
  const isReading = version !== "" && wanted.isPending;
  return (
    <ActDialog title={t.forkTitle} go={t.forkGo} close={close} act={fork} disabled={isReading}>
      <p>{t.forkHelp}</p>
      <p>
        {t.forkKept(count(at.count - 1), String(at.seq))}
        {anew.length > 0 && ` ${t.forkAnew} ${visible(listed(anew))}`}
      </p>
      <VersionChoice version={version} change={setVersion} />
      {isReading && <Loading />}
      {version !== "" && wanted.error && <Problem error={wanted.error} />}
      {propertiesOf(schema).length > 0 && (
        <fieldset className="bare stack">
          <legend>{t.inputs}</legend>
          <TopFields schema={schema} value={inputs} change={setInputs} />
        </fieldset>
      )}
    </ActDialog>
  );
}

function placeOf(moment: Moment) {
  return { seq: moment.event.seq, count: moment.count, ...touchedBy(moment) };
}

/** What another version is: it may ask for other inputs. */
function useDefinition(workflowId: string, version: string) {
  return useQuery({
    queryKey: ["definition", workflowId, version],
    enabled: version !== "",
    retry: false,
    queryFn: async () => {
      const path = { workflow_id: workflowId };
      const { data } =
        version === "newest"
          ? await call("get", "/api/workflows/{workflow_id}", { path })
          : await call("get", "/api/workflows/{workflow_id}/versions/{version}", {
              path: { ...path, version },
            });
      return schemaOf(data).definition ?? null;
    },
  });
}
