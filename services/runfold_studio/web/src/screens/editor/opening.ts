/** Reads what an editor begins with: the draft's text, else the newest version's, with its layout and the kinds. */

import { ApiProblem, call, exchange } from "@/api/client";
import type { Kinds } from "@/graph/graph";
import { kindsByType } from "@/graph/graph";
import type { Layout } from "./session";

export interface Opened {
  text: string;
  json: boolean;
  /** Of the draft; empty while there is none. */
  etag: string;
  layout: Layout;
  layoutEtag: string;
  kinds: Kinds;
  name: string;
  /** The newest published version. */
  version: number | null;
}

export async function open(workflowId: string, signal?: AbortSignal): Promise<Opened> {
  const path = { workflow_id: workflowId };
  const [source, layout, kinds, versions] = await Promise.all([
    sourceOf(workflowId, signal),
    call("get", "/api/workflows/{workflow_id}/layout", { path, signal }),
    call("get", "/api/kinds", { signal }),
    call("get", "/api/workflows/{workflow_id}/versions", { path, signal }),
  ]);
  return {
    ...source,
    layout: layout.data,
    layoutEtag: layout.etag,
    kinds: kindsByType(kinds.data.items),
    name: workflowId,
    version: versions.data.items.at(-1)?.version ?? null,
  };
}

/** The draft's text, or that of the newest version where there is no draft. */
export async function sourceOf(
  workflowId: string,
  signal?: AbortSignal,
): Promise<{ text: string; json: boolean; etag: string }> {
  try {
    return await textOf(`/api/workflows/${encodeURIComponent(workflowId)}/versions/draft`, signal);
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 404) throw error;
    const found = await textOf(`/api/workflows/${encodeURIComponent(workflowId)}`, signal);
    return { ...found, etag: "" };
  }
}

async function textOf(path: string, signal?: AbortSignal) {
  const answer = await exchange("get", path, {
    query: { form: "source" },
    accept: "application/yaml, text/plain, application/json",
    signal,
  });
  const type = answer.headers.get("Content-Type") ?? "";
  return {
    text: await answer.text(),
    json: !type.includes("yaml"),
    etag: answer.headers.get("ETag") ?? "",
  };
}

/** Store a draft's text as it is; gives its new tag. */
export async function saveDraft(
  workflowId: string,
  text: string,
  json: boolean,
  etag: string,
): Promise<string> {
  const stored = await call("put", "/api/workflows/{workflow_id}", {
    path: { workflow_id: workflowId },
    query: { draft: true },
    text: { body: text, type: mediaType(json) },
    etag: etag || undefined,
  });
  return stored.etag || stored.data.etag;
}

/** Store a text as the draft of a workflow that is no more; gives its tag. */
export async function createDraft(text: string, json: boolean): Promise<string> {
  const stored = await call("post", "/api/workflows", {
    query: { draft: true },
    text: { body: text, type: mediaType(json) },
  });
  return stored.etag || stored.data.etag;
}

export function mediaType(json: boolean): string {
  return json ? "application/json" : "application/yaml";
}

export async function saveLayout(
  workflowId: string,
  layout: Layout,
  etag: string,
): Promise<string> {
  const stored = await call("put", "/api/workflows/{workflow_id}/layout", {
    path: { workflow_id: workflowId },
    body: layout,
    etag: etag || undefined,
  });
  return stored.etag;
}
