/** The list of runs that fit the filters of the address, live. */

import { useEffect, useMemo, useSyncExternalStore } from "react";
import { type RunChange, useChanges } from "@/api/changes";
import { call } from "@/api/client";
import { asked, type RunFilters } from "./filters";
import { RunList, type RunListState } from "./run-list";

const PAGE = 100;
/** Milliseconds between two looks at what changed. */
const EVERY = 1500;

export function useRuns(filters: RunFilters): { list: RunList; state: RunListState } {
  const written = JSON.stringify(asked(filters));
  const list = useMemo(() => {
    const query = JSON.parse(written) as ReturnType<typeof asked>;
    return new RunList(async (cursor, counts, signal) => {
      const given = { query: { ...query, cursor, counts, limit: PAGE }, signal };
      return (await call("get", "/api/runs", given)).data;
    });
  }, [written]);
  useEffect(() => {
    list.open();
    return () => list.close();
  }, [list]);
  useChanges(
    ["run"],
    (changes) => void list.apply(changes.filter((one): one is RunChange => one.type === "run")),
    EVERY,
  );
  return { list, state: useSyncExternalStore(list.subscribe, list.state) };
}
