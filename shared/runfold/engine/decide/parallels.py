"""The `parallel` kind: how its branches begin, and its outputs."""

from __future__ import annotations

from typing import Any

from runfold.contracts import events as e
from runfold.engine.decide.effects import Append
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.decide.round_settings import duration, whole_number
from runfold.engine.decide.rounds import RoundsKind, error_of
from runfold.engine.state.rounds import Rounds


def start(ctx: NodeContext) -> Append:
    """Begin the branches.

    Raises:
        NodeFailed: A setting does not fit once it is rendered.
    """
    names = list(ctx.planned.bodies)
    return Append(
        ctx.event(
            e.LoopStarted,
            items=names,
            concurrency=whole_number(ctx, "concurrency", default=len(names)),
            item_timeout=duration(ctx, "branch_timeout"),
        )
    )


def _outputs(_ctx: NodeContext, rounds: Rounds) -> dict[str, Any]:
    names, total = rounds.branches, len(rounds.branches)
    successful = {names[index]: rounds.results[index] for index in sorted(rounds.results)}
    failed = {names[index]: error_of(one) for index, one in sorted(rounds.failed.items())}
    return {
        "output": successful,
        "successful": successful,
        "failed": failed,
        "total": total,
        "success_count": len(successful),
        "failure_count": len(failed),
        "success_rate": len(successful) / total if total else 1.0,
    }


def _tolerates(config: dict[str, Any]) -> bool:
    return bool(config.get("continue_on_error", False))


PARALLEL = RoundsKind(_outputs, _tolerates)
