import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LogFileScreen } from "@/screens/run/log-file";
import { golden, logOf } from "./logs";

beforeEach(() => {
  // Too narrow for a canvas: what is tested is all that stands around it.
  vi.stubGlobal("matchMedia", () => ({
    matches: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { value: 600, configurable: true });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

async function open(lines: readonly object[] | string): Promise<HTMLElement> {
  const text =
    typeof lines === "string" ? lines : lines.map((one) => JSON.stringify(one)).join("\n");
  const { container } = render(
    <QueryClientProvider client={new QueryClient()}>
      <LogFileScreen />
    </QueryClientProvider>,
  );
  const input = container.querySelector("input[type=file]") as HTMLInputElement;
  fireEvent.change(input, { target: { files: [new File([text], "run.jsonl")] } });
  await vi.waitFor(() => {
    if (!container.querySelector(".run") && !screen.queryByRole("alert"))
      throw new Error("not yet");
  });
  return container;
}

const place = () => document.querySelector(".place")?.textContent;

test("a dropped log is a run with its status, its timeline and its nodes", async () => {
  const { events } = golden("loop_with_a_bad_item");
  await open(events);
  expect(screen.getByText("partly succeeded")).toBeTruthy();
  expect(place()).toBe(`${events.length} / ${events.length}`);
  fireEvent.click(screen.getByText("each[1]/check"));
  const node = screen.getByRole("complementary", { name: "Node" });
  await vi.waitFor(() => expect(within(node).getAllByText("failed").length).toBeGreaterThan(1));
  expect(within(node).getAllByText(/bad record/).length).toBeGreaterThan(0);
});

test("the slider shows the run as it was, and steps go from event to event", async () => {
  const { events } = golden("parallel_fan_in");
  const container = await open(events);
  fireEvent.change(screen.getByRole("slider"), { target: { value: "1" } });
  expect(place()).toBe(`1 / ${events.length}`);
  expect(container.querySelector(".run")?.hasAttribute("data-past")).toBe(true);
  expect(screen.getByText("running")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "One event on" }));
  expect(place()).toBe(`2 / ${events.length}`);
  fireEvent.click(screen.getByRole("button", { name: "Live" }));
  expect(container.querySelector(".run")?.hasAttribute("data-past")).toBe(false);
});

test("the log is filtered, and an event that is chosen is where the run is shown", async () => {
  const { events } = golden("parallel_fan_in");
  await open(events);
  fireEvent.click(screen.getByRole("tab", { name: "Events" }));
  fireEvent.change(await screen.findByRole("searchbox"), { target: { value: "letters" } });
  const rows = screen.getAllByRole("listitem").filter((row) => row.closest(".log-rows"));
  expect(rows).toHaveLength(2);
  fireEvent.click(within(rows[0] as HTMLElement).getByRole("button"));
  expect(place()).toBe(`3 / ${events.length}`);
  expect(screen.getByRole("complementary", { name: "Node" })).toBeTruthy();
});

test("what a model or an author wrote is text, and nothing else", async () => {
  const evil = '<img src=x onerror="alert(1)"><script>alert(2)</script> \u202egpj.exe';
  const events = logOf(
    { id: "w", nodes: [{ id: "a", type: "noop", name: evil }], edges: [] },
    { type: "node_run_started", node_id: "a" },
    {
      type: "node_run_succeeded",
      node_id: "a",
      outputs: { output: evil, [evil]: { deep: [evil] } },
    },
  );
  const container = await open(events);
  fireEvent.click(screen.getByText("a"));
  fireEvent.click(screen.getByRole("button", { name: "Output" }));
  expect(container.querySelectorAll("img, script")).toHaveLength(0);
  expect(container.textContent).toContain("\\u202egpj.exe");
  expect(container.textContent).not.toContain("\u202e");
});

test("a file that is not a log is refused with its line", async () => {
  await open('{"type":"run_started","seq":1,"time":2}\nnope');
  expect(screen.getByRole("alert").textContent).toContain("Line 2 is not an event");
});

test("the log of a file offers nothing that asks a gateway", async () => {
  const asked = vi.fn();
  vi.stubGlobal("fetch", asked);
  await open(golden("parallel_fan_in").events);
  fireEvent.click(screen.getByText("report"));
  fireEvent.click(screen.getByRole("button", { name: "Inputs" }));
  for (const name of ["Cancel…", "Retry…", "Fork…", "↱ Fork here", "Run again from here…"])
    expect(screen.queryByRole("button", { name })).toBeNull();
  expect(asked).not.toHaveBeenCalled();
});
