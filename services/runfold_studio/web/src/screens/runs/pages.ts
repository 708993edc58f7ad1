/** Pages of a list that are found one behind the other; only those near the window are kept. No React, no I/O. */

export interface Page<T> {
  /** Where the page begins, as the API calls it. */
  cursor: string;
  /** Rows it had when it was read last. */
  size: number;
  /** Null once it is too far from the window. */
  items: T[] | null;
}

export interface Pages<T> {
  pages: Page<T>[];
  /** Where the first page begins that nobody has read; null at the list's end. */
  more: string | null;
}

export function noPages<T>(): Pages<T> {
  return { pages: [], more: "" };
}

export function rowCount(list: Pages<unknown>): number {
  return list.pages.reduce((sum, page) => sum + page.size, 0);
}

/** The place at which a page begins, or the next unread one when `index` is behind the last. */
export function cursorOf(list: Pages<unknown>, index: number): string | null {
  return list.pages[index]?.cursor ?? (index === list.pages.length ? list.more : null);
}

/**
 * The list with a page that was read, anew or for the first time.
 *
 * Where it now ends elsewhere, the pages behind it would repeat rows or leave some out: they are found again.
 */
export function withPage<T>(
  list: Pages<T>,
  cursor: string,
  items: T[],
  next: string | null,
): Pages<T> {
  const known = list.pages.findIndex((page) => page.cursor === cursor);
  if (known < 0 && cursor !== list.more) return list;
  const index = known < 0 ? list.pages.length : known;
  const page: Page<T> = { cursor, size: items.length, items };
  if (known >= 0 && cursorOf(list, index + 1) === next) {
    return { ...list, pages: list.pages.with(index, page) };
  }
  return { pages: [...list.pages.slice(0, index), page], more: next };
}

/** Pages with a row in `first … end`, by index. */
export function pagesIn(list: Pages<unknown>, first: number, end: number): number[] {
  const found: number[] = [];
  let at = 0;
  for (const [index, page] of list.pages.entries()) {
    if (at < end && at + page.size > first) found.push(index);
    at += page.size;
  }
  return found;
}

/** Cursors of what has to be read, so that these rows can be shown and some behind them. */
export function wanted(list: Pages<unknown>, first: number, end: number, ahead: number): string[] {
  const missing = pagesIn(list, first, end)
    .map((index) => list.pages[index])
    .filter((page) => page !== undefined && page.items === null)
    .map((page) => page?.cursor ?? "");
  if (list.more !== null && end + ahead >= rowCount(list)) missing.push(list.more);
  return missing;
}

/** The list without the items of pages that are further than `keep` rows from the window. */
export function trimmed<T>(list: Pages<T>, first: number, end: number, keep: number): Pages<T> {
  const near = new Set(pagesIn(list, first - keep, end + keep));
  if (list.pages.every((page, index) => page.items === null || near.has(index))) return list;
  const pages = list.pages.map((page, index) =>
    near.has(index) ? page : { ...page, items: null },
  );
  return { ...list, pages };
}

export interface Row<T> {
  row: number;
  /** Undefined where it is not at hand. */
  item: T | undefined;
}

/** The rows `first … end` with their items. */
export function rowsOf<T>(list: Pages<T>, first: number, end: number): Row<T>[] {
  const rows: Row<T>[] = [];
  let at = 0;
  for (const page of list.pages) {
    for (let row = Math.max(first, at); row < Math.min(end, at + page.size); row += 1) {
      rows.push({ row, item: page.items?.[row - at] });
    }
    at += page.size;
  }
  return rows;
}

/** The list with some items changed in place; the same list where none is. */
export function changed<T>(list: Pages<T>, change: (item: T) => T): Pages<T> {
  let any = false;
  const pages = list.pages.map((page) => {
    const items = page.items?.map(change);
    if (!items || items.every((item, index) => item === page.items?.[index])) return page;
    any = true;
    return { ...page, items };
  });
  return any ? { ...list, pages } : list;
}
