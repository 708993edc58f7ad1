"""The whole system in one process, on a nats-server of its own: for tests of what users do."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.bus.viewer import RunViewer
from runfold.client.runs import RunClient
from runfold.contracts.events import NodeRunWaiting, Recorded
from runfold.contracts.requests import AnswerRequest, RunRequest
from runfold.engine.views.runs import RunView
from runfold.graph.loader import canonical_bytes, prepare
from runfold.service.shell import Services, run_services
from runfold.settings import HTTPSettings, Settings
from tests.support.documented import documented_answers

CORE = ("scheduler", "executor-text", "executor-code")
EVERYTHING = (*CORE, "executor-llm", "executor-http", "projection", "gateway")


class Stack:
    """A running system.

    Args:
        bus: A connection to it.
        settings: What it runs with.
        services: Its services.
    """

    def __init__(self, bus: JetStreamBus, settings: Settings, services: Services) -> None:
        self.bus = bus
        self.settings = settings
        self.services = services
        self.runs = RunClient(bus)

    @property
    def gateway(self) -> str:
        """The gateway's URL."""
        return str(self.services["gateway"].url)

    async def run(
        self,
        source: Any,
        inputs: dict[str, Any] | None = None,
        answers: dict[str, tuple[str, str]] | None = None,
    ) -> tuple[RunView, list[Any]]:
        """Run a workflow to its end, answering human nodes; its view, and all it was told."""
        workflow, _ = prepare(source)
        run_id = await self.runs.start(
            RunRequest(
                workflow_id=workflow.id,
                inputs=inputs or {},
                definition=msgspec.Raw(canonical_bytes(workflow)),
            )
        )
        told = []
        async for message in RunViewer(self.bus).follow(run_id):
            told.append(message)
            event = message.event if isinstance(message, Recorded) else None
            if isinstance(event, NodeRunWaiting) and event.node_id in (answers or {}):
                action, feedback = answers[event.node_id]
                await self.runs.answer(
                    AnswerRequest(token=event.token, action=action, feedback=feedback)
                )
        view = await self.runs.get(run_id)
        assert view is not None
        return view, told


@asynccontextmanager
async def running(
    services: tuple[str, ...] = CORE,
    *,
    model_url: str = "",
    model_key: str = "test",
    **settings: Any,
) -> AsyncIterator[Stack]:
    """A system with the given services."""
    with tempfile.TemporaryDirectory(prefix="runfold-test-") as directory:
        async with EmbeddedNats(Path(directory)) as server:
            made = Settings(
                nats_url=server.url,
                data_dir=Path(directory),
                gateway_port=0,
                openai_base_url=model_url,
                openai_api_key=model_key,
                http=HTTPSettings(allow_loopback=True),
                **settings,
            )
            bus = await connect(made)
            try:
                with documented_answers():
                    async with run_services(bus, made, services) as started:
                        yield Stack(bus, made, started)
            finally:
                await bus.close()
