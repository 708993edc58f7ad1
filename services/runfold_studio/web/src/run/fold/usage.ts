/** Adds up what attempts used: tokens and cost. */

import type { Usage } from "../events";

export const NOTHING: Required<Usage> = {
  prompt_tokens: 0,
  completion_tokens: 0,
  total_tokens: 0,
  reasoning_tokens: 0,
  cost: 0,
  currency: "USD",
};

export function used(total: Required<Usage>, more: Usage): Required<Usage> {
  const isFirst = total.total_tokens === 0 && total.cost === 0 && total.currency === "USD";
  return {
    prompt_tokens: total.prompt_tokens + (more.prompt_tokens ?? 0),
    completion_tokens: total.completion_tokens + (more.completion_tokens ?? 0),
    total_tokens: total.total_tokens + (more.total_tokens ?? 0),
    reasoning_tokens: total.reasoning_tokens + (more.reasoning_tokens ?? 0),
    cost: total.cost + (more.cost ?? 0),
    currency: isFirst ? (more.currency ?? "USD") : total.currency,
  };
}
