"""The in-memory twin behaves as every bus does."""

from __future__ import annotations

import pytest

from runfold.bus.memory.bus import MemoryBus
from runfold.settings import Settings
from tests.contract.bus_behaviour import BusBehaviour
from tests.contract.file_behaviour import FileBehaviour


class TestMemoryBus(BusBehaviour, FileBehaviour):
    @pytest.fixture
    async def bus(self) -> MemoryBus:
        return MemoryBus(Settings(ack_wait=0.4, max_payload=3_000_000))
