"""Runs one case on a system of its own, with scripted replies and answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.viewer import RunViewer
from runfold.cases.document import Case, Reply, answers_of, replies_of
from runfold.cli.answering import how_to_answer, reply_to
from runfold.cli.cases.replies import Replies
from runfold.client.runs import RunClient
from runfold.contracts.events import NodeRunWaiting, Recorded
from runfold.contracts.requests import RunRequest
from runfold.engine.views.runs import RunView
from runfold.errors import InvalidInputs, InvalidRequest
from runfold.graph.checks.cases import (
    PLACEHOLDER,
    id_of_reply,
    types_by_id,
    why_not_scripted,
)
from runfold.graph.definition import Workflow
from runfold.graph.inputs import bind_inputs
from runfold.graph.loader import canonical_bytes, prepare
from runfold.ids import address_of
from runfold.importers.repair import nodes_in
from runfold.service.shell import run_services
from runfold.settings import Settings


class Failed(Exception):
    """A case whose run cannot be compared; the reason is the message."""


class CaseRunner:
    """Runs cases, one after the other.

    Args:
        bus: The system's.
        replies: What its executors ask first.
    """

    def __init__(self, bus: JetStreamBus, replies: Replies) -> None:
        self._bus = bus
        self.replies = replies
        self._runs = RunClient(bus)

    async def run(self, document: dict[str, Any], case: Case) -> RunView:
        """Run a case to its end.

        Raises:
            Failed: It does not end, waits for a person, or is refused.
            InvalidInputs: The case does not fit the workflow.
        """
        scripted = replies_of(case)
        workflow, _ = prepare(_with_values(document, scripted))
        self.replies.script(scripted)
        request = RunRequest(
            workflow_id=workflow.id,
            inputs=bind_inputs(workflow, _inputs(case, workflow)),
            query=case.query,
            definition=msgspec.Raw(canonical_bytes(workflow)),
        )
        run_id = await self._runs.start(request)
        try:
            async with asyncio.timeout(case.timeout):
                await self._followed(run_id, answers_of(case))
        except TimeoutError:
            await self._runs.cancel(run_id, "the case took too long")
            raise Failed(f"the run did not end in {case.timeout:g} s") from None
        view = await self._runs.get(run_id)
        if view is None:
            raise Failed("the run was refused")
        return view

    async def _followed(self, run_id: str, answers: dict[str, list[str]]) -> None:
        async for message in RunViewer(self._bus).follow(run_id):
            event = message.event if isinstance(message, Recorded) else None
            if not isinstance(event, NodeRunWaiting) or event.waiting_for != "human":
                continue
            address = address_of(event.scope, event.node_id)
            said = answers.get(address) or answers.get(event.node_id)
            if not said:
                await self._runs.cancel(run_id, "no answer in the case")
                how = how_to_answer(event).removeprefix("--answer ")
                raise Failed(f"node {address} waits for an answer: put one under `answers` ({how})")
            try:
                reply = reply_to(event, said.pop(0) if len(said) > 1 else said[0])
            except (InvalidInputs, InvalidRequest) as error:
                await self._runs.cancel(run_id, "the answer of the case does not fit")
                raise Failed(f"node {address}: {error.message}") from error
            await self._runs.answer(reply)


def _inputs(case: Case, workflow: Workflow) -> dict[str, Any]:
    named = "query" in workflow.inputs and "query" not in case.inputs and case.query
    return {**case.inputs, "query": case.query} if named else dict(case.inputs)


def _with_values(document: dict[str, Any], replies: dict[str, list[Reply]]) -> dict[str, Any]:
    """The document with `values` where placeholders are scripted.

    Raises:
        InvalidInputs: `tests.invalid`: a node that is unknown, or that the scheduler decides.
    """
    document = msgspec.json.decode(
        msgspec.json.encode({key: value for key, value in document.items() if key != "origin"})
    )
    written = {str(node.get("id")): node for node in nodes_in(document)}
    known = types_by_id(prepare(document)[0])
    for name, given in replies.items():
        wrong = why_not_scripted(name, known)
        if wrong:
            raise InvalidInputs(wrong, code="tests.invalid")
        node_id = id_of_reply(name)
        if known[node_id] == PLACEHOLDER:
            node = written[node_id]
            node["type"], node["config"] = "values", {"outputs": given[0].outputs}
    return document


@asynccontextmanager
async def case_runner(
    bus: JetStreamBus, settings: Settings, groups: Iterable[str]
) -> AsyncIterator[CaseRunner]:
    """A runner with the services that its cases need, on a bus that nothing else uses."""
    replies = Replies()
    services = ("scheduler", *(f"executor-{group}" for group in sorted(groups)))
    async with run_services(bus, settings, services, replies.wrap):
        yield CaseRunner(bus, replies)
