"""The in-memory twin behaves as every bus does."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from runfold.bus.memory.bus import MemoryBus
from runfold.settings import Settings
from tests.contract.bus_behaviour import BusBehaviour
from tests.contract.file_behaviour import FileBehaviour
from tests.contract.subscription_behaviour import SubscriptionBehaviour


class MemoryOperator:
    """One stream beside runfold's."""

    def __init__(self, bus: MemoryBus) -> None:
        self._subscriptions = bus.subscriptions
        self._stream = ""

    async def create(self, stream: str, *subjects: str) -> None:
        del subjects
        self._stream = stream
        self._subscriptions.create_stream(stream)

    async def delete(self, stream: str) -> None:
        self._subscriptions.delete_stream(stream)

    async def publish(
        self, subject: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        self._subscriptions.publish(self._stream, subject, body, headers)


class TestMemoryBus(BusBehaviour, FileBehaviour, SubscriptionBehaviour):
    @pytest.fixture
    def operator(self, bus: MemoryBus) -> MemoryOperator:
        return MemoryOperator(bus)

    @pytest.fixture
    async def bus(self) -> MemoryBus:
        return MemoryBus(Settings(ack_wait=0.4, max_payload=3_000_000))
