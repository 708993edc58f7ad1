/** The events of a run as the gateway sends them, by the types of its OpenAPI document. */

import type { components } from "@/api/schema";

type Schemas = components["schemas"];
export type StreamEvent = Schemas["StreamEvent"];
export type StreamType = StreamEvent["type"];
/** What a stream has beside the log: pieces of outputs and answers, its end, and why it stopped. */
export type Beside = "stream_chunk" | "answer_chunk" | "end" | "error";
export type LogEvent = Exclude<StreamEvent, { type: Beside }>;
export type EventType = LogEvent["type"];
export type EventOf<T extends EventType> = Extract<LogEvent, { type: T }>;
export type NodeEvent = Extract<LogEvent, { node_id: string; attempt?: number }>;
export type Chunk = Extract<StreamEvent, { type: "stream_chunk" }>;
export type AnswerChunk = Extract<StreamEvent, { type: "answer_chunk" }>;
export type Failure = Schemas["Failure"];
export type Usage = Schemas["Usage"];
export type Origin = Schemas["Origin"];
export type Assignment = NonNullable<EventOf<"variables_assigned">["assignments"]>[number];
