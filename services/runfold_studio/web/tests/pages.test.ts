// @vitest-environment node
import { describe, expect, it } from "vitest";
import {
  changed,
  noPages,
  type Pages,
  rowCount,
  rowsOf,
  trimmed,
  wanted,
  withPage,
} from "@/screens/runs/pages";

/** The numbers from 1000 down, ten a page; a cursor is the last one seen. */
function read(list: Pages<number>, cursor: string, first = 1000): Pages<number> {
  const top = cursor === "" ? first : Number(cursor) - 1;
  const items = Array.from({ length: 10 }, (_, index) => top - index);
  return withPage(list, cursor, items, String(top - 9));
}

function deep(pages: number): Pages<number> {
  let list = noPages<number>();
  for (let page = 0; page < pages; page += 1) list = read(list, list.more ?? "");
  return list;
}

describe("pages of a list", () => {
  it("are wanted as the window comes near their end", () => {
    const list = deep(3);
    expect(rowCount(list)).toBe(30);
    expect(wanted(list, 0, 12, 5)).toEqual([]);
    expect(wanted(list, 10, 26, 5)).toEqual(["971"]);
    expect(wanted(noPages(), 0, 0, 5)).toEqual([""]);
  });

  it("let their items go far from the window, and are read again by their cursor", () => {
    const list = trimmed(deep(100), 500, 520, 20);
    expect(list.pages.filter((page) => page.items).length).toBe(6);
    expect(rowCount(list)).toBe(1000);
    expect(wanted(list, 5, 15, 0)).toEqual(["", "991"]);
    expect(rowsOf(read(list, ""), 8, 11)).toEqual([
      { row: 8, item: 992 },
      { row: 9, item: 991 },
      { row: 10, item: undefined },
    ]);
    expect(trimmed(list, 500, 520, 20)).toBe(list);
  });

  it("read again with the same end leave those behind alone", () => {
    const list = deep(3);
    expect(read(list, "991").pages[2]).toBe(list.pages[2]);
  });

  it("read again with another end drop those behind, which would repeat rows", () => {
    const list = read(deep(3), "", 1003);
    expect(list).toMatchObject({ more: "994" });
    expect(rowsOf(read(list, "994"), 8, 12).map((row) => row.item)).toEqual([995, 994, 993, 992]);
  });

  it("that nobody waits for any more are passed over", () => {
    const list = deep(2);
    expect(withPage(list, "500", [499], null)).toBe(list);
  });

  it("end where there is no next one", () => {
    const list = withPage(deep(1), "991", [990], null);
    expect(rowCount(list)).toBe(11);
    expect(wanted(list, 0, 11, 40)).toEqual([]);
  });

  it("stay the same object where no item changes", () => {
    const list = trimmed(deep(3), 0, 5, 0);
    expect(changed(list, (item) => item)).toBe(list);
    expect(
      rowsOf(
        changed(list, (item) => (item === 999 ? 0 : item)),
        1,
        2,
      )[0]?.item,
    ).toBe(0);
  });
});
