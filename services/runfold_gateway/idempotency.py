"""Idempotency keys: one key is one run, and never another one's answer."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from runfold.bus.ports.bus import Bus
from runfold.contracts.events import RunStarted, Turn
from runfold.contracts.requests import RunRequest
from runfold.errors import Conflict, InvalidInputs, InvalidRequest
from runfold.graph.inputs import bind_inputs
from runfold.graph.loader import workflow_from_canonical
from runfold.ids import run_id_for_key


class _Used(msgspec.Struct):
    """What a key was used for."""

    digest: str


class IdempotencyKeys:
    """What keys were used for: noted for a day, and after that told by the run itself.

    Args:
        bus: Where the notes and the runs are.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def claim(self, request: RunRequest, asked_version: str) -> None:
        """Note what a request's key is used for, or check that it is the same as before.

        Raises:
            InvalidRequest: When the key was used with other inputs or another version.
        """
        used = _Used(_digest({**_asked(request), "version": asked_version}))
        scope = f"{request.workflow_id}\0{request.idempotency_key}"
        key = hashlib.sha256(scope.encode()).hexdigest()
        found = await self._bus.idempotency.get(key)
        if found is None:
            if not await self._fits_run(request, asked_version):
                raise _reused(request)
            try:
                await self._bus.idempotency.create(key, msgspec.json.encode(used))
            except Conflict:
                found = await self._bus.idempotency.get(key)
        if found is not None and msgspec.json.decode(found[0], type=_Used).digest != used.digest:
            raise _reused(request)

    async def _fits_run(self, request: RunRequest, asked_version: str) -> bool:
        """Whether the run of a key of which nothing is noted is the one that is asked for."""
        run_id = run_id_for_key(request.workflow_id, request.idempotency_key)
        first = await self._bus.events.first_event(run_id)
        if first is None or not isinstance(first.event, RunStarted):
            return True
        started = first.event
        if asked_version and request.version != started.version:
            return False
        try:
            workflow = workflow_from_canonical(bytes(started.definition))
            inputs = bind_inputs(workflow, request.inputs)
        except InvalidInputs:
            return False
        asked = (request.labels, request.conversation_id, request.callbacks)
        if asked != (started.labels, started.conversation_id, started.callbacks):
            return False
        said = started.turn or Turn()
        if (request.user_id, list(request.files)) != (said.user_id, list(said.files)):
            return False
        if request.query and request.query != said.query:
            return False
        return _digest(inputs) == _digest(started.inputs)


def _asked(request: RunRequest) -> dict[str, Any]:
    """What a client asks for with a request; what is not given is left out."""
    rest = {
        "conversation_id": request.conversation_id,
        "query": request.query,
        "user_id": request.user_id,
        "files": list(request.files),
        "labels": request.labels,
        "priority": request.priority,
        "callbacks": request.callbacks,
    }
    return {"inputs": request.inputs, **{name: value for name, value in rest.items() if value}}


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(body, order="deterministic")).hexdigest()


def _reused(request: RunRequest) -> InvalidRequest:
    run_id = run_id_for_key(request.workflow_id, request.idempotency_key)
    message = (
        f"Idempotency-Key {request.idempotency_key!r} belongs to run {run_id!r}, which was asked "
        "for with other inputs or another version: use a new key for another run"
    )
    return InvalidRequest(message, code="idempotency.reused", details={"run_id": run_id})
