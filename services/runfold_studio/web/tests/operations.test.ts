import { describe, expect, it } from "vitest";
import { dateTimeIn } from "@/i18n/numbers";
import { hostsOf } from "@/screens/operations/connection-types";
import { written } from "@/screens/operations/limits";
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

describe("times of a schedule", () => {
  const at = (text: string) => Date.parse(text) / 1000;

  it("are those of its own clock, before and after that is moved", () => {
    expect(dateTimeIn(at("2027-03-27T01:30:00Z"), "Europe/Berlin")).toBe(
      "Sat, 27 Mar 2027, 02:30:00 GMT+1",
    );
    expect(dateTimeIn(at("2027-03-29T00:30:00Z"), "Europe/Berlin")).toBe(
      "Mon, 29 Mar 2027, 02:30:00 GMT+2",
    );
    expect(dateTimeIn(at("2027-01-01T00:00:00Z"), "Asia/Kathmandu")).toContain("05:45:00 GMT+5:45");
    expect(dateTimeIn(at("2027-01-01T00:00:00Z"), "UTC")).toContain("00:00:00");
  });

  it("are the reader's own where the browser does not know the zone", () => {
    expect(dateTimeIn(at("2027-01-01T12:00:00Z"), "Mars/Olympus")).toMatch(/2027, .* (GMT|UTC)/);
  });
});

describe("rate limits", () => {
  it.each([
    [{ rate: 10, per: 1 }, "10", "1 s"],
    [{ rate: 0.5, per: 0.25 }, "0.5", "0.25 s"],
    [{ rate: 1 / 3, per: 90 }, "0.333", "1 min 30 s"],
    [{ rate: 5000, per: 3600 }, "5,000", "1 h"],
    [{ rate: 2, per: 1200 }, "2", "20 min"],
  ])("%j", (limit, calls, time) => {
    expect(written(limit)).toEqual([calls, time]);
  });
});
