"""What each request does: start a run, cancel it, answer a waiting node."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

import msgspec

from runfold.bus.ports import Bus, RequestLease
from runfold.client.definitions import DefinitionStore
from runfold.contracts.events import InputReceived, RunCancelled, RunStarted
from runfold.contracts.requests import AnswerRequest, CancelRequest, RunRequest
from runfold.engine.fold import Folder, Plans
from runfold.engine.state import RunState
from runfold.errors import Conflict, InvalidRequest, NotFound
from runfold.graph.definition import Workflow
from runfold.graph.inputs import bind_inputs
from runfold.graph.loader import canonical_bytes, prepare, workflow_from_canonical
from runfold.ids import checked_token, run_id_for_key, run_of_review, split_address, uuid7

KEPT_DEFINITIONS = 256


class Commands:
    """Carries out requests by writing events. Holds nothing but caches.

    Args:
        bus: The log and the definitions.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._store = DefinitionStore(bus.definitions)
        self._plans = Plans()
        self._known: OrderedDict[bytes, tuple[Workflow, bytes]] = OrderedDict()

    async def run(self, request: RunRequest, lease: RequestLease) -> None:
        """Write the run's first event, once however often it is asked for.

        Raises:
            NotFound: No such workflow or version.
            InvalidWorkflow: A definition in the request that fails the checks.
            InvalidInputs: Missing or surplus inputs.
        """
        if request.definition:
            workflow, canonical = self._checked(bytes(request.definition))
            version = request.version or "draft"
        else:
            checked_token(request.workflow_id, "workflow id")
            stored = await self._store.get(request.workflow_id, request.version)
            workflow, canonical = self._stored(stored.body)
            version = stored.version
        run_id = checked_token(_run_id(request, lease, workflow.id), "run id")
        event = RunStarted(
            id=f"{run_id}:run_started",
            run_id=run_id,
            workflow_id=workflow.id,
            traceparent=request.traceparent,
            definition=msgspec.Raw(canonical),
            inputs=bind_inputs(workflow, request.inputs),
            version=version,
        )
        await self._bus.events.start_run(event)

    async def cancel(self, request: CancelRequest, _lease: RequestLease) -> None:
        """Write run_cancelled; whether it counts is settled by its place in the log.

        Raises:
            NotFound: No such run.
        """
        first = await self._bus.events.first_event(checked_token(request.run_id, "run id"))
        if first is None:
            message = f"no run {request.run_id!r}"
            raise NotFound(message, code="run.not_found")
        event = RunCancelled(
            id=f"{request.run_id}:run_cancelled",
            run_id=request.run_id,
            workflow_id=first.event.workflow_id,
            reason=request.reason,
        )
        await self._bus.events.append(event)

    async def answer(self, request: AnswerRequest, lease: RequestLease) -> None:
        """Write input_received for the node that waits with the token.

        Raises:
            NotFound: No run has such a token.
            Conflict: The node no longer waits.
        """
        run_id = checked_token(run_of_review(request.token), "run id")
        folder = Folder.fold(await self._bus.events.read_run(run_id), self._plans)
        if folder is None:
            message = f"no run waits with token {request.token!r}"
            raise NotFound(message, code="review.not_found")
        scope, node_id, attempt = _waiting_node(folder.state, request.token)
        event = InputReceived(
            id=f"{request.token}:input_received:{lease.seq}",
            run_id=run_id,
            workflow_id=folder.state.workflow_id,
            node_id=node_id,
            scope=scope,
            attempt=attempt,
            token=request.token,
            action=request.action,
            values=request.values,
            feedback=request.feedback,
        )
        await self._bus.events.append(event)

    def _checked(self, definition: bytes) -> tuple[Workflow, bytes]:
        """A definition from a request, in canonical form."""
        known = self._known.get(definition)
        if known is None:
            workflow, _ = prepare(definition)
            known = self._keep(definition, (workflow, canonical_bytes(workflow)))
        return known

    def _stored(self, body: bytes) -> tuple[Workflow, bytes]:
        known = self._known.get(body)
        return known or self._keep(body, (workflow_from_canonical(body), body))

    def _keep(self, key: bytes, known: tuple[Workflow, bytes]) -> tuple[Workflow, bytes]:
        self._known[key] = known
        if len(self._known) > KEPT_DEFINITIONS:
            self._known.popitem(last=False)
        return known


def _run_id(request: RunRequest, lease: RequestLease, workflow_id: str) -> str:
    """The run's id: the client's choice, the key's, or the stored request's own.

    The last is made of the request's place in its stream, so a redelivered request is the same run.
    """
    if request.run_id:
        return request.run_id
    if request.idempotency_key:
        return run_id_for_key(workflow_id, request.idempotency_key)
    entropy = hashlib.sha256(f"{lease.seq}:{lease.time}".encode()).digest()
    return uuid7(int(lease.time * 1000), entropy)


def _waiting_node(state: RunState, token: str) -> tuple[str, str, int]:
    if state.ended:
        message = f"run {state.run_id!r} is {state.status}: nothing waits for an answer"
        raise Conflict(message, code="review.closed", details={"status": state.status})
    for address, node in state.nodes.items():
        if node.waiting is not None and node.waiting.token == token:
            if node.status != "waiting":
                message = f"node {address!r} is {node.status}: it was answered already"
                raise Conflict(message, code="review.closed", details={"node": address})
            return (*split_address(address), node.attempt)
    message = f"nothing in run {state.run_id!r} has the token {token!r}"
    raise InvalidRequest(message, code="review.not_found")
