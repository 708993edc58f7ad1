"""Telling addresses what became of a run: each request is a run of a workflow of its own.

So it is retried, seen, cancelled and repeated by hand as any run is. Its id is made of what is
told, so telling the same again, as another owner does that is not sure of it, begins no other.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import replace

from runfold.contracts.callbacks import ENDS, Callback, CallbackEvent
from runfold.contracts.events import (
    TERMINAL_RUN_EVENTS,
    AnyEvent,
    NodeRunWaiting,
    RunStarted,
)
from runfold.contracts.requests import RunRequest
from runfold.engine.state.nodes import NodeState
from runfold.engine.state.runs import RunState
from runfold.graph.loader import canonical_bytes, prepare
from runfold.ids import address_of, run_id_for_key

WORKFLOW = "runfold-callback"
"""The workflow of these runs. It is stored nowhere: each brings it along."""
LABEL = "callback"
"""Of these runs: the run that they tell of."""
RETRY = {
    "max_attempts": 10,
    "delay": "5s",
    "backoff": 3,
    "max_delay": "1h",
    "jitter": 0.2,
    "retry_on": ["timeout", "network", "server", "rate_limit"],
}
"""About four hours, the last attempts an hour apart."""
TIMEOUT = "30s"
SOURCE = "callback"
LARGE = ("inputs", "outputs", "error", "message")
"""Of what an event says: what has no bound of its own."""


def due_callbacks(state: RunState, told: AnyEvent | None = None) -> list[RunRequest]:
    """The requests that tell what a run has come to.

    Args:
        state: The run.
        told: The event that has just been folded; None: all that may not have been told.
    """
    if not state.callbacks:
        return []
    found: list[RunRequest] = []
    if told is None or isinstance(told, RunStarted):
        found += _requests(state, "run_started", {"inputs": state.inputs}, "")
    for address in _waiting(state, told):
        node = state.nodes[address]
        found += _requests(state, "node_run_waiting", _waiting_data(address, node), address)
    if state.ended and (told is None or isinstance(told, TERMINAL_RUN_EVENTS)):
        found += _requests(state, _end_of(state), _end_data(state), "")
    return found


def cut(request: RunRequest) -> RunRequest:
    """The same request of an event that the broker does not take, without what may be large."""
    event = request.inputs["event"]
    kept = {name: value for name, value in event["data"].items() if name not in LARGE}
    inputs = {**request.inputs, "event": {**event, "data": {**kept, "truncated": True}}}
    return replace(request, inputs=inputs)


def _end_of(state: RunState) -> CallbackEvent:
    """How a run ended; one that was undone, by what it was undone for."""
    match state.status:
        case "succeeded":
            return "run_succeeded"
        case "partial_succeeded":
            return "run_partial_succeeded"
        case "cancelled":
            return "run_cancelled"
        case _:
            undone = state.saga is not None and state.saga.cause == "cancel"
            return "run_cancelled" if undone else "run_failed"


def _waiting(state: RunState, told: AnyEvent | None) -> list[str]:
    """Addresses at which a person is waited for."""
    if isinstance(told, NodeRunWaiting):
        addresses = [address_of(told.scope, told.node_id)]
    elif told is None and not state.ended:
        addresses = sorted(state.open)
    else:
        return []
    held = ((address, state.nodes.get(address)) for address in addresses)
    return [
        address
        for address, node in held
        if node is not None and node.waiting is not None and node.waiting.waiting_for == "human"
    ]


def _waiting_data(address: str, node: NodeState) -> dict[str, Any]:
    waiting = node.waiting
    if waiting is None:
        return {"node": address}
    return {
        "node": address,
        "review_id": waiting.token,
        "message": waiting.message,
        "assignee": waiting.assignee,
        "due": waiting.due,
    }


def _end_data(state: RunState) -> dict[str, Any]:
    error = None
    if state.error is not None:
        error = {
            "code": state.error.code,
            "kind": state.error.kind,
            "message": state.error.message,
            "node": state.error_address,
        }
    return {"outputs": state.outputs, "error": error, "finished_at": state.finished_at}


def _requests(
    state: RunState, event: CallbackEvent, data: dict[str, Any], of: str
) -> list[RunRequest]:
    return [
        _request(state, one, event, data, of)
        for one in state.callbacks
        if event in (one.events or ENDS)
    ]


def _request(
    state: RunState, callback: Callback, event: CallbackEvent, data: dict[str, Any], of: str
) -> RunRequest:
    # A node that waits again, in a later attempt, is told of again.
    token = data.get("review_id", of)
    event_id = ":".join(filter(None, (state.run_id, event, token)))
    digest = hashlib.sha256(msgspec.json.encode((callback, event_id))).hexdigest()
    key = f"callback:{digest}"
    return RunRequest(
        workflow_id=WORKFLOW,
        run_id=run_id_for_key(WORKFLOW, key),
        idempotency_key=key,
        definition=msgspec.Raw(_definition(callback.secret, callback.connection)),
        inputs={"url": callback.url, "event": _cloud_event(state, event, event_id, data)},
        source=SOURCE,
        labels={LABEL: state.run_id},
        traceparent=state.traceparent,
    )


def _cloud_event(
    state: RunState, event: CallbackEvent, event_id: str, data: dict[str, Any]
) -> dict[str, Any]:
    """The event as the CloudEvents specification, version 1.0, writes it in JSON."""
    at = state.started_at if event == "run_started" else state.finished_at or state.now
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/runfold/workflows/{state.workflow_id}",
        "subject": state.run_id,
        "type": f"dev.runfold.{event}",
        "time": datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": {
            "run_id": state.run_id,
            "workflow_id": state.workflow_id,
            "version": state.version,
            "status": "running" if event == "run_started" else state.status,
            "labels": state.labels,
            "started_at": state.started_at,
            **data,
        },
    }


@lru_cache(maxsize=256)  # clients choose the names
def _definition(secret: str, connection: str) -> bytes:
    config: dict[str, Any] = {
        "method": "POST",
        "url": "{{url}}",
        "headers": {"Content-Type": "application/cloudevents+json; charset=utf-8"},
        "body": "{{event}}",
        "body_type": "json",
        "timeout": TIMEOUT,
        "follow_redirects": False,
    }
    if secret:
        config["sign"] = {"secret": secret, "id": "{{event.id}}"}
    if connection:
        config["connection"] = connection
    tell = {"id": "tell", "type": "http_request", "config": config, "retry": RETRY}
    end = {"id": "end", "type": "end", "config": {"output": "{{tell.status_code}}"}}
    workflow, _ = prepare(
        {
            "id": WORKFLOW,
            "name": "Callback",
            "inputs": {
                "url": {"type": "string", "required": True},
                "event": {"type": "object", "required": True},
            },
            "nodes": [tell, end],
        }
    )
    return canonical_bytes(workflow)
