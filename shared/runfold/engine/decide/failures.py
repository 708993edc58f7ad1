"""What follows a failed attempt: another one, an exception that the run goes past, or a failure."""

from __future__ import annotations

from typing import Any

from runfold.contracts import events as e
from runfold.engine.decide.compensation import run_failure_at
from runfold.engine.decide.composites import COMPOSITES
from runfold.engine.decide.extraction import tries_of_extraction
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.decide.retries import delay_after, should_retry, should_use_backup
from runfold.engine.evolve.edges import LOST, first_attempt
from runfold.engine.state.names import failure_view
from runfold.errors import Failure
from runfold.graph.definition import ERROR, OUT
from runfold.ids import address_of, attempt_id
from runfold.values.profiles import rules_of

UNKNOWN = Failure(code="internal", message="the attempt failed without a reason")


def decide_failing(ctx: NodeContext) -> e.AnyEvent:
    """The one event that follows a failed attempt."""
    planned, node = ctx.planned, ctx.node
    failure = node.error or UNKNOWN
    # A composite and a join are not retried as a whole: the nodes inside or before them are.
    composed = planned.bodies or planned.join is not None
    tries = tries_of_extraction(node) or node.attempt - _first_attempt(ctx) + 1
    if not composed and not node.backup:
        if should_retry(planned.retry, failure, tries):
            return _retry(ctx, failure, tries)
        if planned.backup and should_use_backup(planned.retry, failure):
            return _backup(ctx, failure)
    # A node that undoes another never keeps the rest from being undone.
    if planned.on_error.strategy != "fail" or planned.undoes:
        return _exception(ctx, failure)
    if _is_branch_lost(ctx):
        return _lost_branch(ctx, failure)
    if ctx.scope:
        composite, index = ctx.around()
        kind = COMPOSITES[composite.planned.type]
        return kind.scope_failed(composite, index, ctx.scope, failure)
    return run_failure_at(ctx, failure)


def _first_attempt(ctx: NodeContext) -> int:
    pipe = ctx.planned.pipe
    if pipe is None:
        return 1
    return first_attempt(ctx.planned, ctx.state.nodes.get(address_of(ctx.scope, pipe.source)))


def _retry(ctx: NodeContext, failure: Failure, tries: int) -> e.NodeRunRetry:
    planned, node = ctx.planned, ctx.node
    seed = attempt_id(ctx.state.run_id, ctx.address, node.attempt)
    delay = delay_after(planned.retry, failure, tries, seed)
    return ctx.event(
        e.NodeRunRetry,
        attempt=node.attempt + 1,
        error=failure,
        delay=delay,
        due=node.changed_at + delay,
    )


def _backup(ctx: NodeContext, failure: Failure) -> e.NodeRunRetry:
    """One more attempt, at once: what failed is not what is asked now."""
    return ctx.event(
        e.NodeRunRetry,
        attempt=ctx.node.attempt + 1,
        error=failure,
        due=ctx.node.changed_at,
        backup=True,
    )


def _told(ctx: NodeContext) -> dict[str, Any]:
    """What nodes behind a failure read of it, in the words of the system the node is from."""
    view = failure_view(ctx.node)
    rules = rules_of(ctx.planned.profile)
    if rules is None or not view:
        return view
    return {**view, "type": rules.error_type(ctx.planned.type, view["code"], view["type"])}


def _exception(ctx: NodeContext, failure: Failure) -> e.NodeRunException:
    on_error, ports = ctx.planned.on_error, ctx.planned.ports
    strategy = on_error.strategy
    outputs: dict[str, Any] = {"error": _told(ctx)}
    port = OUT if OUT in ports else ports[-1]
    match strategy:
        case "error_branch":
            port = ERROR
        case "default_value":
            outputs |= on_error.value if isinstance(on_error.value, dict) else {}
            outputs.setdefault("output", on_error.value)
        case _:
            strategy = "continue" if strategy == "fail" else strategy
            outputs["output"] = None
    return ctx.event(
        e.NodeRunException, error=failure, strategy=strategy, outputs=outputs, port=port
    )


def _is_branch_lost(ctx: NodeContext) -> bool:
    """Whether all ways from a node lead to a join that goes on without failed branches."""
    guard = ctx.planned.guard
    join = ctx.graph.nodes[guard].join if guard else None
    return join is not None and join.ignore_errors


def _lost_branch(ctx: NodeContext, failure: Failure) -> e.NodeRunException:
    outputs = {"error": _told(ctx), "output": None}
    return ctx.event(
        e.NodeRunException, error=failure, strategy="continue", outputs=outputs, port=LOST
    )
