"""Messages that end the process that handles them: found out, and dead-lettered.

How often a message was delivered says little: a slow scheduler, a lost connection and a request
that is put back count as well, and a process that ends had innocent messages in hand too. So a
message that comes again is handled alone, after a note that says by which scheduler. A note whose
scheduler is not there any more says that the message ended its handler twice: once among others,
once alone. The third delivery is its last.

A scheduler that is killed from outside just while it handles such a message alone leaves a note
too. That takes two kills, the second within milliseconds of its own: the letter may be requeued.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog

from runfold.background import Background
from runfold.bus.ports.queues import Lease
from runfold.bus.ports.stores import KeyValue
from runfold.errors import BusUnavailable, RunfoldError

log = structlog.get_logger("scheduler")

AGAIN = 0.5
"""Seconds until a note that could not be taken away is tried again."""
LOOK_AGAIN = 1.0
"""Seconds until a message is looked at again that another scheduler has in hand."""


class Poison(RunfoldError):
    """A message that ended its handler twice."""

    code = "message.poison"
    kind = "poison"


class InOtherHands(RunfoldError):
    """A message that another scheduler is handling, or has just handled."""

    code = "message.in_other_hands"
    retryable = True


class Suspects:
    """Handles what comes again alone.

    Args:
        bucket: Where the notes are.
        stream: The queue's stream.
        member_id: This scheduler.
        is_alive: Whether a scheduler is there.
    """

    def __init__(
        self, bucket: KeyValue, stream: str, member_id: str, is_alive: Callable[[str], bool]
    ) -> None:
        self._bucket = bucket
        self._stream = stream
        self._member_id = member_id
        self._is_alive = is_alive
        self._alone = asyncio.Lock()
        self._ending = Background()

    @asynccontextmanager
    async def handling(self, seq: int, lease: Lease) -> AsyncIterator[None]:
        """Handle a message inside the block: alone, when it was delivered before.

        Raises:
            Poison: It ended its handler twice.
            InOtherHands: Another scheduler has it.
            BusUnavailable: The note could not be written.
        """
        if lease.deliveries == 1:
            yield
            return
        async with self._alone:
            key = f"begun.{self._stream}.{seq}"
            await self._look(key, lease)
            await self._bucket.put(key, self._member_id.encode())
            try:
                yield
            finally:
                self._ending.start(self._end(key))

    async def _look(self, key: str, lease: Lease) -> None:
        """Look for a note of an earlier delivery."""
        entry = await self._bucket.get(key)
        member = entry[0].decode(errors="replace") if entry is not None else ""
        if not member or member == self._member_id:
            return
        if self._is_alive(member):
            raise InOtherHands(f"{member} has it in hand")
        await self._bucket.drop(key)
        message = (
            f"it ended its handler twice, the last time {member}, which handled nothing else with "
            f"it: this is delivery {lease.deliveries}"
        )
        raise Poison(message)

    async def _end(self, key: str) -> None:
        """Take the note away, for as long as it takes: it would tell of an end that was none."""
        while True:
            try:
                await self._bucket.drop(key)
            except BusUnavailable as error:
                log.warning("note not taken away", key=key, reason=str(error))
                await asyncio.sleep(AGAIN)
            else:
                return
