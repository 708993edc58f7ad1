"""What is due at one node, by its status."""

from __future__ import annotations

from collections.abc import Callable

from runfold.contracts import events as e
from runfold.engine.decide.compensation import run_failure_at
from runfold.engine.decide.composites import COMPOSITES
from runfold.engine.decide.effects import Append, Effect
from runfold.engine.decide.failures import decide_failing
from runfold.engine.decide.inline_nodes import decide_inline
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.decide.tasks import dispatched, piped
from runfold.engine.decide.wait_endings import decide_answered, decide_extracted
from runfold.engine.state.nodes import ENDED, NodeStatus
from runfold.errors import Failure
from runfold.graph.kinds import INLINE
from runfold.ids import address_of

TIMEOUT_GRACE = 1.0
"""Seconds that an executor, which cuts off at the timeout itself, has to report it."""


def decide_node(ctx: NodeContext) -> list[Effect]:
    """The effects due at a node."""
    return BY_STATUS[ctx.node.status](ctx)


def _ready(ctx: NodeContext) -> list[Effect]:
    state, most = ctx.state, ctx.plan.settings.max_steps
    if state.steps >= most and state.saga is None:
        message = f"the run began {state.steps} steps, its limit is {most}"
        failure = Failure(code="run.max_steps", message=message, kind="limit")
        return [Append(run_failure_at(ctx, failure))]
    if ctx.planned.group == INLINE:
        return [decide_inline(ctx)]
    return [dispatched(ctx)]


def _active(ctx: NodeContext) -> list[Effect]:
    return [*COMPOSITES[ctx.planned.type].decide(ctx), *_timeout(ctx, 0.0)]


def _running(ctx: NodeContext) -> list[Effect]:
    return [*piped(ctx), *_timeout(ctx, TIMEOUT_GRACE)]


def _waiting(ctx: NodeContext) -> list[Effect]:
    waiting = ctx.node.waiting
    if waiting is None or waiting.due is None:
        return []
    return [ctx.timer("human" if waiting.waiting_for == "human" else "wait", waiting.due)]


def _joining(ctx: NodeContext) -> list[Effect]:
    return [ctx.timer("timeout", ctx.node.changed_at + (ctx.planned.timeout or 0.0))]


def _backing_off(ctx: NodeContext) -> list[Effect]:
    return [ctx.timer("retry", ctx.node.due or ctx.state.now)]


def _cancelling(ctx: NodeContext) -> list[Effect]:
    guard = ctx.planned.guard
    reason, by = f"join {guard!r} goes on without it", address_of(ctx.scope, guard)
    return [Append(ctx.event(e.NodeRunCancelled, reason=reason, by=by))]


def _timeout(ctx: NodeContext, grace: float) -> list[Effect]:
    timeout, started_at = ctx.planned.timeout, ctx.node.started_at
    if timeout is None or started_at is None:
        return []
    return [ctx.timer("timeout", started_at + timeout + grace)]


def _nothing(_ctx: NodeContext) -> list[Effect]:
    return []


BY_STATUS: dict[NodeStatus, Callable[[NodeContext], list[Effect]]] = {
    "ready": _ready,
    "skipping": lambda ctx: [Append(ctx.event(e.NodeRunSkipped))],
    "running": _running,
    "joining": _joining,
    "active": _active,
    "waiting": _waiting,
    "answered": lambda ctx: [decide_answered(ctx)],
    "extracted": lambda ctx: [decide_extracted(ctx)],
    "failing": lambda ctx: [Append(decide_failing(ctx))],
    "backing_off": _backing_off,
    "cancelling": _cancelling,
    **dict.fromkeys(ENDED, _nothing),
}
"""Status → what is due. Every status has a row."""
