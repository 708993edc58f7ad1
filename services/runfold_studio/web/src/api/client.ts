/** Calls of the gateway's public API. Nothing else calls `fetch`, but for `streams.ts`. */

import { texts } from "@/i18n/language";
import { key } from "./key";
import type { paths } from "./schema";
import { apiTexts } from "./texts";

type Method = "get" | "put" | "post" | "delete";
type PathsWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];
type Operation<P extends keyof paths, M extends Method> =
  paths[P] extends Record<M, infer O> ? O : never;
type Success = 200 | 201 | 202 | 204;
type BodyOf<R> = R extends { content: infer C } ? C[keyof C] : undefined;
type Answer<O> = O extends { responses: infer R }
  ? { [S in keyof R]: S extends Success ? BodyOf<R[S]> : never }[keyof R]
  : never;
type Query<O> = O extends { parameters: { query?: infer Q } } ? NonNullable<Q> : never;
/** An undefined parameter is left out. */
type Maybe<Q> = { [K in keyof Q]?: Q[K] | undefined };
type PathOf<O> = O extends { parameters: { path: infer Q } } ? Q : Record<string, never>;

/** What the gateway refused, as it says it: `code` is stable, `message` is for people. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly document: Record<string, unknown>,
  ) {
    super(message);
  }
}

/** The gateway gave no answer: it is not there, or the way to it is cut. */
export class Unreachable extends Error {
  readonly code = "studio.unreachable";
}

export interface Reply<T> {
  data: T;
  /** The state that was read; given back as `If-Match` it guards a change. */
  etag: string;
  status: number;
}

interface Given {
  path?: Record<string, string | number>;
  query?: Record<string, unknown>;
  body?: unknown;
  /** Sent as it is, of this media type; for documents whose text must stay as written. */
  text?: { body: string; type: string };
  etag?: string | undefined;
  /** Names the request: sent again with the same body, it counts once. */
  idempotencyKey?: string;
  accept?: string;
  signal?: AbortSignal | undefined;
}

/** Write parameters into a path and behind it; an undefined or empty one is left out. */
export function address(path: string, given: Pick<Given, "path" | "query">): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(given.path?.[name] ?? "")),
  );
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given.query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") query.append(name, String(one));
    }
  }
  const text = query.toString();
  return text ? `${filled}?${text}` : filled;
}

export function headersOf(given: Given): Headers {
  const headers = new Headers({ Accept: given.accept ?? "application/json" });
  const bearer = key.get();
  if (bearer) headers.set("Authorization", `Bearer ${bearer}`);
  if (given.etag) headers.set("If-Match", given.etag);
  if (given.idempotencyKey) headers.set("Idempotency-Key", given.idempotencyKey);
  if (given.text) headers.set("Content-Type", given.text.type);
  else if (given.body !== undefined && !(given.body instanceof FormData))
    headers.set("Content-Type", "application/json");
  return headers;
}

function bodyOf(given: Given): BodyInit | null {
  if (given.text) return given.text.body;
  if (given.body === undefined) return null;
  return given.body instanceof FormData ? given.body : JSON.stringify(given.body);
}

/** One exchange, whose answer is read as text by the caller. It waits where the gateway wants a key first. */
export async function exchange(method: Method, path: string, given: Given = {}): Promise<Response> {
  for (;;) {
    const sent = key.get();
    const answer = await fetched(method, path, given);
    if (answer.ok) return answer;
    if (answer.status !== 401) throw await problemOf(answer);
    await key.another(sent, given.signal);
  }
}

async function fetched(method: Method, path: string, given: Given): Promise<Response> {
  try {
    return await fetch(address(path, given), {
      method: method.toUpperCase(),
      headers: headersOf(given),
      body: bodyOf(given),
      signal: given.signal ?? null,
    });
  } catch (error) {
    // Each browser has words of its own for it.
    if (error instanceof TypeError) throw new Unreachable(texts(apiTexts).unreachable);
    throw error;
  }
}

/** What an answer that is no success says. */
export async function problemOf(answer: Response): Promise<ApiProblem> {
  const text = await answer.text();
  let document: Record<string, unknown> = {};
  try {
    document = JSON.parse(text) as Record<string, unknown>;
  } catch {
    // A proxy's page is no problem document: its status is all that is known.
  }
  const code = typeof document.code === "string" ? document.code : `http.${answer.status}`;
  const detail = typeof document.detail === "string" ? document.detail : answer.statusText;
  return new ApiProblem(answer.status, code, detail || `HTTP ${answer.status}`, document);
}

/** Call an operation; the types of its parameters, body and answer are the OpenAPI document's. */
export async function call<M extends Method, P extends PathsWith<M>>(
  method: M,
  path: P,
  given: Omit<Given, "path" | "query"> & {
    path?: PathOf<Operation<P, M>>;
    query?: Maybe<Query<Operation<P, M>>>;
  } = {},
): Promise<Reply<NonNullable<Answer<Operation<P, M>>>>> {
  const answer = await exchange(method, path, given as Given);
  const text = await answer.text();
  return {
    data: (text ? JSON.parse(text) : undefined) as NonNullable<Answer<Operation<P, M>>>,
    etag: answer.headers.get("ETag") ?? "",
    status: answer.status,
  };
}
