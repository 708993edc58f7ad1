"""What loops, iterations, batches and parallel branches have in common while they are active.

Which rounds begin, what each one gives, and when the whole ends. What tells the four kinds apart is
in their own modules, and comes here as a `RoundsKind`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from runfold.contracts import events as e
from runfold.engine.decide.effects import Append, Effect
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.decide.outputs import last_outputs
from runfold.engine.state.names import lookup_in_scope
from runfold.engine.state.rounds import Rounds
from runfold.engine.state.scopes import plan_of
from runfold.errors import Failure, ReferenceMissing, RunfoldError
from runfold.values.templates import render


def _never(_ctx: NodeContext, _rounds: Rounds, _index: int = 0) -> bool:
    return False


class RoundsKind(NamedTuple):
    """What is special about one kind of rounds."""

    outputs: Callable[[NodeContext, Rounds], dict[str, Any]]
    """The outputs of the node when it succeeds."""
    tolerates: Callable[[dict[str, Any]], bool]
    """Whether, by its configuration, it goes on without a round that failed."""
    is_over: Callable[[NodeContext, Rounds], bool] = _never
    """Whether it ends before its next round."""
    is_last: Callable[[NodeContext, Rounds, int], bool] = _never
    """Whether it ends after a round that has succeeded."""


def decide_rounds(ctx: NodeContext, rounds: Rounds, kind: RoundsKind) -> list[Effect]:
    """Begin as many rounds as may run, or end the whole."""
    is_complete = rounds.last or rounds.ended == rounds.count
    if rounds.is_idle or (is_complete and not rounds.settled):
        if is_complete or kind.is_over(ctx, rounds):
            return [Append(ctx.event(e.LoopSucceeded, outputs=kind.outputs(ctx, rounds)))]
    elif is_complete:
        return []
    return [*_timers(ctx, rounds), *_next_rounds(ctx, rounds)]


def round_ended(ctx: NodeContext, rounds: Rounds, kind: RoundsKind, index: int) -> list[Effect]:
    """Record what a round came to; nothing when that is recorded."""
    how = rounds.settled.get(index)
    return [] if how is None else [Append(_round_ended(ctx, rounds, kind, index, how))]


def round_failed(
    ctx: NodeContext, rounds: Rounds, kind: RoundsKind, index: int, failure: Failure
) -> e.AnyNodeEvent:
    """The event for a round that failed for good: it is tolerated, or the whole fails."""
    if not kind.tolerates(ctx.config):
        return ctx.event(e.LoopFailed, error=failure, index=index)
    branch = rounds.body_name(index)
    if branch:
        about: dict[str, Any] = {"index": index, "branch": branch, "error": failure}
        return ctx.event(e.ParallelBranchFailed, of=str(index), **about)
    return ctx.event(e.LoopItemFailed, of=str(index), index=index, error=failure)


def _next_rounds(ctx: NodeContext, rounds: Rounds) -> list[Effect]:
    """Begin the next rounds, as many as have room; or arm the timer of the pause before them."""
    if rounds.next_due is not None:
        of = f"delay:{rounds.ended}"
        return [ctx.timer("delay", rounds.next_due, of=of, index=rounds.ended)]
    until = rounds.count
    if rounds.batch_size:
        until = min(until, (rounds.ended // rounds.batch_size + 1) * rounds.batch_size)
    # A round whose result is not recorded keeps its place.
    unrecorded = len(rounds.under_way) + len(rounds.settled)
    room = min(rounds.concurrency - unrecorded, until - rounds.begun)
    indexes = range(rounds.begun, rounds.begun + max(0, room))
    return [Append(_begin(ctx, rounds, index)) for index in indexes]


def _begin(ctx: NodeContext, rounds: Rounds, index: int) -> e.LoopNext:
    branch = rounds.body_name(index)
    if branch:
        return ctx.event(e.ParallelBranchStarted, of=str(index), index=index, branch=branch)
    return ctx.event(e.LoopNext, of=str(index), index=index)


def _timers(ctx: NodeContext, rounds: Rounds) -> Iterator[Effect]:
    """The timer of each round under way, where its time is limited."""
    limit = rounds.item_timeout
    if limit is None:
        return
    for index, began in sorted(rounds.under_way.items()):
        yield ctx.timer("item", began + limit, of=f"item:{index}", index=index)


def _round_ended(
    ctx: NodeContext, rounds: Rounds, kind: RoundsKind, index: int, how: str
) -> e.AnyNodeEvent:
    """The event that records the result of a round."""
    if how == "timeout":
        return round_failed(ctx, rounds, kind, index, _too_long(ctx, rounds, index))
    try:
        output = _result(ctx, rounds, index, ended_early=how != "")
        last = how == "break" or kind.is_last(ctx, rounds, index)
    except RunfoldError as error:
        return round_failed(ctx, rounds, kind, index, error.failure())
    branch = rounds.body_name(index)
    about: dict[str, Any] = {"index": index, "output": output, "last": last}
    if branch:
        return ctx.event(e.ParallelBranchSucceeded, of=str(index), branch=branch, **about)
    return ctx.event(e.LoopItemSucceeded, of=str(index), **about)


def _result(ctx: NodeContext, rounds: Rounds, index: int, *, ended_early: bool) -> Any:
    """The output of a round: what `output` of its body says, else that of its last nodes."""
    name = rounds.body_name(index)
    inside = ctx.inside(index, name)
    template = (ctx.config["branches"][name] if name else ctx.config).get("output")
    body = plan_of(ctx.plan, inside)
    if body is None:
        return None
    if template is None:
        return last_outputs(body, ctx.state, inside)
    try:
        names = lookup_in_scope(ctx.plan, ctx.state, inside)
        return render(template, names, profile=ctx.planned.profile)
    except ReferenceMissing:
        # A round that ended early may lack what others have.
        if ended_early:
            return None
        raise


def _too_long(ctx: NodeContext, rounds: Rounds, index: int) -> Failure:
    branch = rounds.body_name(index)
    what = f"branch {branch!r}" if branch else f"{index}"
    message = f"node {ctx.address!r}: item {what} did not finish within {rounds.item_timeout:g} s"
    details = {"node": ctx.planned.id, "scope": ctx.scope, "index": index}
    return Failure(code="node.timeout", message=message, kind="timeout", details=details)


# --- parts of outputs -----------------------------------------------------------------------------


def results_of(ctx: NodeContext, rounds: Rounds) -> list[Any]:
    """Results in the order of the rounds; null for a failed one, unless those are dropped."""
    drop = ctx.config.get("on_item_error") == "drop"
    return [
        rounds.results.get(index)
        for index in range(rounds.begun)
        if index in rounds.results or (index in rounds.failed and not drop)
    ]


def failures_of(rounds: Rounds) -> list[dict[str, Any]]:
    """The rounds that failed and were tolerated, with their errors."""
    return [{"index": index, **error_of(one)} for index, one in sorted(rounds.failed.items())]


def error_of(failure: Failure) -> dict[str, Any]:
    """A failure as it stands in outputs."""
    return {"code": failure.code, "message": failure.message, "type": failure.kind}


def tolerates_item_errors(config: dict[str, Any]) -> bool:
    """Whether `on_item_error` lets a loop or an iteration go on."""
    return bool(config.get("on_item_error", "terminate") != "terminate")
