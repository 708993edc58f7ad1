"""The failure written for an effect that is too large, cannot be encoded or cannot begin."""

from __future__ import annotations

from msgspec.structs import replace

from runfold.contracts.events import AnyEvent, NodeEvent, NodeRunFailed, RunFailed
from runfold.contracts.json_writer import write_json
from runfold.contracts.tasks import Task
from runfold.engine.decide.effects import Append, Ask, Dispatch, Listen
from runfold.errors import (
    Failure,
    InvalidInputs,
    NotFound,
    PayloadTooLarge,
    RunfoldError,
    Unencodable,
)

_SUFFIX = {PayloadTooLarge: ":too_large", Unencodable: ":unencodable"}
_CANNOT_BEGIN: dict[type[RunfoldError], str] = {
    NotFound: "sub_workflow.unknown",
    InvalidInputs: "sub_workflow.inputs",
}
"""Error → the code that the node has for the same when the workflow is a part of its run."""


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
        if isinstance(effect, Ask):
            failure = _naming_inputs(effect, failure)
        return _node_failed(f"{event.id}{suffix}", event, failure)
    return RunFailed(
        id=f"{event.id}{suffix}",
        run_id=event.run_id,
        workflow_id=event.workflow_id,
        error=failure,
    )


def cannot_begin(effect: Ask, error: RunfoldError) -> NodeRunFailed:
    """The failure of the node that asks for a run that cannot begin."""
    asking = effect.then
    details = {**error.details, "workflow": effect.request.workflow_id}
    failure = Failure(
        code=next(
            (code for kind, code in _CANNOT_BEGIN.items() if isinstance(error, kind)), error.code
        ),
        message=error.message,
        kind="input",
        details={**details, "node": asking.node_id, "scope": asking.scope},
    )
    return _node_failed(f"{asking.id}:cannot_begin", asking, failure)


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


def _naming_inputs(effect: Ask, failure: Failure) -> Failure:
    """The failure with the inputs named that cannot be written."""
    found = {}
    for name, value in effect.request.inputs.items():
        try:
            write_json(value)
        except Unencodable as error:
            found[name] = error.message
    if not found:
        return failure
    told = "; ".join(f"input {name!r}: {why}" for name, why in found.items())
    return replace(failure, message=told, details={**failure.details, "inputs": list(found)})
