"""What becomes of an effect whose payload is over the limit: the event that says so."""

from __future__ import annotations

from runfold.contracts.events import AnyEvent, NodeEvent, NodeRunFailed, RunFailed
from runfold.contracts.tasks import Task
from runfold.engine.decide.effects import Append, Ask, Dispatch, Listen
from runfold.errors import RunfoldError


def failed_by_size(
    effect: Append | Ask | Dispatch | Listen, error: RunfoldError
) -> AnyEvent | None:
    """The event that says an effect's payload was over the limit."""
    if isinstance(effect, Dispatch):
        return _node_failed(f"{effect.key}:too_large", effect.task, error)
    event = effect.then if isinstance(effect, Ask) else effect.event
    if isinstance(event, NodeRunFailed | RunFailed):
        return None
    if isinstance(event, NodeEvent):
        return _node_failed(f"{event.id}:too_large", event, error)
    return RunFailed(
        id=f"{event.id}:too_large",
        run_id=event.run_id,
        workflow_id=event.workflow_id,
        error=error.failure(),
    )


def _node_failed(event_id: str, of: Task | NodeEvent, error: RunfoldError) -> NodeRunFailed:
    return NodeRunFailed(
        id=event_id,
        run_id=of.run_id,
        workflow_id=of.workflow_id,
        node_id=of.node_id,
        scope=of.scope,
        attempt=of.attempt,
        error=error.failure(),
    )
