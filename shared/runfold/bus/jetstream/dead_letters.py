"""Messages that could not be handled, on the DEAD stream."""

from __future__ import annotations

import builtins
from collections import deque
from collections.abc import Awaitable, Callable

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from runfold.bus.jetstream.client.direct_get import read_one, read_stored
from runfold.bus.jetstream.client.leader import Stored, delete
from runfold.bus.jetstream.client.publisher import Publisher
from runfold.bus.jetstream.client.requests import round_trip
from runfold.bus.ports.messages import Ack
from runfold.bus.ports.stores import KeptLetter
from runfold.bus.requeue import again, no_letter
from runfold.bus.run_log import RunLog
from runfold.contracts import subjects
from runfold.contracts.codec import decode_dead_letter, encode
from runfold.contracts.tasks import DeadLetter
from runfold.errors import Undecodable
from runfold.ids import is_token

log = structlog.get_logger("bus")

LAST = 2**63 - 1
"""The highest sequence there can be."""


class JetStreamDeadLetters:
    """`runfold.bus.ports.stores.DeadLetters` on DEAD."""

    def __init__(self, nc: Client, publisher: Publisher, runs: RunLog) -> None:
        self._nc = nc
        self._publisher = publisher
        self._runs = runs

    async def bury(self, stream: str, letter: DeadLetter) -> None:
        """Keep a message with the reason."""
        about_run = stream == subjects.REQUESTS and is_token(letter.run_id)
        subject = subjects.refused(letter.run_id) if about_run else subjects.dead(stream)
        await self._publisher.send(subject, encode(letter))

    async def refusals(self, run_id: str) -> builtins.list[DeadLetter]:
        """Requests about a run that were refused, or that were to begin it; newest last."""
        subject = subjects.refused(run_id)
        stored = [one async for one in read_stored(self._nc, subjects.DEAD, subject)]
        return [_kept(one).letter for one in stored]

    async def watch_refusals(
        self, run_id: str, on_letter: Callable[[DeadLetter], None]
    ) -> Callable[[], Awaitable[None]]:
        """Call `on_letter` for each such letter that is buried from now on."""

        async def on_msg(msg: Msg) -> None:
            try:
                letter = decode_dead_letter(msg.data)
            except Undecodable as error:
                log.warning("dead letter passed over", subject=msg.subject, reason=str(error))
            else:
                on_letter(letter)

        subscription = await self._nc.subscribe(subjects.refused(run_id), cb=on_msg)

        async def stop() -> None:
            if not self._nc.is_closed:
                await subscription.unsubscribe()

        try:
            # The server must know of the interest before the caller reads what is kept.
            await round_trip(self._nc)
        except BaseException:
            await stop()
            raise
        return stop

    async def read(self, *, limit: int = 100) -> builtins.list[DeadLetter]:
        """The newest ones, newest last."""
        return [kept.letter for kept in await self.list(limit=limit)]

    async def list(
        self,
        *,
        limit: int = 100,
        before: int | None = None,
        fits: Callable[[DeadLetter], bool] | None = None,
    ) -> builtins.list[KeptLetter]:
        """The newest ones with their places, newest last."""
        # No more of them are held than are asked for, however many there are.
        newest: deque[Stored] = deque(maxlen=limit)
        async for stored in read_stored(self._nc, subjects.DEAD, subjects.DEAD_ALL):
            if before is not None and stored.seq >= before:
                break
            if fits is None or fits(_kept(stored).letter):
                newest.append(stored)
        return [_kept(one) for one in newest]

    async def get(self, seq: int) -> KeptLetter:
        """One of them. Raises `NotFound`."""
        known = 1 <= seq <= LAST
        stored = await read_one(self._nc, subjects.DEAD, seq) if known else None
        if stored is None:
            raise no_letter(seq)
        return _kept(stored)

    async def drop(self, seq: int) -> None:
        """Remove one of them. Raises `NotFound`."""
        if not 1 <= seq <= LAST or not await delete(self._nc, subjects.DEAD, seq):
            raise no_letter(seq)

    async def requeue(self, seq: int) -> Ack:
        """Put a task or a request back in its queue, and remove the letter."""
        message = await again(await self.get(seq), self._runs)
        ack = await self._publisher.send(message.subject, message.body, msg_id=message.msg_id)
        await delete(self._nc, subjects.DEAD, seq)
        return ack


def _kept(stored: Stored) -> KeptLetter:
    try:
        letter = decode_dead_letter(stored.body)
    except Undecodable as error:
        # Shown like any other: one that cannot be read must not hide the rest.
        letter = DeadLetter.of(
            stored.body, source=stored.subject, reason=str(error), code=error.code
        )
    return KeptLetter(stored.seq, stored.time, letter)
