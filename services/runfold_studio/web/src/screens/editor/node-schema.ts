/** What every node may have besides its configuration, and a workflow besides its nodes, as schemas of forms. */

import type { Schema } from "@/forms/schema";

export interface NodeTexts {
  timeout: string;
  retry: string;
  onError: string;
  compensate: string;
  idempotency: string;
  cache: string;
  breaker: string;
  rate: string;
  concurrency: string;
}

const duration = (description = ""): Schema => ({ "x-widget": "duration", description });
const number = (minimum: number, maximum?: number): Schema => ({
  type: "number",
  minimum,
  ...(maximum === undefined ? {} : { maximum }),
});
const KINDS_OF_FAILURE = { type: "array", items: { type: "string" } };

/** Settings of any node, in the order of the form. */
export function nodeSchema(t: NodeTexts): Schema {
  return {
    type: "object",
    properties: {
      timeout: duration(t.timeout),
      retry: {
        description: t.retry,
        type: "object",
        properties: {
          max_attempts: number(1, 100),
          delay: duration(),
          backoff: number(1, 100),
          max_delay: duration(),
          jitter: number(0, 1),
          retry_on: KINDS_OF_FAILURE,
          give_up_on: KINDS_OF_FAILURE,
        },
      },
      on_error: {
        description: t.onError,
        type: "object",
        properties: {
          strategy: { enum: ["fail", "skip", "continue", "default_value", "error_branch"] },
          value: { "x-widget": "value" },
        },
      },
      compensate: { type: "string", description: t.compensate },
      idempotency_key: {
        "x-widget": "template",
        "x-group": "protection",
        description: t.idempotency,
      },
      cache: {
        description: t.cache,
        "x-group": "protection",
        type: "object",
        properties: { ttl: duration(), key: { "x-widget": "template" } },
      },
      breaker: {
        description: t.breaker,
        "x-group": "protection",
        type: "object",
        properties: {
          failures: number(1),
          open_for: duration(),
          half_open_calls: number(1),
          successes: number(1),
          key: { "x-widget": "template" },
          fallback: { "x-widget": "value" },
        },
      },
      rate_limit: {
        description: t.rate,
        "x-group": "protection",
        type: "object",
        properties: {
          rate: number(0),
          per: duration(),
          algorithm: { enum: ["token_bucket", "fixed_window", "sliding_window", "leaky_bucket"] },
          burst: number(1),
          key: { "x-widget": "template" },
          wait: { "x-widget": "value" },
        },
      },
      concurrency: { ...number(1, 1000), "x-group": "protection", description: t.concurrency },
    },
  };
}

/** Keys of a node that have a place of their own in the panel. */
export const NODE_HEAD = ["id", "type", "name", "config", "position", "profile"];
/** Settings of a node that take no template. */
export const NODE_FIXED = ["timeout", "retry", "on_error", "compensate", "concurrency"];

export interface WorkflowTexts {
  name: string;
  description: string;
  inputs: string;
  variables: string;
  conversation: string;
  environment: string;
  labels: string;
}

export function workflowSchema(t: WorkflowTexts): Schema {
  const pairs = (description: string): Schema => ({ "x-widget": "key_values", description });
  return {
    type: "object",
    properties: {
      name: { type: "string", description: t.name },
      description: { "x-widget": "template", description: t.description },
      inputs: { "x-widget": "schema", description: t.inputs },
      variables: pairs(t.variables),
      conversation: { ...pairs(t.conversation), "x-group": "conversation" },
      environment: { ...pairs(t.environment), "x-group": "more" },
      labels: { ...pairs(t.labels), "x-group": "more" },
      settings: { "x-widget": "value", "x-group": "more" },
    },
  };
}

export const WORKFLOW_HEAD = ["id", "nodes", "edges", "workflows"];
