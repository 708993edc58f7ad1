"""What nobody could handle, on the DEAD stream."""

from __future__ import annotations

from nats.aio.client import Client

from runfold.bus.publisher import Publisher
from runfold.bus.stored import read_stored
from runfold.contracts import subjects
from runfold.contracts.codec import decode_dead_letter, encode
from runfold.contracts.tasks import DeadLetter


class JetStreamDeadLetters:
    """`runfold.bus.ports.DeadLetters` on DEAD."""

    def __init__(self, nc: Client, publisher: Publisher) -> None:
        self._nc = nc
        self._publisher = publisher

    async def bury(self, stream: str, letter: DeadLetter) -> None:
        """Keep a message with the reason."""
        await self._publisher.send(subjects.dead(stream), encode(letter))

    async def read(self, *, limit: int = 100) -> list[DeadLetter]:
        """The newest ones, newest last."""
        letters = [
            decode_dead_letter(stored.body)
            async for stored in read_stored(self._nc, subjects.DEAD, subjects.DEAD_ALL)
        ]
        return letters[-limit:]
