/** What the canvas shows of a run at a moment; a box that did not change stays the same object. */

import type { BoxState, CanvasLive, EdgeState } from "@/canvas/live";
import { clock, duration } from "@/i18n/numbers";
import { addressOf } from "@/run/addresses";
import { addressIn, type Picks, scopeIn } from "@/run/items";
import type { Moment } from "@/run/moment";
import { shownStatus, waitOf } from "@/run/shown";
import { ENDED, type NodeState } from "@/run/state";
import type { Streamed } from "@/run/streamed";
import { visible } from "@/ui/visible";

/** Characters of streamed text that a box shows: its end. */
const SHOWN = 90;

export interface Shown {
  readonly moment: Moment;
  readonly picks: Picks;
  readonly streamed: Streamed;
  /** Says until when something waits. */
  readonly until: (time: string) => string;
}

export class RunLive implements CanvasLive {
  #listeners = new Set<() => void>();
  #boxes = new Map<string, BoxState>();
  #shown: Shown | null = null;

  show(shown: Shown): void {
    this.#shown = shown;
    for (const listener of this.#listeners) listener();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  box(box: string): BoxState | null {
    const shown = this.#shown;
    const address = shown && addressIn(shown.moment.state, box, shown.picks);
    const node = address ? shown?.moment.state.nodes.get(address) : undefined;
    if (!shown || !node) return null;
    const next = boxState(shown, node);
    const before = this.#boxes.get(box);
    if (before && isSame(before, next)) return before;
    this.#boxes.set(box, next);
    return next;
  }

  edge(id: string): EdgeState | null {
    const shown = this.#shown;
    if (!shown) return null;
    const [source = "", rest = ""] = splitOnce(id);
    const port = rest.slice(0, rest.lastIndexOf(" "));
    const { scope } = scopeIn(shown.moment.state, source, shown.picks);
    if (scope === null) return null;
    const at = addressOf(scope, source.slice(source.lastIndexOf("/") + 1));
    const taken = isTaken(shown.moment.state.nodes.get(at), port);
    return taken === null ? null : taken ? "taken" : "skipped";
  }
}

/** Which of several edges was taken: null while its source has not ended. */
function isTaken(node: NodeState | undefined, port: string): boolean | null {
  if (!node || !ENDED.has(node.status)) return null;
  const took = node.ports.length > 0 ? node.ports : [node.port];
  return took.includes(port);
}

function splitOnce(text: string): [string, string] {
  const cut = text.indexOf(" ");
  return [text.slice(0, cut), text.slice(cut + 1)];
}

function boxState(shown: Shown, node: NodeState): BoxState {
  const { moment } = shown;
  const status = shownStatus(moment.plan, moment.state, node);
  const text = status === "running" ? endOfText(shown, node) : "";
  return {
    status: text ? "streaming" : status,
    line: text || lineOf(shown, node, status),
    attempts: node.attempts.length,
    items: itemsOf(node),
  };
}

function endOfText({ moment, streamed }: Shown, node: NodeState): string {
  const text = streamed.of(node.address, node.attempt, moment.until)?.text ?? "";
  return visible(text.slice(-SHOWN)).replace(/\s+/g, " ").trim();
}

function lineOf({ until }: Shown, node: NodeState, status: string): string {
  if (node.error && (status === "failed" || status === "retrying" || status === "exception"))
    return visible(node.error.message.slice(0, 200));
  const wait = waitOf(node);
  if (wait)
    return wait.state || (wait.due === null ? visible(wait.message) : until(clock(wait.due)));
  if (node.startedAt === null || node.finishedAt === null || status === "skipped") return "";
  return duration(node.finishedAt - node.startedAt);
}

function itemsOf({ composite }: NodeState): BoxState["items"] {
  switch (composite?.kind) {
    case "rounds":
      return { done: composite.ended, total: composite.count, failed: composite.failed };
    case "agent":
      return { done: composite.rounds.length, total: 0, failed: 0 };
    default:
      return null;
  }
}

function isSame(a: BoxState, b: BoxState): boolean {
  return (
    a.status === b.status &&
    a.line === b.line &&
    a.attempts === b.attempts &&
    a.items?.done === b.items?.done &&
    a.items?.total === b.items?.total &&
    a.items?.failed === b.items?.failed
  );
}
