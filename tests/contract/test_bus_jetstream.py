"""The JetStream adapters behave as every bus does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.settings import Settings
from tests.contract.bus_behaviour import BusBehaviour
from tests.contract.file_behaviour import FileBehaviour
from tests.contract.subscription_behaviour import SubscriptionBehaviour


class JetStreamOperator:
    """Streams beside runfold's, on the same server."""

    def __init__(self, bus: JetStreamBus) -> None:
        self._js = bus.nc.jetstream()

    async def create(self, stream: str, *subjects: str) -> None:
        await self._js.add_stream(name=stream, subjects=list(subjects))

    async def delete(self, stream: str) -> None:
        await self._js.delete_stream(stream)

    async def publish(
        self, subject: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        await self._js.publish(subject, body, headers=dict(headers) if headers else None)


class TestJetStreamBus(BusBehaviour, FileBehaviour, SubscriptionBehaviour):
    @pytest.fixture
    def operator(self, bus: JetStreamBus) -> JetStreamOperator:
        return JetStreamOperator(bus)

    @pytest.fixture
    async def bus(self, tmp_path: Path) -> AsyncIterator[JetStreamBus]:
        async with EmbeddedNats(tmp_path) as server:
            settings = Settings(nats_url=server.url, ack_wait=0.4, max_payload=3_000_000)
            bus = await connect(settings)
            yield bus
            await bus.close()
