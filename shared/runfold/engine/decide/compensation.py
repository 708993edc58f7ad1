"""The events by which a run fails, begins to compensate, and ends when that is done."""

from __future__ import annotations

from typing import Any

from runfold.contracts import events as e
from runfold.engine.decide.effects import Append
from runfold.engine.decide.event_writer import EventWriter
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.evolve.compensation import has_undone_all
from runfold.engine.state.runs import RunState, Saga
from runfold.errors import Failure
from runfold.graph.plan.plan import Plan
from runfold.ids import split_address

LISTED = 12
"""Most nodes named in the message that says which could not be undone."""


def run_failure(
    plan: Plan,
    writer: EventWriter,
    failure: Failure,
    *,
    deadline: bool = False,
    node_id: str = "",
    scope: str = "",
) -> e.RunFailed | e.RunCompensating:
    """The event by which a run fails. Which one depends on the plan alone.

    If it depended on what is completed, a node could complete between the decision and its place in
    the log, and would never be undone.
    """
    if not plan.compensates:
        return writer.run(e.RunFailed, error=failure, node_id=node_id, scope=scope)
    return writer.run(
        e.RunCompensating,
        cause="deadline" if deadline else "failure",
        error=failure,
        node_id=node_id,
        scope=scope,
    )


def run_failure_at(ctx: NodeContext, failure: Failure) -> e.RunFailed | e.RunCompensating:
    """The event by which a run fails at a node."""
    return run_failure(ctx.plan, ctx.writer, failure, node_id=ctx.planned.id, scope=ctx.scope)


def compensate(ctx: NodeContext) -> Append:
    """Let a `compensate` node end the run and undo what is completed."""
    reason = ctx.text("reason")
    suffix = f": {reason}" if reason else ""
    message = f"node {ctx.planned.id!r} gave the run up{suffix}"
    failure = Failure(code="run.given_up", message=message, kind="cancelled")
    return Append(
        ctx.writer.run(
            e.RunCompensating,
            cause="node",
            error=failure,
            node_id=ctx.planned.id,
            scope=ctx.scope,
            reason=reason,
        )
    )


def cancelling(
    plan: Plan, *, event_id: str, run_id: str, workflow_id: str, reason: str
) -> e.RunCancelled | e.RunCompensating:
    """The event by which a person or client cancels a run."""
    about: dict[str, Any] = {"id": event_id, "run_id": run_id, "workflow_id": workflow_id}
    if not plan.compensates:
        return e.RunCancelled(reason=reason, **about)
    suffix = f": {reason}" if reason else ""
    failure = Failure(
        code="run.cancelled", message=f"the run was cancelled{suffix}", kind="cancelled"
    )
    return e.RunCompensating(cause="cancel", error=failure, reason=reason, **about)


def saga_ending(state: RunState, saga: Saga, writer: EventWriter) -> e.AnyEvent | None:
    """The event that ends a run which has undone all it could; None while there is more to undo."""
    if not has_undone_all(state, saga):
        return None
    if not saga.log and saga.cause == "cancel":
        return writer.run(e.RunCancelled, reason=state.cancel_reason)
    if not saga.log and saga.cause != "node":
        scope, node_id = split_address(state.error_address)
        return writer.run(e.RunFailed, error=saga.error, node_id=node_id, scope=scope)
    left = [one.address for one in saga.log if state.nodes[one.by].status != "succeeded"]
    count = len(saga.log) - len(left)
    if not left:
        return writer.run(e.RunCompensated, undone=count)
    names = ", ".join(left[:LISTED])
    message = f"{len(left)} of {len(saga.log)} completed nodes could not be undone: {names}"
    failure = Failure(
        code="run.compensation_failed",
        message=message,
        kind="internal",
        details={"nodes": left, "cause": saga.error.code},
    )
    return writer.run(e.RunCompensationFailed, error=failure, undone=count)
