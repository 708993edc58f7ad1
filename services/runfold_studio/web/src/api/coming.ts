/** Calls of operations that the OpenAPI document of this branch lacks yet; `call` replaces them. */

import { exchange } from "./client";

export async function ask<T>(
  method: "get" | "post" | "put" | "delete",
  path: string,
  given: { query?: Record<string, unknown>; body?: unknown } = {},
): Promise<T> {
  const answer = await exchange(method, path, given);
  return (await answer.json()) as T;
}
