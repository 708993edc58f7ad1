import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Frame } from "@/api/sse";
import { type Connection, follow } from "@/api/streams";

type Answer = (response: ServerResponse, last: number, request: IncomingMessage) => void;

let server: Server | null = null;
const ends: (() => void)[] = [];

/** A server that gives each connection to the next of some answers, and the last one to all others. */
async function serving(...answers: Answer[]): Promise<{ url: string; connections: () => number }> {
  let connections = 0;
  server = createServer((request, response) => {
    const answer = answers[Math.min(connections, answers.length - 1)];
    connections += 1;
    const last = Number(
      new URL(request.url ?? "", "http://x").searchParams.get("last_event_id") ?? 0,
    );
    answer?.(response, last, request);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, connections: () => connections };
}

afterEach(() => {
  for (const end of ends.splice(0)) end();
  server?.closeAllConnections();
  server?.close();
  vi.restoreAllMocks();
});

function frame(id: number, event = "node_run_started"): string {
  return `id: ${id}\nevent: ${event}\ndata: ${id}\n\n`;
}

/** Follow to a state, and give what came until then. */
function followed(
  path: string,
  until: Connection,
): Promise<{ frames: Frame[]; problem: Error | undefined }> {
  const frames: Frame[] = [];
  return new Promise((resolve) => {
    const end = follow({
      path,
      onFrames: (some) => frames.push(...some),
      onState: (state, problem) => state === until && resolve({ frames, problem }),
    });
    ends.push(end);
  });
}

const from =
  (first: number, to: number, cut: string, end: boolean): Answer =>
  (response, last) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    for (let id = Math.max(first, last + 1); id <= to; id += 1) response.write(frame(id));
    if (end) response.write(frame(to + 1, "end"));
    response.write(cut);
    if (end) response.end();
    else setTimeout(() => response.destroy(), 20);
  };

describe("following a stream", () => {
  it("goes on where it was cut, in the middle of a frame as well, with no gap and no repeat", async () => {
    const { url, connections } = await serving(
      from(1, 3, "id: 4\nevent: node_run_st", false),
      (response) => response.destroy(),
      (response) => {
        response.writeHead(503);
        response.end();
      },
      from(1, 6, "", true),
    );
    const { frames } = await followed(`${url}/stream`, "ended");
    expect(frames.map((one) => one.id)).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
    expect(connections()).toBe(4);
  });

  it("goes on from a place that came with nothing else", async () => {
    const asked: number[] = [];
    const { url } = await serving(
      (response) => {
        response.writeHead(200, { "Content-Type": "text/event-stream" });
        response.write(": here\n\nid: 7\n\n");
        setTimeout(() => response.destroy(), 20);
      },
      (response, last) => {
        asked.push(last);
        response.writeHead(204);
        response.end();
      },
    );
    await followed(`${url}/stream`, "ended");
    expect(asked).toEqual([7]);
  });

  it("ends when there is nothing more, and when it is refused", async () => {
    const nothing = await serving((response) => {
      response.writeHead(204);
      response.end();
    });
    expect((await followed(`${nothing.url}/stream`, "ended")).frames).toEqual([]);
    server?.close();
    const refused = await serving((response) => {
      response.writeHead(404, { "Content-Type": "application/problem+json" });
      response.end('{"code":"run.not_found","detail":"no run x"}');
    });
    expect((await followed(`${refused.url}/stream`, "refused")).problem?.message).toBe("no run x");
  });

  it("waits while nobody looks, and goes on when somebody does", async () => {
    const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    const { url, connections } = await serving(from(1, 2, "", true));
    const states: Connection[] = [];
    const done = new Promise<void>((resolve) => {
      const end = follow({
        path: `${url}/stream`,
        onFrames: () => undefined,
        onState: (state) => {
          states.push(state);
          if (state === "ended") resolve();
        },
      });
      ends.push(end);
    });
    expect(states).toEqual(["hidden"]);
    expect(connections()).toBe(0);
    hidden.mockReturnValue(false);
    document.dispatchEvent(new Event("visibilitychange"));
    await done;
    expect(states).toEqual(["hidden", "connecting", "open", "ended"]);
  });
});
