"""Adds up what attempts used: tokens and cost."""

from __future__ import annotations

from runfold.contracts.events import Usage

NOTHING = Usage()


def added(total: Usage, used: Usage) -> Usage:
    """The sum of both. The first attempt that used anything sets the currency."""
    return Usage(
        prompt_tokens=total.prompt_tokens + used.prompt_tokens,
        completion_tokens=total.completion_tokens + used.completion_tokens,
        total_tokens=total.total_tokens + used.total_tokens,
        reasoning_tokens=total.reasoning_tokens + used.reasoning_tokens,
        cost=total.cost + used.cost,
        currency=used.currency if total == NOTHING else total.currency,
    )
