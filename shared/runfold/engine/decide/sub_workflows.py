"""The `sub_workflow` kind: a part of the run, or, when detached, a run of its own."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.contracts import events as e
from runfold.contracts.requests import RunRequest
from runfold.engine.decide.effects import Append, Ask, Effect
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.decide.outputs import run_outputs
from runfold.engine.state.scopes import plan_of
from runfold.engine.state.sub_workflows import Called
from runfold.errors import InvalidInputs, NodeFailed
from runfold.graph.definition import Workflow
from runfold.graph.inputs import bound
from runfold.graph.kinds.sub_workflow import called
from runfold.graph.loader import canonical_bytes
from runfold.graph.plan.plan import Library, Plan
from runfold.ids import attempt_id, run_id_for_key

MAX_SCOPES = 24
"""Most composites and sub-workflows inside each other while a run goes."""


def start(ctx: NodeContext) -> Effect:
    """Begin the workflow.

    Raises:
        NodeFailed: The workflow does not exist, its inputs do not fit, or too many workflows are
            inside each other.
    """
    return _begin_inside(ctx) if ctx.planned.calls else _ask_for_run(ctx)


def decide_called(ctx: NodeContext) -> list[Effect]:
    """End the node when its workflow has ended."""
    called_workflow = ctx.composite(Called)
    if not called_workflow.settled:
        return []
    (index,) = called_workflow.settled
    inside = ctx.inside(index)
    child = plan_of(ctx.plan, inside)
    outputs = run_outputs(child, ctx.state, inside) if child else {}
    if not isinstance(outputs, dict):
        outputs = {"output": outputs}
    return [ctx.succeeded(outputs)]


def _begin_inside(ctx: NodeContext) -> Append:
    workflow, _ = called(ctx.config)
    _check_depth(ctx, workflow)
    child = ctx.graph.body(ctx.planned.id)
    if child is None:
        message = (
            f"node {ctx.planned.id!r}: there was no workflow {workflow!r} when the run began: "
            "store one under this id, or import it beside this one"
        )
        raise NodeFailed(message, code="sub_workflow.unknown", kind="input")
    return Append(
        ctx.event(
            e.SubWorkflowStarted,
            workflow=workflow,
            version=child.version,
            index=ctx.node.attempt - 1,
            values={**child.variables, **_inputs(ctx, child)},
        )
    )


def _check_depth(ctx: NodeContext, workflow: str) -> None:
    depth = ctx.scope.count("[")
    if depth < MAX_SCOPES:
        return
    message = (
        f"node {ctx.planned.id!r} at {ctx.scope!r}: workflow {workflow!r} would be {depth + 1} "
        f"scopes deep, the limit is {MAX_SCOPES}: does it call itself without end?"
    )
    details = {"node": ctx.planned.id, "scope": ctx.scope, "workflow": workflow}
    raise NodeFailed(message, code="scope.too_deep", kind="limit", details=details)


def _inputs(ctx: NodeContext, child: Plan) -> dict[str, Any]:
    given = ctx.render(ctx.config.get("inputs") or {})
    try:
        return bound(
            child.workflow_id,
            given,
            inputs=child.inputs,
            variables=child.variables,
            closed=child.closed_inputs,
        )
    except InvalidInputs as error:
        message = f"node {ctx.planned.id!r}: {error.message}"
        details = {**error.details, "node": ctx.planned.id, "scope": ctx.scope}
        raise NodeFailed(
            message, code="sub_workflow.inputs", kind="input", details=details
        ) from error


def _ask_for_run(ctx: NodeContext) -> Ask:
    """Ask for a run of its own; the node succeeds once that request is stored."""
    state = ctx.state
    workflow_id, version = called(ctx.config)
    key = attempt_id(state.run_id, ctx.address, ctx.node.attempt)
    run_id = run_id_for_key(workflow_id, key)
    library = ctx.graph.library
    own = library.workflow(workflow_id)
    request = RunRequest(
        run_id=run_id,
        workflow_id=workflow_id,
        version=version,
        inputs=ctx.render(ctx.config.get("inputs") or {}),
        definition=msgspec.UNSET if own is None else _whole(own, library),
        source=f"run {state.run_id}",
        traceparent=state.traceparent,
        priority=state.priority,
        labels=state.labels,
    )
    outputs = {"run_id": run_id, "output": run_id, "workflow": workflow_id}
    return Ask(request, ctx.event(e.NodeRunSucceeded, outputs=outputs))


def _whole(own: Workflow, library: Library) -> msgspec.Raw:
    """A workflow of the document together with the others that it may call."""
    workflows = {**library.own(), **own.workflows}
    return msgspec.Raw(canonical_bytes(msgspec.structs.replace(own, workflows=workflows)))
