"""A question whose answers a model reads: the steps of its node, and the task that is done.

The node alternates. It waits, is answered, the task runs, and the node has the fields or asks
again; each time it asks it begins a new attempt, so that token, task and events have ids of their
own. When the task fails the answer is kept, and another attempt reads it again.
"""

from __future__ import annotations

from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.contracts.tasks import Task
from runfold.engine.effects import Dispatch
from runfold.engine.scopes import lookup_in_scope
from runfold.engine.state import NodeState, RunState
from runfold.graph.kinds.asking import ANSWERED
from runfold.graph.kinds.extract import KIND as EXTRACT
from runfold.graph.plan import Plan, PlanNode
from runfold.ids import address_of, attempt_id
from runfold.values.references import prune, references_in

_ROOT = "_asked"
"""What the task's configuration calls that which was said: never text of it, which would be read
as a template."""


STEPS = (e.NodeRunStarted, e.AnswerExtracted, e.NodeRunWaiting)
"""The events that only an answer on its way through a model knows in its own manner."""


def extracts(node: NodeState) -> bool:
    """Whether what the node was answered goes to a model."""
    waiting, answer = node.waiting, node.answer
    if waiting is None or answer is None:
        return False
    return waiting.extracts and answer.action == ANSWERED


def extraction_step(node: NodeState, event: e.AnyNodeEvent, time: float) -> NodeState | None:
    """The node after one of the events that an answer goes through."""
    match event:
        case e.NodeRunStarted() if event.attempt == node.attempt and node.status == "answered":
            return replace(node, status="running", started_at=time, changed_at=time)
        case e.AnswerExtracted() if event.attempt == node.attempt:
            return replace(
                node, status="extracted", outputs=event.outputs, usage=event.usage, changed_at=time
            )
        case e.NodeRunWaiting() if event.attempt == node.attempt + 1:
            return NodeState(
                status="waiting",
                attempt=event.attempt,
                outputs=node.outputs,
                waiting=event,
                started_at=time,
                changed_at=time,
            )
        case _:
            return None


def failed_to_extract(node: NodeState) -> bool:
    """Whether the model failed, and not the person who was asked."""
    return extracts(node) and node.error is not None and node.error.kind != "human"


def extraction_again(node: NodeState, again: NodeState) -> NodeState:
    """Another attempt that reads the same answer."""
    status = "answered" if again.status == "ready" else again.status
    return replace(
        again, status=status, outputs=node.outputs, waiting=node.waiting, answer=node.answer
    )


def tries_of_reading(node: NodeState) -> int:
    """Which try of reading the same answer an attempt is that failed in it; 0: it did not."""
    if node.waiting is not None and failed_to_extract(node):
        return node.attempt - node.waiting.attempt + 1
    return 0


def extraction(
    plan: Plan, state: RunState, scope: str, planned: PlanNode, node: NodeState
) -> Dispatch:
    """The task that reads what a node was answered."""
    waiting, answer = node.waiting, node.answer
    config = dict(planned.config["extract"])
    config.pop("max_follow_ups", None)
    inputs = prune(references_in(config), lookup_in_scope(plan, state, scope))
    asked = {
        "text": answer.feedback if answer else "",
        "question": waiting.message if waiting else "",
        "known": node.outputs.get("fields", {}),
    }
    task = Task(
        run_id=state.run_id,
        workflow_id=state.workflow_id,
        node_id=planned.id,
        node_type=EXTRACT.type,
        scope=scope,
        attempt=node.attempt,
        config=config | {name: f"{{{{{_ROOT}.{name}}}}}" for name in asked},
        inputs=inputs | {_ROOT: asked},
        timeout=planned.timeout,
        traceparent=state.traceparent,
        part=EXTRACT.type,
    )
    address = address_of(scope, planned.id)
    return Dispatch(EXTRACT.group, task, attempt_id(state.run_id, address, node.attempt))
