"""Deciding about sub-workflows: as a part of the run, or as a run of its own."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.contracts import events as e
from runfold.contracts.requests import RunRequest
from runfold.engine.decide.effects import Append, Ask, Effect
from runfold.engine.decide.event_writer import Writer
from runfold.engine.decide.node_context import Fields, Ready
from runfold.engine.decide.outputs import run_outputs
from runfold.engine.state.run import NodeState
from runfold.engine.state.scopes import plan_of
from runfold.errors import Failure, InvalidInputs, NodeFailed
from runfold.graph.definition import Workflow
from runfold.graph.inputs import bound
from runfold.graph.kinds.sub_workflow import called
from runfold.graph.loader import canonical_bytes
from runfold.graph.plan.plan import Library, Plan, PlanNode
from runfold.ids import address_of, attempt_id, child_scope, run_id_for_key
from runfold.values.templates import render

MAX_SCOPES = 24
"""Composites and sub-workflows within each other while a run goes."""


def started_fields(here: Ready) -> Fields:
    """The fields of sub_workflow_started.

    Raises:
        NodeFailed: The workflow is not there, its inputs do not fit, or too many are within
            each other.
    """
    planned = here.planned
    workflow, _ = called(planned.config)
    _check_depth(here, workflow)
    inner = plan_of(here.plan, here.scope)
    child = inner.body(planned.id) if inner else None
    if child is None:
        message = f"node {planned.id!r}: there is no workflow {workflow!r}"
        raise NodeFailed(message, code="sub_workflow.unknown", kind="input")
    return {
        "workflow": workflow,
        "version": child.version,
        "index": here.node.attempt - 1,
        "values": {**child.variables, **_inputs(here, child)},
    }


def _check_depth(here: Ready, workflow: str) -> None:
    depth = here.scope.count("[")
    if depth < MAX_SCOPES:
        return
    message = (
        f"node {here.planned.id!r} at {here.scope!r}: workflow {workflow!r} would be {depth + 1} "
        f"scopes deep, the limit is {MAX_SCOPES}: does it call itself without end?"
    )
    details = {"node": here.planned.id, "scope": here.scope, "workflow": workflow}
    raise NodeFailed(message, code="scope.too_deep", kind="limit", details=details)


def _inputs(here: Ready, child: Plan) -> dict[str, Any]:
    given = render(here.planned.config.get("inputs") or {}, here.lookup)
    try:
        return bound(
            child.workflow_id,
            given,
            inputs=child.inputs,
            variables=child.variables,
            closed=child.closed_inputs,
        )
    except InvalidInputs as error:
        message = f"node {here.planned.id!r}: {error.message}"
        details = {**error.details, "node": here.planned.id, "scope": here.scope}
        raise NodeFailed(
            message, code="sub_workflow.inputs", kind="input", details=details
        ) from error


def decide_called(here: Ready, writer: Writer, node: NodeState) -> list[Effect]:
    """End the node when its workflow has ended."""
    loop = node.loop
    if loop is None or not loop.settled:
        return []
    (index,) = loop.settled
    inside = child_scope(address_of(here.scope, here.planned.id), index)
    child = plan_of(here.plan, inside)
    outputs = run_outputs(child, here.state, inside) if child else {}
    if not isinstance(outputs, dict):
        outputs = {"output": outputs}
    event = writer.node(
        e.NodeRunSucceeded, here.scope, here.planned.id, node.attempt, outputs=outputs
    )
    return [Append(event)]


def called_failed(
    writer: Writer, scope: str, planned: PlanNode, attempt: int, failure: Failure, inside: str
) -> e.NodeRunFailed:
    """A node of the sub-workflow or handler failed for good, and with it the whole."""
    details = {"scope": inside, **failure.details}
    error = msgspec.structs.replace(failure, details=details)
    return writer.node(e.NodeRunFailed, scope, planned.id, attempt, error=error)


def _whole(own: Workflow, library: Library) -> msgspec.Raw:
    """A document's own workflow with the others that it may call."""
    workflows = {**library.own(), **own.workflows}
    return msgspec.Raw(canonical_bytes(msgspec.structs.replace(own, workflows=workflows)))


def detached(here: Ready, writer: Writer) -> Effect:
    """The run to be begun, and the success of the node that begins it, which follows."""
    planned, state = here.planned, here.state
    workflow_id, version = called(planned.config)
    key = attempt_id(state.run_id, address_of(here.scope, planned.id), here.node.attempt)
    run_id = run_id_for_key(workflow_id, key)
    given = render(planned.config.get("inputs") or {}, here.lookup)
    inner = plan_of(here.plan, here.scope) or here.plan
    own = inner.library.workflow(workflow_id)
    request = RunRequest(
        run_id=run_id,
        workflow_id=workflow_id,
        version=version,
        inputs=given,
        definition=msgspec.Raw() if own is None else _whole(own, inner.library),
        source=f"run {state.run_id}",
        traceparent=state.traceparent,
        priority=state.priority,
    )
    outputs = {"run_id": run_id, "output": run_id, "workflow": workflow_id}
    then = writer.node(
        e.NodeRunSucceeded, here.scope, planned.id, here.node.attempt, outputs=outputs
    )
    return Ask(request, then)
