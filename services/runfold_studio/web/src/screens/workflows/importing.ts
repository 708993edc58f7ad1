/** Imports of files: read without storing first, stored when somebody has seen the report. */

import { call } from "@/api/client";
import type { components } from "@/api/schema";

export type Imported = components["schemas"]["Imported"];
export type Refused = components["schemas"]["RefusedFile"];
export type PassedOver = components["schemas"]["PassedOver"];

export interface Import {
  files: File[];
  items: Imported[];
  refused: Refused[];
  /** Files in zips that are no workflows. */
  passedOver: PassedOver[];
  /** Ids under which there is a workflow already. */
  taken: ReadonlySet<string>;
}

type WorkflowList = components["schemas"]["WorkflowList"];
const PAGE = 1000;

function formOf(files: readonly File[]): FormData {
  const form = new FormData();
  for (const file of files) form.append("file", file, file.name);
  return form;
}

export async function readFiles(files: File[]): Promise<Import> {
  const done = (await call("post", "/api/import/files", { body: formOf(files) })).data;
  return {
    files,
    items: done.items,
    refused: done.refused,
    passedOver: done.passed_over,
    taken: await storedIds(),
  };
}

/** The ids of all workflows, archived ones too. */
async function storedIds(): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const archived of [false, true]) {
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: WorkflowList = (
        await call("get", "/api/workflows", { query: { archived, limit: PAGE, cursor } })
      ).data;
      for (const one of page.items) found.add(one.id);
      cursor = page.next_cursor || null;
    }
  }
  return found;
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
  // Files of a zip may be called like a workflow.
  const refused = new Set(done.data.refused.filter((one) => !one.within).map((one) => one.name));
  return done.data.items.map((one) => one.workflow_id).filter((id) => !refused.has(id));
}
