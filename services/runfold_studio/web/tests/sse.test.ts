import { describe, expect, it } from "vitest";
import { FrameReader } from "@/api/sse";

const STREAM =
  "id: e1\nevent: a\ndata: 1\n\n: quiet\n\nid: e2\r\ndata: x\r\ndata: y\r\n\r\nid: e3\rdata: z\r\r";
const FRAMES = [
  { id: "e1", event: "a", data: "1" },
  { id: "e2", event: "message", data: "x\ny" },
  { id: "e3", event: "message", data: "z" },
];

describe("a reader of frames", () => {
  it("reads the same whatever the pieces are", () => {
    for (let size = 1; size <= STREAM.length; size += 1) {
      const reader = new FrameReader();
      const read = [];
      for (let at = 0; at < STREAM.length; at += size)
        read.push(...reader.read(STREAM.slice(at, at + size)));
      // The last carriage return may be half of a line end until something follows.
      read.push(...reader.read(":\n"));
      expect(read).toEqual(FRAMES);
    }
  });
});
