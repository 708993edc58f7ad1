"""Runs of templates, and the people and events that take part in them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.viewer import RunViewer
from runfold.client.runs import RunClient
from runfold.contracts.events import NodeRunWaiting, Recorded
from runfold.contracts.requests import AnswerRequest, RunRequest
from runfold.engine.accept.state_machines import is_resting, machine_under_way
from runfold.engine.history.fold import Folder, Plans
from runfold.engine.state.scopes import node_at
from runfold.engine.views.runs import RunView, node_document, run_view
from runfold.graph.loader import canonical_bytes, prepare
from runfold.templates import get_template
from tests.support.template_cases import Case


async def start(bus: JetStreamBus, case: Case) -> str:
    """Begin a case's run."""
    workflow, _ = prepare(get_template(case.template).source)
    request = RunRequest(
        workflow_id=workflow.id,
        inputs=case.inputs,
        definition=msgspec.Raw(canonical_bytes(workflow)),
    )
    return await RunClient(bus).start(request)


async def _at_once(_run_id: str) -> None:
    """People who answer as soon as they are asked."""


async def ended(
    bus: JetStreamBus,
    run_id: str,
    case: Case,
    before_answering: Callable[[str], Awaitable[None]] = _at_once,
) -> RunView:
    """What a run comes to, with the answers and events of its case."""
    client, plans, folder, sent = RunClient(bus), Plans(), None, 0
    async for message in RunViewer(bus).follow(run_id):
        if not isinstance(message, Recorded):
            continue
        if folder is None:
            folder, _ = Folder.begin(message, plans)
        else:
            folder.apply(message)
        event = message.event
        if isinstance(event, NodeRunWaiting) and event.node_id in case.answers:
            await before_answering(run_id)
            action, feedback = case.answers[event.node_id]
            await client.answer(AnswerRequest(token=event.token, action=action, feedback=feedback))
        if sent < len(case.events) and _rests(folder, case.machine, sent):
            waiting = node_document(folder.plan, folder.state, case.machine).waiting
            assert waiting is not None
            name, values = case.events[sent]
            await client.answer(AnswerRequest(token=waiting.token, action=name, values=values))
            sent += 1
    assert folder is not None
    return run_view(folder.plan, folder.state)


def _rests(folder: Folder, address: str, sent: int) -> bool:
    """Whether a machine has done with all it was sent."""
    node = folder.state.nodes.get(address)
    machine = None if node is None else machine_under_way(node)
    if node is None or machine is None or machine.received < sent:
        return False
    return is_resting(node_at(folder.plan, address), node)
