/** Asks for the name and id of a new workflow, and stores its first draft. */

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { ApiProblem, call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { useModal } from "@/ui/modal";
import { Problem } from "@/ui/states";
import { workflowsTexts } from "./texts";

/** An id made of a name: what an id may not have becomes `_`. */
export function idOf(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_-]+/gu, "_")
    .replace(/^_+|_+$/g, "");
}

/** The YAML of a workflow that begins and ends; text within quotes of JSON is YAML too. */
function firstDraft(id: string, name: string): string {
  return [
    `id: ${JSON.stringify(id)}`,
    `name: ${JSON.stringify(name)}`,
    "nodes:",
    "  - {id: start, type: start}",
    "  - {id: end, type: end}",
    "edges:",
    "  - {source: start, target: end}",
    "",
  ].join("\n");
}

async function isThere(id: string): Promise<boolean> {
  try {
    await call("get", "/api/workflows/{workflow_id}", { path: { workflow_id: id } });
    return true;
  } catch (problem) {
    if (problem instanceof ApiProblem && problem.code === "workflow.not_found") return false;
    throw problem;
  }
}

export function NewWorkflow({ close }: { close: () => void }) {
  const t = useTexts(workflowsTexts);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const dialog = useRef<HTMLDialogElement>(null);
  const [name, setName] = useState("");
  const [id, setId] = useState("");
  const [refused, setRefused] = useState<unknown>(null);
  useModal(dialog);
  const make = async (event: FormEvent) => {
    event.preventDefault();
    const workflowId = id || idOf(name);
    const text = firstDraft(workflowId, name);
    try {
      if (await isThere(workflowId)) {
        setRefused(new Error(t.exists(workflowId)));
        return;
      }
      await call("post", "/api/workflows", {
        query: { draft: true },
        text: { body: text, type: "application/yaml" },
      });
      await queries.invalidateQueries({ queryKey: ["workflows"] });
      await navigate({ to: "/w/$workflowId", params: { workflowId } });
    } catch (problem) {
      setRefused(problem);
    }
  };
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="new-workflow">
      <form className="stack" onSubmit={(event) => void make(event)}>
        <h2 id="new-workflow">{t.create}</h2>
        {refused !== null && <Problem error={refused} />}
        <label>
          {t.name}
          <input required value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <label>
          {t.id}
          <input
            className="mono"
            placeholder={idOf(name)}
            value={id}
            onChange={(event) => setId(event.target.value)}
          />
        </label>
        <p className="muted">{t.idHelp}</p>
        <div className="row">
          <button className="primary" type="submit">
            {t.make}
          </button>
          <button type="button" onClick={close}>
            {t.close}
          </button>
        </div>
      </form>
    </dialog>
  );
}
