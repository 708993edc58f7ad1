"""The JetStream adapters behave as every bus does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.settings import Settings
from tests.contract.bus_behaviour import BusBehaviour
from tests.contract.file_behaviour import FileBehaviour


class TestJetStreamBus(BusBehaviour, FileBehaviour):
    @pytest.fixture
    async def bus(self, tmp_path: Path) -> AsyncIterator[JetStreamBus]:
        async with EmbeddedNats(tmp_path) as server:
            settings = Settings(nats_url=server.url, ack_wait=0.4, max_payload=3_000_000)
            bus = await connect(settings)
            yield bus
            await bus.close()
