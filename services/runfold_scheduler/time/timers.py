"""Bringing what the broker says is due into the log and the requests, for runs of all schedulers.

The broker has no way to put it there itself that survives a crash of the broker in good time
(docs/adr/0014). Any number of schedulers may do so: what is brought twice counts once.
"""

from __future__ import annotations

import structlog
from msgspec.structs import replace

from runfold.background import Background
from runfold.bus.ports.bus import Bus
from runfold.bus.ports.queues import DueLease
from runfold.contracts import subjects
from runfold.contracts.codec import encode
from runfold.contracts.events import TimerFired
from runfold.contracts.requests import RunRequest
from runfold.contracts.tasks import DeadLetter
from runfold.errors import RunfoldError
from runfold.ids import run_id_by_place
from runfold_scheduler.requests.suspects import Suspects

log = structlog.get_logger("scheduler")

SLOTS = 1_000
"""Alarms in hand at a time; each waits for one round trip."""
RETRY_AFTER = 1.0
"""Seconds after which one is tried again that could not be stored."""


class Alarms:
    """The loop over what is due.

    Args:
        bus: Where it comes from and goes.
        suspects: What was delivered before.
    """

    def __init__(self, bus: Bus, suspects: Suspects) -> None:
        self._bus = bus
        self._suspects = suspects
        self._feed = bus.due.consume(slots=SLOTS)
        self._in_hand = Background()

    async def carry(self) -> None:
        """Take and bring what is due until `stop`."""
        async for lease in self._feed:
            self._in_hand.start(self._bring(lease))

    async def stop(self) -> None:
        """Take no more, and finish what is in hand."""
        await self._feed.stop()
        await self._in_hand.finish()

    async def _bring(self, lease: DueLease) -> None:
        try:
            async with self._suspects.handling(lease.seq, lease):
                await self._pass_on(lease)
        except RunfoldError as error:
            if error.retryable:
                log.warning("put off what is due", seq=lease.seq, reason=str(error))
                await lease.nak(RETRY_AFTER)
            else:
                await self._bury(lease, error)
        except Exception as error:
            log.exception("what is due failed", seq=lease.seq)
            await self._bury(lease, RunfoldError(f"{type(error).__name__}: {error}"))
        else:
            await lease.ack()
        finally:
            self._feed.done()

    async def _pass_on(self, lease: DueLease) -> None:
        match lease.what:
            case TimerFired() as event:
                await self._bus.events.append(event)
            case RunRequest() as request:
                # By its place: brought once more, it is the same run.
                run_id = request.run_id or run_id_by_place("due ", lease.seq, lease.time)
                await self._bus.requests.send(replace(request, run_id=run_id))

    async def _bury(self, lease: DueLease, error: RunfoldError) -> None:
        """Keep what is due with the reason among the dead letters."""
        log.warning("what is due is refused", seq=lease.seq, code=error.code, reason=str(error))
        letter = DeadLetter.of(
            encode(lease.what),
            source=subjects.TIMERS_DUE,
            reason=str(error),
            code=error.code,
            service="scheduler",
            run_id=lease.what.run_id,
        )
        try:
            await self._bus.dead.bury(subjects.TIMERS, letter)
        except RunfoldError as failed:
            log.warning("dead letter put off", reason=str(failed))
            await lease.nak(RETRY_AFTER)
        else:
            await lease.ack()
