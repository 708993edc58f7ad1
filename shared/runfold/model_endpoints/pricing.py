"""Tokens and cost of an answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold.contracts.events import Usage
from runfold.errors import NodeFailed
from runfold.settings import ModelPrice

_MILLION = 1_000_000
_MOST = 10**12
"""Tokens that no answer has."""


def usage_of(reported: Any, price: ModelPrice | None) -> Usage | None:
    """Counts the tokens that the server reported, and what they cost.

    Args:
        reported: The `usage` object as plain JSON, or None when the server sent none.
        price: Of the model, or None when the settings have none: the cost is then 0.
    """
    if not isinstance(reported, Mapping):
        return None
    prompt = _count(reported.get("prompt_tokens", reported.get("input_tokens")))
    completion = _count(reported.get("completion_tokens", reported.get("output_tokens")))
    details = reported.get("completion_tokens_details")
    reasoning = details.get("reasoning_tokens") if isinstance(details, Mapping) else None
    cost = 0.0
    if price is not None:
        cost = (prompt * price.prompt + completion * price.completion) / _MILLION
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        total_tokens=_count(reported.get("total_tokens")) or prompt + completion,
        reasoning_tokens=_count(reasoning),
        cost=round(cost, 9),
        currency=price.currency if price is not None else "USD",
    )


def price_of(model: str, answered_by: str, prices: Mapping[str, ModelPrice]) -> ModelPrice | None:
    """The price of a model as the author named it, else as the provider calls it.

    Args:
        model: As written in the workflow, `gpt-4o` or `provider/model`.
        answered_by: The name in the response, `gpt-4o-2024-08-06`.
        prices: By model name.
    """
    names = (model, model.partition("/")[2], answered_by)
    return next((prices[name] for name in names if name in prices), None)


def total_of(one: Usage | None, other: Usage | None) -> Usage | None:
    """The usage of both; None when neither is known."""
    if one is None or other is None:
        return one or other
    return Usage(
        prompt_tokens=one.prompt_tokens + other.prompt_tokens,
        completion_tokens=one.completion_tokens + other.completion_tokens,
        total_tokens=one.total_tokens + other.total_tokens,
        reasoning_tokens=one.reasoning_tokens + other.reasoning_tokens,
        cost=round(one.cost + other.cost, 9),
        currency=one.currency,
    )


def shown_usage(usage: Usage | None) -> dict[str, Any] | None:
    """The usage as an output."""
    if usage is None:
        return None
    return {name: getattr(usage, name) for name in Usage.__struct_fields__}


def add_cost(error: NodeFailed, used: Usage | None) -> None:
    """Add to a failure's `details.usage` what was used before."""
    known = error.details.get("usage")
    total = total_of(used, Usage(**known) if known else None)
    if total is not None:
        error.details = {**error.details, "usage": shown_usage(total)}


def input_usage(reported: Any) -> Any:
    """The usage of a request without an answer in words: all tokens are those of the input."""
    if not isinstance(reported, dict) or reported.get("prompt_tokens"):
        return reported
    return {**reported, "prompt_tokens": reported.get("input_tokens", reported.get("total_tokens"))}


def _count(value: Any) -> int:
    """A number of tokens as servers write it: some as a float, some as text; 0 for nonsense."""
    if isinstance(value, str) and value.strip().isdecimal():
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if 0 < value < _MOST else 0
