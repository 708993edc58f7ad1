/** Imports of files: read without storing first, stored when somebody has seen the report. */

import { ApiProblem, call } from "@/api/client";
import type { components } from "@/api/schema";

export type Imported = components["schemas"]["Imported"];
export type Refused = components["schemas"]["RefusedFile"];

export interface Import {
  files: File[];
  items: Imported[];
  refused: Refused[];
  /** Ids under which there is a workflow already. */
  taken: ReadonlySet<string>;
}

function formOf(files: readonly File[]): FormData {
  const form = new FormData();
  for (const file of files) form.append("file", file, file.name);
  return form;
}

export async function readFiles(files: File[]): Promise<Import> {
  const done = (await call("post", "/api/import/files", { body: formOf(files) })).data;
  const taken = new Set<string>();
  await Promise.all(
    done.items.map(async (one) => {
      if (await isThere(one.workflow_id)) taken.add(one.workflow_id);
    }),
  );
  return { files, items: done.items, refused: done.refused, taken };
}

async function isThere(workflowId: string): Promise<boolean> {
  try {
    await call("get", "/api/workflows/{workflow_id}", { path: { workflow_id: workflowId } });
    return true;
  } catch (problem) {
    if (problem instanceof ApiProblem && problem.status === 404) return false;
    throw problem;
  }
}

/** Store what was read as drafts; a native file as its text is, comments and all. */
export async function storeImport(given: Import): Promise<string[]> {
  const [only] = given.items;
  const [file] = given.files;
  if (only?.format === "native" && given.items.length === 1 && given.files.length === 1 && file) {
    const isJson = /\.json$/i.test(file.name);
    const stored = await call("post", "/api/workflows", {
      query: { draft: true },
      text: {
        body: await file.text(),
        type: isJson ? "application/json" : "application/yaml",
      },
    });
    return [stored.data.id];
  }
  const done = await call("post", "/api/import/files", {
    query: { store: "draft" },
    body: formOf(given.files),
  });
  const refused = new Set(done.data.refused.map((one) => one.name));
  return done.data.items.map((one) => one.workflow_id).filter((id) => !refused.has(id));
}
