/** Calls about conversations, and the runs that are turns of them. */

import { call } from "@/api/client";
import type { FileValue } from "@/api/files";
import { newId } from "@/api/new-id";
import type { components } from "@/api/schema";

export type Conversation = components["schemas"]["ConversationView"];
export type Message = components["schemas"]["MessageView"];

/** Characters of what is said first that name a conversation. */
const NAME = 60;

export interface Said {
  workflow: string;
  user: string;
  /** Empty: one is begun. */
  conversation: string;
  query: string;
  inputs: Record<string, unknown>;
  files: FileValue[];
}

/** Begin a run with what a user says, in a new conversation when there is none. */
export async function say(said: Said): Promise<{ conversation: string; run: string }> {
  const conversation = said.conversation || (await begin(said));
  const path = { workflow_id: said.workflow };
  const body = {
    inputs: said.inputs,
    query: said.query,
    conversation_id: conversation,
    user_id: said.user,
    files: said.files,
  };
  const answer = (await call("post", "/api/workflows/{workflow_id}/run", { path, body })).data;
  return { conversation, run: answer.run_id };
}

async function begin({ user, query, workflow }: Said): Promise<string> {
  const body = {
    user_id: user,
    conversation_id: newId(),
    name: nameOf(query),
    metadata: { workflow_id: workflow },
  };
  return (await call("post", "/api/conversations", { body })).data.conversation_id;
}

/** The beginning of what was said, on one line and not within a character. */
export function nameOf(query: string): string {
  const letters = [...query.trim().replace(/\s+/g, " ")];
  return letters.length > NAME ? `${letters.slice(0, NAME - 1).join("")}…` : letters.join("");
}

export async function rename(conversation: Conversation, name: string): Promise<void> {
  await call("put", "/api/conversations/{conversation_id}", {
    path: { conversation_id: conversation.conversation_id },
    query: { user_id: conversation.user_id },
    body: { name },
  });
}

export async function remove(conversation: Conversation): Promise<void> {
  await call("delete", "/api/conversations/{conversation_id}", {
    path: { conversation_id: conversation.conversation_id },
    query: { user_id: conversation.user_id },
  });
}

/** The workflow that a conversation was begun with, where that was noted. */
export function workflowOf({ metadata }: Conversation): string {
  return typeof metadata.workflow_id === "string" ? metadata.workflow_id : "";
}

/** The run that a conversation waits for: its last message is the user's, and has no answer yet. */
export function unanswered(messages: readonly Message[]): string {
  const last = messages.at(-1);
  return last?.role === "user" ? last.run_id : "";
}
