/** Puts what a node gave in a run into a case of the document, as the node's reply. */

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { call } from "@/api/client";
import { boxOf } from "@/graph/graph";
import { casesOf, idOf, PINNED, replyOf, withPin } from "@/graph/pins";
import { useTexts } from "@/i18n/language";
import { bytes } from "@/i18n/numbers";
import { Loading, Problem } from "@/ui/states";
import { Value } from "@/ui/value";
import { visible } from "@/ui/visible";
import { Dialog } from "./dialog";
import { pinTexts } from "./pin-texts";
import { inputsOfCase, typesById, whyNotPinned } from "./pinning";
import type { Session } from "./session";
import { editorTexts } from "./texts";
import { usePart } from "./use-session";

/** Where an output was recorded. */
export interface Recorded {
  runId: string;
  /** In that run. */
  address: string;
  /** Whether the run is a trial of the node alone: its inputs are not those of the workflow. */
  ofTrial: boolean;
}

/** Characters of a reply that a workflow's text still takes well. */
const MOST = 200_000;
const NEW = "new";

export function PinDialog({
  session,
  recorded,
  close,
}: {
  session: Session;
  recorded: Recorded;
  /** @param done whether something was pinned. */
  close: (done: boolean) => void;
}) {
  const t = useTexts(pinTexts);
  const { runId, address, ofTrial } = recorded;
  const id = idOf(boxOf(address));
  const given = useQuery({
    queryKey: ["recorded", runId, address],
    queryFn: async () => {
      const path = { run_id: runId };
      const [node, run] = await Promise.all([
        call("get", "/api/runs/{run_id}/nodes/{address}", { path: { ...path, address } }),
        ofTrial ? null : call("get", "/api/runs/{run_id}", { path }),
      ]);
      return { node: node.data, inputs: run?.data.inputs ?? null };
    },
  });
  const why = whyNotPinned(session, id);
  return (
    <Dialog title={t.pinTitle(visible(id))} close={() => close(false)}>
      {why && <p className="field-problem">{t[why](visible(id))}</p>}
      {given.error && <Problem error={given.error} />}
      {given.isPending && <Loading />}
      {!why && given.data && given.data.node.status !== "succeeded" && (
        <p className="field-problem">{t.notSucceeded}</p>
      )}
      {!why && given.data?.node.status === "succeeded" && (
        <PinForm
          session={session}
          address={address}
          outputs={given.data.node.outputs}
          port={given.data.node.port}
          inputs={given.data.inputs}
          close={close}
        />
      )}
    </Dialog>
  );
}

function PinForm({
  session,
  address,
  outputs,
  port,
  inputs,
  close,
}: {
  session: Session;
  address: string;
  outputs: Record<string, unknown>;
  port: string;
  /** Of the run; null: of a trial. */
  inputs: Record<string, unknown> | null;
  close: (done: boolean) => void;
}) {
  const t = useTexts(pinTexts);
  const words = useTexts(editorTexts);
  const value = usePart(session.store, (state) => state.drawn.document.value);
  const notice = usePart(session.store, (state) => state.notice);
  const cases = casesOf(value);
  const id = idOf(boxOf(address));
  const [chosen, setChosen] = useState(
    () => cases.find((one) => one.name === PINNED)?.index.toString() ?? NEW,
  );
  const [name, setName] = useState(PINNED);
  const [key, setKey] = useState(id);
  const into = cases.find((one) => String(one.index) === chosen);
  const before = into && Object.hasOwn(into.replies, key) ? into.replies[key] : undefined;
  const reply = replyOf(outputs, port);
  const size = JSON.stringify(reply).length;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const place = into ? { index: into.index } : { name, inputs: inputsOfCase(session, inputs) };
    if (session.edit((document) => withPin(document, place, key, reply))) close(true);
  };
  if (size > MOST) return <p className="field-problem">{t.tooLarge(bytes(size))}</p>;
  return (
    <form className="stack" onSubmit={submit}>
      <p className="muted">{t.help}</p>
      {cases.length > 0 && (
        <label>
          {t.intoCase}
          <select value={chosen} onChange={(event) => setChosen(event.target.value)}>
            {cases.map((one) => (
              <option key={one.index} value={one.index}>
                {visible(one.name)}
              </option>
            ))}
            <option value={NEW}>{t.newCase}</option>
          </select>
        </label>
      )}
      {!into && (
        <>
          <label>
            {t.caseName}
            <input required value={name} onChange={(event) => setName(event.target.value)} />
          </label>
          <p className="muted">{t.newHelp}</p>
        </>
      )}
      {address !== id && boxOf(address) !== address && (
        <label>
          {t.which}
          <select value={key} onChange={(event) => setKey(event.target.value)}>
            <option value={id}>{t.everyItem(id)}</option>
            <option value={address}>{t.thisItem(address)}</option>
          </select>
        </label>
      )}
      {key === id && (typesById(session).get(id)?.length ?? 0) > 1 && (
        <p className="muted">{t.several(visible(id))}</p>
      )}
      <Value value={outputs} name={id} />
      {before !== undefined && (
        <section className="stack" aria-label={t.already}>
          <p className="field-problem" role="status">
            {t.already}
          </p>
          <Value value={before} name={id} />
        </section>
      )}
      {notice && (
        <p className="field-problem" role="alert">
          {notice}
        </p>
      )}
      <div className="row">
        <button type="submit" className="primary" data-first>
          {before === undefined ? t.pin : t.replace}
        </button>
        <button type="button" onClick={() => close(false)}>
          {words.cancel}
        </button>
      </div>
    </form>
  );
}
