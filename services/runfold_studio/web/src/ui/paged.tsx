/** A list of the API, a page at a time: what is there, what failed, and the way to more. */

import { type QueryKey, useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTexts } from "@/i18n/language";
import { Loading, Problem } from "./states";
import { uiTexts } from "./texts";

interface Page<T> {
  items: readonly T[];
  next_cursor?: string | null | undefined;
}

interface Given<T> {
  queryKey: QueryKey;
  read: (cursor: string, signal: AbortSignal) => Promise<Page<T>>;
  children: (items: T[]) => ReactNode;
}

export function Paged<T>({ queryKey, read, children }: Given<T>) {
  const t = useTexts(uiTexts);
  const list = useInfiniteQuery({
    queryKey,
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    getNextPageParam: (page) => page.next_cursor || undefined,
  });
  return (
    <>
      {list.isPending && <Loading />}
      {list.error && <Problem error={list.error} again={() => void list.refetch()} />}
      {list.data && children(list.data.pages.flatMap((page) => page.items))}
      {list.hasNextPage && (
        <button
          type="button"
          disabled={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t.more}
        </button>
      )}
    </>
  );
}
