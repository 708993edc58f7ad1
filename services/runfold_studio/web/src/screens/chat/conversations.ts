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
  /** Empty: the newest published one. */
  version: string;
  user: string;
  conversation: string;
  query: string;
  inputs: Record<string, unknown>;
  files: readonly FileValue[];
}

/** Begin a run with what a user says in a conversation; the run's id comes back. */
export async function say(said: Said, idempotencyKey: string): Promise<string> {
  const { version, workflow, conversation, user, files, ...rest } = said;
  const answer = await call("post", "/api/workflows/{workflow_id}/run", {
    path: { workflow_id: workflow },
    body: {
      ...rest,
      ...(version && { version }),
      files: [...files],
      conversation_id: conversation,
      user_id: user,
    },
    idempotencyKey,
  });
  return answer.data.run_id;
}

/** Begin a conversation that is called as what is said first; its id comes back. */
export async function begin(said: Pick<Said, "user" | "query" | "workflow">): Promise<string> {
  const body = {
    user_id: said.user,
    conversation_id: newId(),
    name: nameOf(said.query),
    metadata: { workflow_id: said.workflow },
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

export async function clear(conversation: Conversation): Promise<void> {
  await call("post", "/api/conversations/{conversation_id}/clear", {
    path: { conversation_id: conversation.conversation_id },
    query: { user_id: conversation.user_id },
  });
}

/** The workflow that a conversation was begun with, where that was noted. */
export function workflowOf({ metadata }: Conversation): string {
  return typeof metadata.workflow_id === "string" ? metadata.workflow_id : "";
}
