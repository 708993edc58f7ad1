"""The failure written in place of an effect that is too large or cannot be encoded."""

from __future__ import annotations

from msgspec.structs import replace

from runfold.contracts.events import AnyEvent, NodeEvent, NodeRunFailed, RunFailed
from runfold.engine.decide.effects import Append, Ask, Dispatch, Listen
from runfold.errors import PayloadTooLarge, Unencodable

_SUFFIX = {PayloadTooLarge: ":too_large", Unencodable: ":unencodable"}


def failed_to_send(
    effect: Append | Ask | Dispatch | Listen, error: PayloadTooLarge | Unencodable
) -> AnyEvent | None:
    """The failure of the node, or else of the run, that an effect is about.

    None when the effect is such a failure itself.
    """
    suffix, failure = _SUFFIX[type(error)], error.failure()
    if isinstance(effect, Dispatch):
        task = effect.task
        return NodeRunFailed(
            id=f"{effect.key}{suffix}",
            run_id=task.run_id,
            workflow_id=task.workflow_id,
            node_id=task.node_id,
            scope=task.scope,
            attempt=task.attempt,
            error=replace(failure, message=f"node {task.node_id!r}: {failure.message}"),
        )
    event = effect.then if isinstance(effect, Ask) else effect.event
    if event.id.endswith(tuple(_SUFFIX.values())):
        return None
    if isinstance(event, NodeEvent):
        return NodeRunFailed(
            id=f"{event.id}{suffix}",
            run_id=event.run_id,
            workflow_id=event.workflow_id,
            node_id=event.node_id,
            scope=event.scope,
            attempt=event.attempt,
            error=replace(failure, message=f"node {event.node_id!r}: {failure.message}"),
        )
    return RunFailed(
        id=f"{event.id}{suffix}",
        run_id=event.run_id,
        workflow_id=event.workflow_id,
        error=failure,
    )
