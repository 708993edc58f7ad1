"""An executor process says every few seconds that it is there, and how much it has in hand.

It costs a write each time and nothing a task; nothing is decided by it.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable

import structlog

from runfold import __version__
from runfold.bus.ports.stores import KeyValue
from runfold.contracts.codec import encode
from runfold.contracts.leases import EXECUTORS, ExecutorLease
from runfold.errors import RunfoldError
from runfold.ids import bucket_key

log = structlog.get_logger("executor")

EVERY = 3.0
"""Seconds between two writes: the bucket forgets a lease after ten."""


class Heartbeat:
    """The lease of one executor process.

    Args:
        leases: The bucket.
        name: The process, as in its events.
        group: Its group.
        slots: Attempts it works on at a time.
        busy: Tells how many it has in hand.
    """

    def __init__(
        self, leases: KeyValue, name: str, group: str, slots: int, busy: Callable[[], int]
    ) -> None:
        self._leases = leases
        self._key = EXECUTORS + bucket_key(name)
        self._about = (name, group, __version__, socket.gethostname(), os.getpid(), slots)
        self._busy = busy

    async def keep(self) -> None:
        """Say so for ever."""
        while True:
            try:
                await self._leases.put(self._key, encode(ExecutorLease(*self._about, self._busy())))
            except RunfoldError as error:
                log.debug("lease not written", reason=str(error))
            await asyncio.sleep(EVERY)

    async def end(self) -> None:
        """Be gone at once, and not only when the lease runs out."""
        try:
            await self._leases.delete(self._key)
        except RunfoldError as error:
            log.debug("lease not removed", reason=str(error))
