import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { ApiProblem, exchange, Unreachable } from "@/api/client";
import { key } from "@/api/key";

let server: Server | null = null;

/** A gateway that knows one key, and what it was asked. */
async function gateway(known: string): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (some) => {
      body += some;
    });
    request.on("end", () => {
      const given = request.headers.authorization ?? "";
      asked.push(`${request.method} ${given} ${body}`);
      response.writeHead(given === `Bearer ${known}` ? 200 : 401);
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked };
}

/** Wait until the page asks for a key. */
function untilWanted(): Promise<void> {
  return new Promise((resolve) => {
    const leave = key.subscribe(() => {
      if (!key.wanted()) return;
      leave();
      resolve();
    });
  });
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  key.set("");
});

describe("a request", () => {
  it("waits for a key that the gateway knows, and is made then", async () => {
    const { url, asked } = await gateway("right");
    let wanted = untilWanted();
    const answers = Promise.all([
      exchange("put", url, { body: { text: "mine" } }),
      exchange("get", url),
    ]);
    await wanted;
    wanted = untilWanted();
    key.set("wrong");
    await wanted;
    key.set("right");
    expect((await answers).map((one) => one.status)).toEqual([200, 200]);
    expect(asked.filter((one) => one.includes("right")).sort()).toEqual([
      "GET Bearer right ",
      'PUT Bearer right {"text":"mine"}',
    ]);
  });

  it("that is given up waits for no key", async () => {
    const { url } = await gateway("right");
    const wanted = untilWanted();
    const ended = new AbortController();
    const answer = exchange("get", url, { signal: ended.signal });
    await wanted;
    ended.abort();
    await expect(answer).rejects.toThrow("aborted");
  });

  it("without an answer says so in the page's words", async () => {
    const { url } = await gateway("");
    await new Promise((resolve) => server?.close(resolve));
    const problem = await exchange("get", url).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(Unreachable);
    expect(problem).not.toBeInstanceOf(ApiProblem);
    expect((problem as Error).message).toContain("does not answer");
  });
});
