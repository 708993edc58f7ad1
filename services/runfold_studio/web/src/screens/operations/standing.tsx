/** Shows a part of how the deployment stands once it is known. */

import type { ReactNode } from "react";
import { Loading, Problem } from "@/ui/states";
import { type Operations, useOperations } from "./use-operations";

export function Standing({ children }: { children: (operations: Operations) => ReactNode }) {
  const { data, error, refetch } = useOperations();
  return (
    <>
      {error && <Problem error={error} again={() => void refetch()} />}
      {data ? children(data) : !error && <Loading />}
    </>
  );
}
