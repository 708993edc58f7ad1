import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "@/api/client";
import { AnswerForm } from "@/screens/inbox/answer-form";
import { kindOf, type Review, runOf, waitingIn } from "@/screens/inbox/reviews";

afterEach(cleanup);

const REVIEW: Review = {
  review_id: "r.1.abc",
  run_id: "r.1",
  workflow_id: "shop",
  node: "ask",
  type: "human_review",
  message: "",
  content: null,
  form: {},
  schema: {},
  actions: ["approved", "rejected"],
  options: [],
  allow_text: false,
  missing: [],
  assignee: "",
  due: null,
  state: "",
  events: [],
  waiting_since: 1,
} as Review;
const SCHEMA = {
  type: "object",
  properties: { title: { type: "string" }, size: { type: "integer", default: 3 } },
  required: ["title"],
};

function shown(review: Partial<Review>, refused: unknown = null) {
  const give = vi.fn(async () => true);
  const form = { review: { ...REVIEW, ...review }, disabled: false, refused, give };
  render(<AnswerForm {...form} />);
  return give;
}
const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));

describe("an answer", () => {
  it("approves with values and a comment", () => {
    const give = shown({ schema: SCHEMA });
    fireEvent.change(screen.getByLabelText(/title/), { target: { value: "Tea" } });
    fireEvent.change(screen.getByLabelText("Comment"), { target: { value: "fine" } });
    press("Approve");
    const values = { size: 3, title: "Tea" };
    expect(give).toHaveBeenCalledWith({ action: "approved", feedback: "fine", values });
  });

  it("rejects without what is required", () => {
    const give = shown({ schema: SCHEMA });
    press("Approve");
    expect(give).not.toHaveBeenCalled();
    press("Reject");
    expect(give).toHaveBeenCalledWith({ action: "rejected" });
  });

  it("chooses an option, and says it in words where that is allowed", () => {
    const options = [{ id: "tea", text: "A cup of tea" }];
    const give = shown({ type: "question", options, allow_text: true, actions: ["tea"] });
    press("A cup of tea");
    fireEvent.change(screen.getByLabelText("Your answer"), { target: { value: "water" } });
    press("Answer");
    expect(give.mock.calls).toEqual([[{ action: "tea" }], [{ feedback: "water" }]]);
  });

  it("sends any object where an input asks for no fields, and no broken JSON", () => {
    const give = shown({ type: "input", actions: ["answered"] });
    const field = screen.getByLabelText("Values");
    fireEvent.change(field, { target: { value: "{" } });
    press("Answer");
    expect(give).not.toHaveBeenCalled();
    fireEvent.change(field, { target: { value: '{"a": 1}' } });
    press("Answer");
    expect(give).toHaveBeenCalledWith({ action: "answered", values: { a: 1 } });
  });

  it("sends a state machine an event that counts once", async () => {
    const give = shown({
      type: "state_machine",
      state: "paid",
      events: ["ship"],
      actions: ["ship"],
    });
    press("ship");
    expect(give).toHaveBeenCalledWith({
      action: "ship",
      key: expect.stringMatching(/^[0-9a-f]{32} ship$/),
    });
  });

  it("shows beside each field what the gateway found wrong", () => {
    const errors = [{ path: "values.title", message: "too short" }];
    shown({ schema: SCHEMA }, new ApiProblem(422, "review.values", "no", { errors }));
    expect(screen.getByLabelText(/title/).getAttribute("aria-describedby")).toBe(
      screen.getByText(/too short/).parentElement?.id,
    );
  });

  it("shows marks that turn text around as what they are", () => {
    shown({ type: "question", options: [{ id: "a", text: "pay \u202e001$" }] });
    expect(screen.getByRole("button", { name: "pay \\u202e001$" })).toBeTruthy();
  });
});

describe("a review", () => {
  it("is found in its run by its token", () => {
    const waiting = { waiting_for: "human", token: "r.1.abc", message: "Well?" };
    const node = {
      address: "each[2]/ask",
      node_id: "ask",
      type: "question",
      status: "waiting",
      waiting,
    };
    const run = { run_id: "r.1", workflow_id: "shop", nodes: [node] } as unknown as Parameters<
      typeof waitingIn
    >[0];
    expect(waitingIn(run, "r.1.abc")).toMatchObject({
      node: "each[2]/ask",
      message: "Well?",
      workflow_id: "shop",
    });
    expect(waitingIn(run, "r.1.other")).toBeNull();
    expect([runOf("r.1.abc"), runOf("nothing")]).toEqual(["r.1", ""]);
  });

  it("of a tool call is one", () => {
    expect(kindOf({ type: "human_review", node: "helper[approve.1]/review" })).toBe("tool");
    expect(kindOf({ type: "human_review", node: "each[1]/check" })).toBe("human_review");
  });
});
