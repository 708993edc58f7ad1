"""The `batch` kind: how one begins, and its outputs."""

from __future__ import annotations

from typing import Any

from runfold.contracts import events as e
from runfold.engine.decide.effects import Append
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.decide.round_settings import duration, items_of, whole_number
from runfold.engine.decide.rounds import RoundsKind, failures_of, results_of
from runfold.engine.state.rounds import Rounds
from runfold.graph.kinds.batch import BATCH_SIZE


def start(ctx: NodeContext) -> Append:
    """Begin the batches.

    Raises:
        NodeFailed: A setting does not fit once it is rendered.
    """
    items = items_of(ctx)
    size = whole_number(ctx, "batch_size", default=BATCH_SIZE)
    most = ctx.config.get("max_batches")
    return Append(
        ctx.event(
            e.LoopStarted,
            items=items,
            total=None if most is None else min(len(items), most * size),
            batch_size=size,
            concurrency=whole_number(ctx, "concurrency", default=size),
            delay=duration(ctx, "delay") or 0.0,
            item_timeout=duration(ctx, "item_timeout"),
        )
    )


def _outputs(ctx: NodeContext, rounds: Rounds) -> dict[str, Any]:
    results, failed = results_of(ctx, rounds), len(rounds.failed)
    succeeded, size = rounds.ended - failed, max(1, rounds.batch_size)
    outputs = {
        "results": results,
        "count": rounds.ended,
        "success_count": succeeded,
        "failed_count": failed,
        "success_rate": succeeded / rounds.ended if rounds.ended else 1.0,
        "failed": failures_of(rounds),
        "batches": -(-rounds.ended // size),
    }
    return {**outputs, "output": results}


def _tolerates(config: dict[str, Any]) -> bool:
    return bool(config.get("continue_on_error", True))


BATCH = RoundsKind(_outputs, _tolerates)
