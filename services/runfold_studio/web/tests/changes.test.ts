// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Change, changeOf, listen } from "@/api/changes";
import { type Following, follow } from "@/api/streams";

vi.mock("@/api/streams", () => ({ follow: vi.fn() }));

const frame = (event: string, data: object) => ({ id: "", event, data: JSON.stringify(data) });
let given: Following;
const end = vi.fn();

beforeEach(() => {
  end.mockClear();
  vi.mocked(follow).mockReset();
  vi.mocked(follow).mockImplementation((one) => {
    given = one;
    return end;
  });
});
const left: (() => void)[] = [];
afterEach(() => {
  for (const leave of left.splice(0)) leave();
});

describe("changes", () => {
  it("come to all that listen over one connection, which ends with the last of them", () => {
    const heard: [string, Change[]][] = [];
    const first = listen((changes) => heard.push(["first", changes]));
    const second = listen((changes) => heard.push(["second", changes]));
    expect(follow).toHaveBeenCalledTimes(1);
    given.onFrames([frame("dead", { seq: 4 }), frame("from_tomorrow", {})]);
    expect(heard).toEqual([
      ["first", [{ type: "dead", seq: 4 }]],
      ["second", [{ type: "dead", seq: 4 }]],
    ]);
    first();
    expect(end).not.toHaveBeenCalled();
    second();
    expect(end).toHaveBeenCalledTimes(1);
    left.push(listen(() => {}));
    expect(follow).toHaveBeenCalledTimes(2);
  });

  it("say when what was read may be old: once a connection has begun, and when some were missed", () => {
    const heard: Change[][] = [];
    left.push(listen((changes) => heard.push(changes)));
    given.onState?.("open");
    given.onState?.("waiting");
    given.onState?.("open");
    expect(heard).toEqual([[]]);
    given.onFrames([frame("reset", { reason: "too old" })]);
    expect(heard).toEqual([[], []]);
  });

  it("that this page does not know are none", () => {
    expect(changeOf(frame("toString", {}))).toBeNull();
  });
});
