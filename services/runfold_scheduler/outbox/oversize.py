"""What becomes of an effect whose payload is over the limit: the event that says so."""

from __future__ import annotations

from runfold.contracts.events import AnyEvent, NodeEvent, NodeRunFailed, RunFailed
from runfold.engine.decide.effects import Append, Ask, Dispatch, Listen
from runfold.errors import RunfoldError


def failed_by_size(
    effect: Append | Ask | Dispatch | Listen, error: RunfoldError
) -> AnyEvent | None:
    """The event that says an effect's payload was over the limit."""
    if isinstance(effect, Dispatch):
        task = effect.task
        return NodeRunFailed(
            id=f"{effect.key}:too_large",
            run_id=task.run_id,
            workflow_id=task.workflow_id,
            node_id=task.node_id,
            scope=task.scope,
            attempt=task.attempt,
            error=error.failure(),
        )
    event = effect.then if isinstance(effect, Ask) else effect.event
    if isinstance(event, NodeRunFailed | RunFailed):
        return None
    if isinstance(event, NodeEvent):
        return NodeRunFailed(
            id=f"{event.id}:too_large",
            run_id=event.run_id,
            workflow_id=event.workflow_id,
            node_id=event.node_id,
            scope=event.scope,
            attempt=event.attempt,
            error=error.failure(),
        )
    return RunFailed(
        id=f"{event.id}:too_large",
        run_id=event.run_id,
        workflow_id=event.workflow_id,
        error=error.failure(),
    )
