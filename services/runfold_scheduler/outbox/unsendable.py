"""The failure written in place of an effect that is too large or cannot be encoded."""

from __future__ import annotations

from msgspec.structs import replace

from runfold.contracts.events import AnyEvent, NodeEvent, NodeRunFailed, RunFailed
from runfold.contracts.tasks import Task
from runfold.engine.decide.effects import Append, Ask, Dispatch, Listen
from runfold.errors import Failure, PayloadTooLarge, Unencodable

_SUFFIX = {PayloadTooLarge: ":too_large", Unencodable: ":unencodable"}


def failed_to_send(
    effect: Append | Ask | Dispatch | Listen, error: PayloadTooLarge | Unencodable
) -> AnyEvent | None:
    """The failure of the node, or else of the run, that an effect is about.

    None when the effect is such a failure itself.
    """
    suffix, failure = _SUFFIX[type(error)], error.failure()
    if isinstance(effect, Dispatch):
        return _node_failed(f"{effect.key}{suffix}", effect.task, failure)
    event = effect.then if isinstance(effect, Ask) else effect.event
    if event.id.endswith(tuple(_SUFFIX.values())):
        return None
    if isinstance(event, NodeEvent):
        return _node_failed(f"{event.id}{suffix}", event, failure)
    return RunFailed(
        id=f"{event.id}{suffix}",
        run_id=event.run_id,
        workflow_id=event.workflow_id,
        error=failure,
    )


def _node_failed(event_id: str, of: Task | NodeEvent, failure: Failure) -> NodeRunFailed:
    return NodeRunFailed(
        id=event_id,
        run_id=of.run_id,
        workflow_id=of.workflow_id,
        node_id=of.node_id,
        scope=of.scope,
        attempt=of.attempt,
        error=replace(failure, message=f"node {of.node_id!r}: {failure.message}"),
    )
