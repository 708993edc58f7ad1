"""What a service, and the application around it, is to the shell that runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from runfold.bus.ports.bus import Answering


class Service(Protocol):
    """One service, alone in its process or beside others in one event loop.

    `runfold.service.catalog` says how each is made.
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


class Application(Protocol):
    """A service with its connection, as one process runs it."""

    name: str
    """The service's name."""
    health: str
    """URL of the health endpoints, set by the shell."""

    async def start(self) -> None:
        """Connect and begin to work."""

    async def wait(self) -> None:
        """Return when the service was drained; raise what ended it otherwise."""

    async def stop(self) -> None:
        """Drain the service and close the connection."""

    def not_ready(self) -> str | None:
        """None when ready, else the reason."""


@runtime_checkable
class AnswersQueries(Protocol):
    """A service that answers requests on `runfold.query.<verb>`, from its start to its drain.

    The shell subscribes for it, so its replicas share the requests as one group.
    """

    @property
    def queries(self) -> Mapping[str, Answering]:
        """Verb → what answers it."""
