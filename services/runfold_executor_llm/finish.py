"""How an answer ended, by the finish reason that the server gave. The one table of them. Pure.

OpenAI has five reasons: `stop`, `length`, `content_filter`, `tool_calls` and `function_call`.
Servers that speak its protocol have many more. A reason that is not in the table fails the attempt:
most of those that were added later say that the answer was broken off, and half an answer that is
taken for a whole one is found out much later than a failure. A setting names further good ones.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

Ending = Literal["whole", "length", "filtered", "declined", "broken", "unknown"]

STOP = "stop"
"""What an answer is given that is whole and came without a reason."""

_REASONS: dict[Ending, tuple[str, ...]] = {
    "whole": (
        STOP,
        "stop_sequence",  # Anthropic, behind gateways
        "end_turn",  # Anthropic and Bedrock, behind gateways
        "eos",  # Together
        "eos_token",  # text-generation-inference, watsonx
        "end",
        "complete",  # Cohere
        "completed",
        "tool_calls",
        "tool_call",
        "tool_use",  # Anthropic, behind gateways
        "function_call",
    ),
    "length": (
        "length",
        "max_tokens",  # Anthropic, Cohere, Gemini
        "max_output_tokens",
        "model_length",  # Mistral: the context is full
        "model_context_window_exceeded",  # Anthropic, GLM
    ),
    "filtered": (
        "content_filter",
        "content_filtered",  # Bedrock
        "guardrail_intervened",  # Bedrock
        "sensitive",  # GLM
        "safety",  # this and what follows: Gemini
        "recitation",
        "blocklist",
        "prohibited_content",
        "spii",
    ),
    "declined": ("refusal",),  # Anthropic
    "broken": (
        "error",  # OpenRouter, Mistral, vLLM
        "network_error",  # GLM
        "insufficient_system_resource",  # DeepSeek
        "abort",  # vLLM, SGLang: the server stopped the request, and still sends [DONE]
        "aborted",
        "cancelled",
        "canceled",
        "repetition",  # vLLM: the model repeats itself
        "malformed_function_call",  # Gemini
    ),
}
_ENDINGS: dict[str, Ending] = {
    reason: ending for ending, reasons in _REASONS.items() for reason in reasons
}


def plain(reason: object) -> str:
    """A finish reason without what a server adds to it; empty for none.

    Gemini's begin with `FINISH_REASON_`, some gateways write `FinishReason.STOP`, and DashScope
    writes the word `null` into each chunk.
    """
    if not isinstance(reason, str):
        return ""
    bare = reason.strip().rpartition(".")[2].lower().removeprefix("finish_reason_")
    return "" if bare in {"null", "none", "unspecified"} else bare


def ending_of(reason: str, also_whole: Collection[str] = ()) -> Ending:
    """How an answer ended.

    Args:
        reason: What the server said, as `plain` gives it.
        also_whole: Further reasons after which an answer is whole.
    """
    if reason in {plain(one) for one in also_whole}:
        return "whole"
    return _ENDINGS.get(reason, "unknown")
