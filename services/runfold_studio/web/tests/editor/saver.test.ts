import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "@/api/client";
import { Saver, type Saving } from "@/screens/editor/saver";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function saver(put: (value: string, etag: string) => Promise<string>) {
  const told: string[] = [];
  const made = new Saver<string>(
    { put, tell: (saving: Saving) => void told.push(saving.state), now: () => 1 },
    "a",
    '"1"',
  );
  return { made, told };
}

const conflict = new ApiProblem(412, "workflow.draft_changed", "changed", {
  etag: '"9"',
  source: "z",
});

describe("saving", () => {
  it("waits for a pause and hands the tag on", async () => {
    const put = vi.fn(async (value: string, etag: string) => `${etag}${value}`);
    const { made, told } = saver(put);
    made.change("b");
    made.change("c");
    await vi.runAllTimersAsync();
    expect(put.mock.calls).toEqual([["c", '"1"']]);
    expect(made.etag).toBe('"1"c');
    expect(told).toEqual(["waiting", "waiting", "saving", "saved"]);
  });

  it("saves again what was typed meanwhile, one at a time", async () => {
    let under = 0;
    const put = vi.fn(async (_value: string) => {
      under += 1;
      expect(under).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 100));
      under -= 1;
      return "t";
    });
    const { made } = saver(put);
    made.change("b");
    const whole = made.flush();
    made.change("c");
    await vi.runAllTimersAsync();
    expect(await whole).toBe(true);
    expect(put.mock.calls.map(([value]) => value)).toEqual(["b", "c"]);
  });

  it("does not save what was taken back", async () => {
    const put = vi.fn(async () => "t");
    const { made, told } = saver(put);
    made.change("b");
    made.change("a");
    await vi.runAllTimersAsync();
    expect(put).not.toHaveBeenCalled();
    expect(told.at(-1)).toBe("saved");
  });

  it("stops at a conflict until it is solved", async () => {
    const put = vi.fn().mockRejectedValueOnce(conflict).mockResolvedValue('"10"');
    const { made, told } = saver(put);
    made.change("b");
    expect(await made.flush()).toBe(false);
    expect(told.at(-1)).toBe("conflict");
    made.change("c");
    await vi.runAllTimersAsync();
    expect(put).toHaveBeenCalledTimes(1);
    expect(made.saved).toBe("a");
    made.adopt("z", '"9"', "merged");
    await vi.runAllTimersAsync();
    expect(put).toHaveBeenLastCalledWith("merged", '"9"');
    expect(made.saved).toBe("merged");
  });

  it("tries again when the connection was lost, not when it was refused", async () => {
    const lost = vi.fn().mockRejectedValueOnce(new TypeError("lost")).mockResolvedValue("t");
    const one = saver(lost);
    one.made.change("b");
    await vi.runAllTimersAsync();
    expect(lost).toHaveBeenCalledTimes(2);
    const refused = vi.fn().mockRejectedValue(new ApiProblem(413, "too.large", "too large", {}));
    const two = saver(refused);
    two.made.change("b");
    await vi.runAllTimersAsync();
    expect(refused).toHaveBeenCalledTimes(1);
    expect(two.told.at(-1)).toBe("failed");
  });
});
