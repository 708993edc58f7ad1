// @vitest-environment node
import { describe, expect, it } from "vitest";
import { hostsOf } from "@/screens/operations/connection-types";
import { spans } from "@/screens/operations/partitions";

describe("partitions", () => {
  it.each([
    [[], ""],
    [[5], "5"],
    [[2, 0, 1, 7, 8], "0–2, 7–8"],
    [[3, 3, 4], "3–4"],
  ])("%j", (numbers, written) => {
    expect(spans(numbers)).toBe(written);
  });
});

describe("hosts", () => {
  it("stand between commas, spaces and line ends", () => {
    expect(hostsOf(" api.example.com,\n*.example.org  http://localhost:80 ")).toEqual([
      "api.example.com",
      "*.example.org",
      "http://localhost:80",
    ]);
  });
});
