/** Messages as exchanges: what was said, with what was answered to it. No React and no I/O here. */

import type { FileValue } from "@/api/files";
import type { Message } from "./conversations";

/** What was said just now, until the list of messages has it. */
export interface Pending {
  conversation: string;
  run: string;
  query: string;
  files: readonly FileValue[];
}

export interface Exchange {
  /** The same while what was said is pending and once it is a message. */
  key: string;
  asked: Message | Pending | null;
  /** The run that it was said to; empty: to none. */
  run: string;
  answers: readonly Message[];
}

/**
 * Each answer stands behind what it answers, whatever was said in between.
 *
 * @param messages In the log's order; the first ones may be on a page that was not read yet.
 */
export function exchangesOf(
  messages: readonly Message[],
  pending: readonly Pending[],
): readonly Exchange[] {
  const found: Exchange[] = [];
  const places = new Map<string, number>();
  const runs = new Set<string>();
  for (const message of messages) {
    const place = message.role === "user" ? undefined : places.get(message.reply_to);
    const before = place === undefined ? undefined : found[place];
    if (place !== undefined && before) {
      found[place] = { ...before, answers: [...before.answers, message] };
      continue;
    }
    places.set(message.message_id, found.length);
    found.push(alone(message));
    if (message.role === "user") runs.add(message.run_id);
  }
  for (const one of pending) {
    if (!runs.has(one.run)) found.push({ key: one.run, asked: one, run: one.run, answers: [] });
  }
  return found;
}

function alone(message: Message): Exchange {
  const { message_id, run_id, role } = message;
  if (role !== "user") return { key: message_id, asked: null, run: "", answers: [message] };
  return { key: run_id || message_id, asked: message, run: run_id, answers: [] };
}

export function isPending(asked: Message | Pending): asked is Pending {
  return "query" in asked;
}
