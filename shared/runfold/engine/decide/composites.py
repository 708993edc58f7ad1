"""The kinds of composites: how each begins, what is due while it is active, and how it fails.

A new kind is a row here and a module that the row points to. It also needs a member in the union of
`state.composites`, if none of those there fits, and the events that record it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.engine.decide import (
    agent_endings,
    agents,
    batches,
    iterations,
    loops,
    parallels,
    state_machines,
    sub_workflows,
)
from runfold.engine.decide.effects import Effect
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.decide.rounds import RoundsKind, decide_rounds, round_ended, round_failed
from runfold.engine.state.rounds import Rounds
from runfold.errors import Failure

Start = Callable[[NodeContext], Effect]


class CompositeKind(NamedTuple):
    """One kind of composites."""

    start: Start
    """Begins a composite that is ready."""
    decide: Callable[[NodeContext], list[Effect]]
    """What is due in one that is active, apart from its timeout and from `scope_ended`."""
    scope_failed: Callable[[NodeContext, int, str, Failure], e.AnyNodeEvent]
    """The event for a scope, by its number and path, in which a node failed for good."""
    scope_ended: Callable[[NodeContext, int], list[Effect]] | None = None
    """What is due about one scope that has ended; None: `decide` sees to it."""


def _of_rounds(start: Start, kind: RoundsKind) -> CompositeKind:
    def decide(ctx: NodeContext) -> list[Effect]:
        return decide_rounds(ctx, ctx.composite(Rounds), kind)

    def scope_failed(ctx: NodeContext, index: int, _path: str, failure: Failure) -> e.AnyNodeEvent:
        return round_failed(ctx, ctx.composite(Rounds), kind, index, failure)

    def scope_ended(ctx: NodeContext, index: int) -> list[Effect]:
        return round_ended(ctx, ctx.composite(Rounds), kind, index)

    return CompositeKind(start, decide, scope_failed, scope_ended)


def _whole_failed(ctx: NodeContext, _index: int, path: str, failure: Failure) -> e.NodeRunFailed:
    """The event of a composite that fails with any of its scopes."""
    details = {"scope": path, **failure.details}
    return ctx.event(e.NodeRunFailed, error=replace(failure, details=details))


COMPOSITES: dict[str, CompositeKind] = {
    "loop": _of_rounds(loops.start, loops.LOOP),
    "iteration": _of_rounds(iterations.start, iterations.ITERATION),
    "batch": _of_rounds(batches.start, batches.BATCH),
    "parallel": _of_rounds(parallels.start, parallels.PARALLEL),
    "sub_workflow": CompositeKind(sub_workflows.start, sub_workflows.decide_called, _whole_failed),
    "state_machine": CompositeKind(
        state_machines.start, state_machines.decide_machine, _whole_failed
    ),
    "agent": CompositeKind(agents.start, agents.decide_agent, agent_endings.scope_failed),
}
