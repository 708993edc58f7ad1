"""Whether a request to begin a run was refused, and why: for those who wait for the run.

A scheduler keeps what it refuses as a dead letter on a subject with the run's id, so that it is
told at once to those who listen there, and found later by those who did not.
"""

from __future__ import annotations

import asyncio

from runfold.bus.ports.bus import Bus
from runfold.contracts.subjects import request
from runfold.contracts.tasks import DeadLetter

LOOK_AGAIN = 5.0
"""Seconds after which what is kept is looked at again: a letter may have got lost on its way."""
_BEGINNING = frozenset(request(verb) for verb in ("run", "retry", "fork"))


async def refusal(bus: Bus, run_id: str, *, seq: int = 0) -> DeadLetter | None:
    """The letter about a refused request to begin a run; None when there is none.

    Args:
        bus: The bus.
        run_id: The run that was asked for.
        seq: The request's sequence in REQUESTS, as its ack said; 0: the newest that was refused.
    """
    letters = [one for one in await bus.dead.refusals(run_id) if _is_about(one, seq)]
    return letters[-1] if letters else None


async def refused(bus: Bus, run_id: str, *, seq: int = 0) -> DeadLetter:
    """Wait until a request to begin a run is refused; for ever when it is not."""
    arrived: asyncio.Queue[DeadLetter] = asyncio.Queue()
    stop = await bus.dead.watch_refusals(run_id, arrived.put_nowait)
    try:
        while True:
            found = await refusal(bus, run_id, seq=seq)
            while found is None:
                try:
                    async with asyncio.timeout(LOOK_AGAIN):
                        letter = await arrived.get()
                except TimeoutError:
                    break
                found = letter if _is_about(letter, seq) else None
            if found is not None:
                return found
    finally:
        await stop()


def _is_about(letter: DeadLetter, seq: int) -> bool:
    return letter.source in _BEGINNING and seq in (0, letter.source_seq)
