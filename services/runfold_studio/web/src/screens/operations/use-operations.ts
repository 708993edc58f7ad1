/** What the broker knows of the deployment, asked every few seconds while somebody looks at it. */

import { useQuery } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { components } from "@/api/schema";

/** Milliseconds; executors say every three seconds that they are there. */
const EVERY = 5_000;

export type Operations = components["schemas"]["OperationsShown"];

export function useOperations() {
  return useQuery({
    queryKey: ["operations"],
    refetchInterval: EVERY,
    queryFn: async ({ signal }) => (await call("get", "/api/operations", { signal })).data,
  });
}
