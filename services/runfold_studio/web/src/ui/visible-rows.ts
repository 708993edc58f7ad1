/** Which rows of a long list stand in its window: only these are in the page. */

import { type RefObject, useEffect, useState } from "react";

export interface Rows {
  first: number;
  /** The row behind the last one. */
  end: number;
}

/** The rows of one height that are in a window, and some around it. */
export function rowsIn(top: number, height: number, row: number, count: number, around = 8): Rows {
  const first = Math.max(0, Math.min(count, Math.floor(top / row)) - around);
  const end = Math.min(count, Math.ceil((top + height) / row) + around);
  return { first, end: Math.max(first, end) };
}

/** @param row Pixels of a row; all have the same. */
export function useVisibleRows(
  scroller: RefObject<HTMLElement | null>,
  row: number,
  count: number,
): Rows {
  const [seen, setSeen] = useState({ top: 0, height: 0 });
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const look = () => setSeen({ top: element.scrollTop, height: element.clientHeight });
    look();
    element.addEventListener("scroll", look, { passive: true });
    const sized = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(look);
    sized?.observe(element);
    return () => {
      element.removeEventListener("scroll", look);
      sized?.disconnect();
    };
  }, [scroller]);
  return rowsIn(seen.top, seen.height, row, count);
}
