"""Stores beside the log: payloads, schedules, snapshots, key-value buckets, dead letters."""

from __future__ import annotations

import builtins
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import msgspec

from runfold.bus.ports.messages import Ack
from runfold.contracts.requests import RunRequest
from runfold.contracts.tasks import DeadLetter


class Blobs(Protocol):
    """Payloads by their sha256."""

    async def put(self, body: bytes) -> str:
        """Store once; returns the hex digest."""

    async def get(self, digest: str) -> bytes:
        """The bytes. Raises `NotFound`."""


class Scheduled(msgspec.Struct, frozen=True):
    """One schedule of a workflow, as the broker is asked for it."""

    cron: str
    """With a field for seconds, as `runfold.values.cron.broker_cron` writes it."""
    zone: str
    """Empty: UTC."""
    request: RunRequest
    """What is asked for each time."""


class Crons(Protocol):
    """Run requests by the clock."""

    async def replace(self, workflow_id: str, wanted: Sequence[Scheduled]) -> int:
        """Make a workflow's schedules those that are wanted.

        Returns:
            How many were changed.

        Raises:
            InvalidRequest: `cron.refused`: the broker takes one of them not. All others are set.
        """

    async def missing(self, workflow_id: str, wanted: Sequence[Scheduled]) -> list[Scheduled]:
        """The schedules that are wanted and that the broker has not."""

    async def since(self, workflow_id: str, wanted: Sequence[Scheduled]) -> list[float | None]:
        """From when the broker has had each schedule, in Unix seconds; None: it has not."""


class Snapshots(Protocol):
    """Folded runs as bytes, one a run: caches, which may be gone at any time."""

    async def put(self, run_id: str, body: bytes) -> None:
        """Keep a run's newest snapshot."""

    async def get(self, run_id: str) -> bytes | None:
        """A run's snapshot, or None."""

    async def drop(self, run_id: str) -> None:
        """Forget a run's snapshot, if there is one."""


class Written(msgspec.Struct, frozen=True):
    """A value of a bucket."""

    value: bytes
    at: float
    """Unix seconds at which it was written, by the broker's clock."""


class KeyValue(Protocol):
    """A bucket of small values with revisions.

    What `runfold.bus.keys` refuses is never there. Writing it raises `InvalidRequest` for a key and
    `PayloadTooLarge` for a value that does not fit a message of the broker.
    """

    async def get(self, key: str) -> tuple[bytes, int] | None:
        """`(value, revision)`, or None."""

    async def put(self, key: str, value: bytes) -> int:
        """Write; returns the revision."""

    async def create(self, key: str, value: bytes) -> int:
        """Write only if absent. Raises `Conflict` when it is there."""

    async def update(self, key: str, value: bytes, revision: int) -> int:
        """Write only over `revision`. Raises `Conflict` otherwise."""

    async def delete(self, key: str) -> None:
        """Remove a key, if it is there."""

    async def drop(self, key: str) -> None:
        """Remove a key without a trace, if it is there; watchers are not told."""

    async def entries(self, prefix: str = "", *, deep: bool = True) -> dict[str, bytes]:
        """Keys that start with `prefix`, and their values, by key.

        Args:
            prefix: Empty, or tokens that each end with a dot.
            deep: Whether keys count that have more than one token after the prefix.
        """

    async def written(self, prefix: str = "") -> dict[str, Written]:
        """As `entries`, each with the time at which it was written."""

    async def newest(self, prefix: str, *, limit: int) -> dict[str, bytes]:
        """Of the keys that start with `prefix`, those that were written last, the newest first."""

    async def watch(
        self, on_change: Callable[[str, bytes | None], None]
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_change(key, value)` for each write from now on, with None for a removal.

        At most once each; a value that expires is not told of. Returns the function that ends it.
        """


class KeptLetter(msgspec.Struct, frozen=True):
    """A dead letter and its place among them."""

    seq: int
    time: float
    """Unix seconds at which it was buried."""
    letter: DeadLetter


class DeadLetters(Protocol):
    """Messages that could not be handled."""

    async def bury(self, stream: str, letter: DeadLetter) -> None:
        """Keep a message with the reason."""

    async def refusals(self, run_id: str) -> builtins.list[DeadLetter]:
        """Requests about a run that were refused, or that were to begin it; newest last."""

    async def watch_refusals(
        self, run_id: str, on_letter: Callable[[DeadLetter], None]
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_letter` for each such letter that is buried from now on.

        At most once: who needs it reads what is kept as well. Returns the function that ends it.
        """

    async def read(self, *, limit: int = 100) -> builtins.list[DeadLetter]:
        """The newest ones, newest last."""

    async def list(
        self,
        *,
        limit: int = 100,
        before: int | None = None,
        fits: Callable[[DeadLetter], bool] | None = None,
    ) -> builtins.list[KeptLetter]:
        """The newest ones with their places, newest last.

        Args:
            limit: How many at most.
            before: Only those with a lower sequence.
            fits: Which of them; None: all.
        """

    async def get(self, seq: int) -> KeptLetter:
        """One of them. Raises `NotFound`."""

    async def drop(self, seq: int) -> None:
        """Remove one of them. Raises `NotFound`."""

    async def requeue(self, seq: int) -> Ack:
        """Put a task or a request back in its queue, and remove the letter.

        It raises `NotFound`; `InvalidRequest` for what was in no queue, was not kept whole or
        cannot be read; `Conflict` for a task whose run is gone or has ended.
        """
