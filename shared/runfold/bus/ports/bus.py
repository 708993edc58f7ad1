"""What the rest of runfold needs from a bus, and nothing about NATS.

Two adapters implement it: `runfold.bus.jetstream` and `runfold.bus.memory`. Both pass the behaviour
suite in `tests/contract/bus_behaviour.py`. Failures are raised as `BusUnavailable`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from runfold.bus.ports.conversations import ConversationLog
from runfold.bus.ports.files import Files
from runfold.bus.ports.leftovers import Leftovers
from runfold.bus.ports.live import Chunks, Live
from runfold.bus.ports.logs import Archive, EventLog, RawLog
from runfold.bus.ports.notices import Notices
from runfold.bus.ports.operations import Operations
from runfold.bus.ports.stores import Blobs, Crons, DeadLetters, KeyValue, Snapshots
from runfold.bus.ports.subscriptions import Subscriptions

if TYPE_CHECKING:
    from runfold.bus.ports.queues import DueQueue, RequestQueue, TaskQueue


Answering = Callable[[bytes], Awaitable[bytes]]
"""Answers a query: its body to the answer's. What it raises is answered as well."""


class Bus(Protocol):
    """Everything at once: what a service is given."""

    @property
    def events(self) -> EventLog:
        """The log of all runs."""

    @property
    def raw(self) -> RawLog:
        """The same as it is stored, for the archiver."""

    @property
    def archive(self) -> Archive:
        """Runs that ended long ago."""

    @property
    def messages(self) -> ConversationLog:
        """What was said in all conversations."""

    @property
    def tasks(self) -> TaskQueue:
        """Work for executor groups."""

    @property
    def due(self) -> DueQueue:
        """Timers and scheduled requests whose time has come."""

    @property
    def requests(self) -> RequestQueue:
        """Commands from clients."""

    @property
    def subscriptions(self) -> Subscriptions:
        """Messages of the operator's own streams."""

    @property
    def chunks(self) -> Chunks:
        """Pieces of output."""

    @property
    def live(self) -> Live:
        """What viewers watch."""

    @property
    def notices(self) -> Notices:
        """That something was stored, without its body."""

    @property
    def blobs(self) -> Blobs:
        """Large payloads."""

    @property
    def files(self) -> Files:
        """Bytes of files."""

    @property
    def leftovers(self) -> Leftovers:
        """What the stores hold that nothing names, for the archiver."""

    @property
    def crons(self) -> Crons:
        """Run requests by the clock."""

    @property
    def snapshots(self) -> Snapshots:
        """Caches of long runs."""

    @property
    def dead(self) -> DeadLetters:
        """Messages that could not be handled."""

    @property
    def definitions(self) -> KeyValue:
        """Workflow definitions."""

    @property
    def checkpoints(self) -> KeyValue:
        """Caches that only save time."""

    @property
    def leases(self) -> KeyValue:
        """Leases of schedulers and executors; a value that is not renewed expires."""

    @property
    def places(self) -> KeyValue:
        """Places for the runs of each concurrency key."""

    @property
    def conversations(self) -> KeyValue:
        """Which runs a conversation has had, and the variables that they left."""

    @property
    def plugins(self) -> KeyValue:
        """OpenAPI documents, by name and by hash."""

    @property
    def connections(self) -> KeyValue:
        """Named credentials, encrypted."""

    @property
    def protection(self) -> KeyValue:
        """What executors share to protect nodes; expires."""

    @property
    def waits(self) -> KeyValue:
        """Which nodes wait for which events from outside."""

    @property
    def idempotency(self) -> KeyValue:
        """Idempotency keys in use."""

    @property
    def operations(self) -> Operations:
        """How streams and queues stand."""

    @property
    def connected(self) -> bool:
        """Whether the broker is reachable right now."""

    async def query(self, verb: str, body: bytes, *, timeout: float = 5.0) -> bytes:
        """Ask the service that answers a verb.

        Raises:
            BusUnavailable: When none answers, or the one that does cannot.
            InvalidRequest: When it says that this cannot be asked; likewise `NotFound`, `Conflict`
                and `PayloadTooLarge`.
        """

    async def answer_queries(
        self, verb: str, handler: Answering, *, group: str
    ) -> Callable[[], Awaitable[None]]:
        """Answer queries as one of a group; returns the function that ends it.

        What the handler raises is answered as well: who asks is told, and does not wait.
        """

    async def log_made(self) -> str:
        """When the log of all runs was made: what tells it from the log of any other server."""

    async def close(self) -> None:
        """Flush and leave."""
