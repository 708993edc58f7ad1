"""What a service is to the shell that runs it."""

from __future__ import annotations

from typing import Protocol


class Service(Protocol):
    """One service, alone in its process or beside others in one event loop.

    Each service package has `service.py` with `build(bus, settings) -> Service`.
    """

    name: str
    """`scheduler`, `projection`, `gateway`, `executor-llm`, …"""

    async def start(self) -> None:
        """Begin to work; returns once it is taking messages."""

    async def wait(self) -> None:
        """Return after `drain`; raise what made the service unable to go on."""

    async def drain(self) -> None:
        """Take nothing more, finish or give back what was begun, and stop."""

    def not_ready(self) -> str | None:
        """None when ready, else the reason."""
