"""From a message of the operator's to the request for the run that it begins."""

from __future__ import annotations

from typing import Any

from runfold.bus.ports.subscriptions import MessageLease, Subscription
from runfold.contracts.json_reader import read_json
from runfold.contracts.requests import RunRequest
from runfold.errors import InvalidInputs, Undecodable
from runfold.graph.definition import Workflow
from runfold.graph.inputs import bind_inputs
from runfold.graph.subjects import SubjectTrigger
from runfold.graph.trigger_inputs import trigger_inputs
from runfold.values.references import references_in
from runfold.values.types import kind_name

LABEL = "subject"
"""Of the runs of a subject: the subject as the workflow declares it."""
BODY = "body"


def declared(workflow: Workflow, wanted: Subscription) -> SubjectTrigger | None:
    """What a workflow says of a subject; None when it declares it no longer."""
    return next(
        (
            one
            for one in workflow.settings.subjects
            if (one.stream, one.subject) == (wanted.stream, wanted.subject)
        ),
        None,
    )


def request_of(
    workflow: Workflow, version: str, trigger: SubjectTrigger, message: MessageLease
) -> RunRequest:
    """The request for the one run that a message begins.

    Raises:
        InvalidInputs: The message has not what the workflow needs.
    """
    inputs = _inputs(trigger, message)
    bind_inputs(workflow, inputs)
    # The time tells a message from the one that had its place before the stream was made anew.
    place = f"{trigger.stream}:{message.seq}:{message.time!r}"
    return RunRequest(
        workflow_id=workflow.id,
        inputs=inputs,
        version=version,
        idempotency_key=f"subject:{place}",
        source=f"subject {message.subject}",
        labels={LABEL: trigger.subject},
    )


def _inputs(trigger: SubjectTrigger, message: MessageLease) -> dict[str, Any]:
    if trigger.inputs is None:
        return _fields(message.body)
    said = {
        "headers": {name.lower(): value for name, value in message.headers.items()},
        "subject": message.subject,
        "sequence": message.seq,
    }
    if any(one.root == BODY for one in references_in(trigger.inputs)):
        said[BODY] = _value(message.body)
    return trigger_inputs(trigger.inputs, said)


def _fields(body: bytes) -> dict[str, Any]:
    """The fields of a body that is an object; none of an empty one."""
    if not body.strip():
        return {}
    try:
        value = read_json(body)
    except Undecodable as error:
        message = f"the body is not JSON ({error.message}): say `inputs` in the subject"
        raise InvalidInputs(message) from error
    if not isinstance(value, dict):
        message = (
            f"the body is not an object but {kind_name(value)}: publish inputs by name, or say "
            "`inputs` in the subject"
        )
        raise InvalidInputs(message)
    return value


def _value(body: bytes) -> Any:
    """The value of a body that is JSON, else its text; null when it is empty."""
    if not body:
        return None
    try:
        return read_json(body)
    except Undecodable:
        try:
            return body.decode()
        except UnicodeDecodeError as error:
            message = f"the body is neither JSON nor text in UTF-8 (byte {error.start})"
            raise InvalidInputs(message) from error
