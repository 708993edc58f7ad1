import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Chatflow } from "@/screens/chat/chatflows";
import { Thread } from "@/screens/chat/thread";

interface Asked {
  what: string;
  body: Record<string, unknown>;
  key: string | null;
}

let asked: Asked[] = [];
/** What the gateway answers, by method and path; a function is asked each time. */
let answers: Record<string, () => Response> = {};

const json =
  (body: unknown, status = 200) =>
  () =>
    Response.json(body, { status });
const frames = (...events: [string, object][]) =>
  events
    .map(([event, data], at) => `event: ${event}\nid: e${at}-c0\ndata: ${JSON.stringify(data)}\n\n`)
    .join("");
const posts = (path: string) => asked.filter((one) => one.what === `POST ${path}`);

beforeEach(() => {
  asked = [];
  answers = {
    "GET /api/workflows/chat": () => new Response("id: chat"),
    "POST /api/conversations": json({ conversation_id: "c1" }, 201),
    "POST /api/workflows/chat/run": json({ run_id: "r1" }, 202),
    "GET /api/conversations/c1/messages": json({ items: [], has_more: false }),
    "GET /api/runs/r1/stream": () =>
      new Response(
        frames(
          ["run_started", {}],
          ["answer_chunk", { node_id: "say", text: "Hello, " }],
          ["answer_chunk", { node_id: "say", text: "<b>you</b>" }],
          ["end", { status: "succeeded" }],
        ),
      ),
  };
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
  vi.stubGlobal("fetch", async (address: string, init: RequestInit) => {
    const { pathname } = new URL(address, "http://gateway.test");
    const what = `${init.method} ${pathname}`;
    const body = typeof init.body === "string" ? JSON.parse(init.body) : {};
    asked.push({ what, body, key: new Headers(init.headers).get("Idempotency-Key") });
    const answer = answers[what];
    if (!answer) throw new Error(`nobody answers ${what}`);
    return answer();
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const CHATFLOW: Chatflow = {
  id: "chat",
  name: "Chat",
  asksQuery: false,
  inputs: { type: "object", properties: {}, required: [] },
};

function Shown({ chatflow }: { chatflow: Chatflow }) {
  const [conversation, setConversation] = useState("");
  return (
    <Thread
      chatflow={chatflow}
      version=""
      user="ann"
      conversation={conversation}
      begun={setConversation}
      markdown={false}
      linked={false}
    />
  );
}

function shown(more: Partial<Chatflow> = {}) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={queries}>
      <Shown chatflow={{ ...CHATFLOW, ...more }} />
    </QueryClientProvider>,
  );
  return screen.getByLabelText("Say something") as HTMLTextAreaElement;
}
const write = (field: HTMLElement, value: string) => fireEvent.change(field, { target: { value } });

describe("a conversation", () => {
  it("begins with what is said first, and shows the answer as its run says it", async () => {
    const field = shown();
    write(field, "Who am I?");
    fireEvent.keyDown(field, { key: "Enter" });
    await screen.findByText("Hello, <b>you</b>");
    expect(screen.getByText("Who am I?")).toBeTruthy();
    expect(field.value).toBe("");
    expect(posts("/api/conversations")[0]?.body).toMatchObject({
      user_id: "ann",
      name: "Who am I?",
      metadata: { workflow_id: "chat" },
    });
    expect(posts("/api/workflows/chat/run")[0]?.body).toEqual({
      inputs: {},
      query: "Who am I?",
      files: [],
      conversation_id: "c1",
      user_id: "ann",
    });
  });

  it("says it once, into one conversation, when the answer to the request was lost", async () => {
    const takes = answers["POST /api/workflows/chat/run"] as () => Response;
    answers["POST /api/workflows/chat/run"] = () => {
      throw new TypeError("connection lost");
    };
    const field = shown();
    write(field, "Once");
    fireEvent.keyDown(field, { key: "Enter" });
    await screen.findByText(/does not answer/);
    expect(field.value).toBe("Once");
    answers["POST /api/workflows/chat/run"] = takes;
    fireEvent.keyDown(field, { key: "Enter" });
    await screen.findByText("Hello, <b>you</b>");
    const [first, second] = posts("/api/workflows/chat/run");
    expect(first?.key).toBeTruthy();
    expect(second).toEqual(first);
    expect(posts("/api/conversations")).toHaveLength(1);
  });

  it("sends by Enter alone, and not while characters are being chosen", async () => {
    const field = shown();
    write(field, "你好");
    fireEvent.keyDown(field, { key: "Enter", shiftKey: true });
    fireEvent.keyDown(field, { key: "Enter", isComposing: true });
    fireEvent.keyDown(field, { key: "Enter", keyCode: 229 });
    write(field, "   ");
    fireEvent.keyDown(field, { key: "Enter" });
    await screen.findByText("Say something to begin.");
    expect(posts("/api/workflows/chat/run")).toHaveLength(0);
  });

  it("gives an input `query` what is said, and the other inputs with it", async () => {
    const properties = { guest: { type: "string" } };
    const field = shown({
      asksQuery: true,
      inputs: { type: "object", properties, required: ["guest"] },
    });
    write(field, "Tea");
    fireEvent.keyDown(field, { key: "Enter" });
    expect(posts("/api/conversations")).toHaveLength(0);
    write(screen.getByLabelText(/guest/), "Bo");
    fireEvent.keyDown(field, { key: "Enter" });
    await waitFor(() => expect(posts("/api/workflows/chat/run")).toHaveLength(1));
    const { body } = posts("/api/workflows/chat/run")[0] as Asked;
    expect(body.inputs).toEqual({ guest: "Bo", query: "Tea" });
  });

  it("says why a run failed, and tries it again as another run", async () => {
    const error = { code: "llm.rate_limited", message: "come back later" };
    const ended: [string, object][] = [
      ["run_failed", { error }],
      ["end", { status: "failed" }],
    ];
    const answer = answers["GET /api/runs/r1/stream"] as () => Response;
    answers["GET /api/runs/r1/stream"] = () => new Response(frames(...ended));
    answers["POST /api/runs/r1/retry"] = json({ run_id: "r2" }, 202);
    answers["GET /api/runs/r2/stream"] = answer;
    const field = shown();
    write(field, "Hi");
    fireEvent.keyDown(field, { key: "Enter" });
    await screen.findByText("come back later");
    fireEvent.click(screen.getByRole("button", { name: /Try again/ }));
    await screen.findByText("Hello, <b>you</b>");
    expect(screen.queryByText("come back later")).toBeNull();
    expect(screen.getAllByText("Hi")).toHaveLength(1);
  });
});
