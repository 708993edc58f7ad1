// @vitest-environment node
import { describe, expect, it } from "vitest";
import type { RunChange } from "@/api/changes";
import { rowCount, rowsOf } from "@/screens/runs/pages";
import { type Answer, type Run, RunList } from "@/screens/runs/run-list";

const PAGE = 100;

const running = (number: number) =>
  ({ run_id: `r${number}`, status: "running", finished_at: null }) as Run;

/** A gateway with so many runs; newer ones may begin. */
class Gateway {
  runs: Run[] = [];
  reads: string[] = [];
  constructor(size: number) {
    this.runs = Array.from({ length: size }, (_, index) => running(size - index));
  }
  begin(): string {
    const run = running(this.runs.length + 1);
    this.runs.unshift(run);
    return run.run_id;
  }
  running(): number {
    return this.runs.filter((run) => run.status === "running").length;
  }
  end(id: string): void {
    this.runs = this.runs.map((run) =>
      run.run_id === id ? { ...run, status: "succeeded", finished_at: 7 } : run,
    );
  }
  read = async (cursor: string): Promise<Answer> => {
    this.reads.push(cursor);
    const from = cursor === "" ? 0 : this.runs.length - Number(cursor.slice(1)) + 1;
    const items = this.runs.slice(from, from + PAGE);
    const more = from + PAGE < this.runs.length;
    const counts = cursor === "" ? { running: this.running() } : null;
    return { items, next_cursor: more ? (items.at(-1)?.run_id ?? null) : null, counts };
  };
}

const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};
const change = (run_id: string, status: string): RunChange => ({
  type: "run",
  run_id,
  workflow_id: "w",
  version: "1",
  status,
  started_at: 1,
  ended_at: status === "succeeded" ? 7 : null,
});
const ids = (list: RunList, first: number, end: number) =>
  rowsOf(list.state().runs, first, end).map((row) => row.item?.run_id);

async function opened(gateway: Gateway): Promise<RunList> {
  const list = new RunList(gateway.read);
  list.open();
  await settled();
  return list;
}

describe("a list of runs", () => {
  it("scrolls through 100,000 and keeps few of them", async () => {
    const gateway = new Gateway(100_000);
    const list = await opened(gateway);
    while (list.state().runs.more !== null) {
      const known = rowCount(list.state().runs);
      list.look(known - 30, known);
      await settled();
    }
    expect(rowCount(list.state().runs)).toBe(100_000);
    expect(ids(list, 99_998, 100_000)).toEqual(["r2", "r1"]);
    const held = list.state().runs.pages.flatMap((page) => page.items ?? []);
    expect(held.length).toBeLessThanOrEqual(600);
    list.look(0, 30);
    await settled();
    expect(ids(list, 0, 2)).toEqual(["r100000", "r99999"]);
  });

  it("waits for each page once while several are being read", async () => {
    const gateway = new Gateway(2_000);
    const held: (() => void)[] = [];
    let slow = false;
    const list = new RunList(async (cursor) => {
      if (slow) await new Promise<void>((resolve) => held.push(resolve));
      return gateway.read(cursor);
    });
    list.open();
    await settled();
    for (let end = 100; end <= 2_000; end += 100) {
      list.look(end - 30, end);
      await settled();
    }
    slow = true;
    list.look(80, 120);
    expect(held.length).toBe(2);
    held[0]?.();
    await settled();
    list.look(81, 121);
    expect(held.length).toBe(2);
    held[1]?.();
    await settled();
    expect(ids(list, 80, 120)).not.toContain(undefined);
  });

  it("shows at once what became of a run, and new runs when its beginning is looked at", async () => {
    const gateway = new Gateway(300);
    const list = await opened(gateway);
    list.look(0, 30);
    const begun = gateway.begin();
    gateway.end("r300");
    await list.apply([change("r300", "succeeded"), change(begun, "running")]);
    expect(ids(list, 0, 2)).toEqual(["r301", "r300"]);
    expect(rowsOf(list.state().runs, 1, 2)[0]?.item).toMatchObject({ status: "succeeded" });
    expect(list.state().counts).toEqual({ running: 300 });
  });

  it("only counts new runs while something else is looked at, which stays where it is", async () => {
    const gateway = new Gateway(500);
    const list = await opened(gateway);
    list.look(60, 100);
    await settled();
    list.look(150, 180);
    await settled();
    const before = ids(list, 150, 180);
    for (let turn = 0; turn < 3; turn += 1) await list.apply([change(gateway.begin(), "running")]);
    expect(ids(list, 150, 180)).toEqual(before);
    expect(list.state()).toMatchObject({ newer: 3, counts: { running: 503 } });
    list.restart();
    await settled();
    expect(ids(list, 0, 1)).toEqual(["r503"]);
    expect(list.state().newer).toBe(0);
  });

  it("says what went wrong, and reads on when it is asked again", async () => {
    const gateway = new Gateway(5);
    let broken = true;
    const list = new RunList((cursor) =>
      broken ? Promise.reject(new Error("away")) : gateway.read(cursor),
    );
    list.open();
    await settled();
    expect(list.state().problem).toEqual(new Error("away"));
    broken = false;
    list.again();
    await settled();
    expect(ids(list, 0, 1)).toEqual(["r5"]);
  });

  it("reads its beginning once, though it is looked at before it is opened", async () => {
    const gateway = new Gateway(5);
    const list = new RunList(gateway.read);
    list.look(0, 0);
    list.open();
    await settled();
    expect(gateway.reads).toEqual([""]);
  });

  it("takes nothing in after it was closed, and reads again when it is opened", async () => {
    const gateway = new Gateway(5);
    const list = new RunList(gateway.read);
    list.open();
    list.close();
    await settled();
    expect(rowCount(list.state().runs)).toBe(0);
    list.open();
    await settled();
    expect(rowCount(list.state().runs)).toBe(5);
  });
});
