"""The `loop` kind: how one begins, when it ends, and its outputs."""

from __future__ import annotations

from typing import Any

from runfold.contracts import events as e
from runfold.engine.decide.effects import Append
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.decide.round_settings import duration, items_of, variables_of, whole_number
from runfold.engine.decide.rounds import RoundsKind, results_of, tolerates_item_errors
from runfold.engine.state.names import lookup_around_rounds, lookup_in_scope
from runfold.engine.state.rounds import Rounds
from runfold.errors import RunfoldError
from runfold.graph.kinds.loop import mode_of
from runfold.values.profiles import rules_of
from runfold.values.references import Lookup


def start(ctx: NodeContext) -> Append:
    """Begin the loop.

    Raises:
        NodeFailed: A setting does not fit once it is rendered.
    """
    fields: dict[str, Any] = {}
    limit = ctx.config.get("max_iterations")
    match mode_of(ctx.config):
        case "array":
            items = items_of(ctx)
            fields["items"] = items
            fields["total"] = None if limit is None else min(len(items), limit)
            fields["concurrency"] = whole_number(ctx, "concurrency")
        case "count":
            count = whole_number(ctx, "count", least=0)
            fields["total"] = count if limit is None else min(count, limit)
        case _:
            fields["total"] = limit
    return Append(
        ctx.event(
            e.LoopStarted,
            variables=variables_of(ctx),
            delay=duration(ctx, "delay") or 0.0,
            item_timeout=duration(ctx, "item_timeout"),
            **fields,
        )
    )


def _is_over(ctx: NodeContext, rounds: Rounds) -> bool:
    config = ctx.config
    early = rounds.begun == 0 and config.get("break_when") is not None and _breaks_early(ctx)
    if mode_of(config) != "while" and not early:
        return False
    lookup = lookup_around_rounds(ctx.plan, ctx.state, ctx.address, rounds.begun)
    if early and _holds_quietly(ctx, config["break_when"], lookup):
        return True
    return mode_of(config) == "while" and not ctx.holds(config["while"], lookup)


def _breaks_early(ctx: NodeContext) -> bool:
    rules = rules_of(ctx.planned.profile)
    return rules is not None and rules.breaks_early


def _holds_quietly(ctx: NodeContext, condition: Any, lookup: Lookup) -> bool:
    """Whether a condition holds before the first round, when what it names may not be there yet."""
    try:
        return ctx.holds(condition, lookup)
    except RunfoldError:
        return False


def _is_last(ctx: NodeContext, _rounds: Rounds, index: int) -> bool:
    config = ctx.config
    lookup = lookup_in_scope(ctx.plan, ctx.state, ctx.inside(index))
    if config.get("break_when") is not None and ctx.holds(config["break_when"], lookup):
        return True
    return mode_of(config) == "do_while" and not ctx.holds(config["do_while"], lookup)


def _outputs(ctx: NodeContext, rounds: Rounds) -> dict[str, Any]:
    results = results_of(ctx, rounds)
    last = rounds.results.get(max(rounds.results)) if rounds.results else None
    return {
        **rounds.variables,
        "output": results if rounds.keeps_all else last,
        "last": last,
        "count": len(results) if rounds.keeps_all else rounds.ended,
        "failed_count": len(rounds.failed),
        "reason": _reason(ctx, rounds),
    }


def _reason(ctx: NodeContext, rounds: Rounds) -> str:
    mode = mode_of(ctx.config)
    if rounds.last:
        return "condition" if mode == "do_while" else "break"
    if mode in ("array", "count"):
        return "completed"
    return "condition" if rounds.ended < rounds.count else "limit"


LOOP = RoundsKind(_outputs, tolerates_item_errors, is_over=_is_over, is_last=_is_last)
