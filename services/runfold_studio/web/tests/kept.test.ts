// @vitest-environment node
import { afterEach, describe, expect, it, vi } from "vitest";
import { forGood } from "@/api/kept";

afterEach(() => vi.unstubAllGlobals());

describe("what a browser keeps", () => {
  it("is kept by the page where storage is refused", () => {
    vi.stubGlobal("localStorage", {
      getItem() {
        throw new DOMException("denied", "SecurityError");
      },
      setItem() {
        throw new DOMException("denied", "SecurityError");
      },
    });
    expect(forGood.get("a")).toBeNull();
    forGood.set("a", "1");
    expect(forGood.get("a")).toBe("1");
  });

  it("is kept by the page when it is too much, in place of what was there", () => {
    const stored = new Map([["c", "old"]]);
    vi.stubGlobal("localStorage", {
      getItem: (name: string) => stored.get(name) ?? null,
      setItem(name: string, value: string) {
        if (value.length > 3) throw new DOMException("full", "QuotaExceededError");
        stored.set(name, value);
      },
    });
    forGood.set("c", "too much");
    expect(forGood.get("c")).toBe("too much");
    forGood.set("c", "new");
    expect(forGood.get("c")).toBe("new");
    expect([...stored]).toEqual([["c", "new"]]);
  });

  it("is kept by the browser otherwise", () => {
    const stored = new Map<string, string>();
    vi.stubGlobal("localStorage", {
      getItem: (name: string) => stored.get(name) ?? null,
      setItem: (name: string, value: string) => stored.set(name, value),
    });
    forGood.set("b", "2");
    expect([...stored]).toEqual([["b", "2"]]);
  });
});
