"""The `iteration` kind: how one begins, and its outputs."""

from __future__ import annotations

from typing import Any

from runfold.contracts import events as e
from runfold.engine.decide.effects import Append
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.decide.round_settings import duration, items_of, whole_number
from runfold.engine.decide.rounds import (
    RoundsKind,
    failures_of,
    results_of,
    tolerates_item_errors,
)
from runfold.engine.state.rounds import Rounds


def start(ctx: NodeContext) -> Append:
    """Begin the iteration.

    Raises:
        NodeFailed: A setting does not fit once it is rendered.
    """
    items, limit = items_of(ctx), ctx.config.get("max_iterations")
    return Append(
        ctx.event(
            e.LoopStarted,
            items=items,
            total=None if limit is None else min(len(items), limit),
            concurrency=whole_number(ctx, "concurrency"),
            item_timeout=duration(ctx, "item_timeout"),
        )
    )


def _outputs(ctx: NodeContext, rounds: Rounds) -> dict[str, Any]:
    results = results_of(ctx, rounds)
    count = len(results)
    if ctx.config.get("flatten"):
        results = _flat(results)
    return {
        "output": results,
        "count": count,
        "failed_count": len(rounds.failed),
        "failed": failures_of(rounds),
    }


def _flat(results: list[Any]) -> list[Any]:
    """The items of all lists; nulls are passed over, and anything else leaves all as it is."""
    lists = [one for one in results if one is not None]
    if not lists or not all(isinstance(one, list) for one in lists):
        return results
    return [inner for one in lists for inner in one]


ITERATION = RoundsKind(_outputs, tolerates_item_errors)
