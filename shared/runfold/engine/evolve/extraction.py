"""The steps of a question whose answers a model reads.

The node waits, is answered, a task extracts fields, and the node succeeds or asks again. Each time
it asks it begins a new attempt, so that token, task and events have ids of their own. When the task
fails the answer is kept, and another attempt reads it again.
"""

from __future__ import annotations

from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.engine.state.nodes import NodeState
from runfold.graph.kinds.asking import ANSWERED

STEPS = (e.NodeRunStarted, e.AnswerExtracted, e.NodeRunWaiting)
"""The events that mean something of their own while an answer is being extracted."""


def extracts(node: NodeState) -> bool:
    """Whether a model reads the answer."""
    waiting, answer = node.waiting, node.answer
    if waiting is None or answer is None:
        return False
    return waiting.extracts and answer.action == ANSWERED


def extraction_step(node: NodeState, event: e.AnyNodeEvent, time: float) -> NodeState | None:
    """The node after one of `STEPS`, or None when the event does not follow."""
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
    """Whether the model failed, rather than the person who was asked."""
    return extracts(node) and node.error is not None and node.error.kind != "human"


def retried_extraction(node: NodeState, again: NodeState) -> NodeState:
    """Another attempt with the same answer to read."""
    status = "answered" if again.status == "ready" else again.status
    return replace(
        again, status=status, outputs=node.outputs, waiting=node.waiting, answer=node.answer
    )
