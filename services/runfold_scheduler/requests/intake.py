"""Taking requests from their queue, and what becomes of those that cannot be carried out."""

from __future__ import annotations

from typing import assert_never

import structlog

from runfold.background import Background
from runfold.bus.ports.bus import Bus
from runfold.bus.ports.queues import RequestLease
from runfold.bus.run_log import RunLog
from runfold.contracts.requests import (
    AnswerRequest,
    CancelRequest,
    ForkRequest,
    PauseRequest,
    ResumeRequest,
    RetryRequest,
    RunRequest,
    SignalRequest,
    run_of,
)
from runfold.contracts.subjects import REQUESTS, request
from runfold.contracts.tasks import DeadLetter
from runfold.definitions.pinning import Pinning
from runfold.errors import RunfoldError, UnknownRun
from runfold.failpoints import failpoint
from runfold.ids import run_id_by_place
from runfold_scheduler.requests.commands import Commands, run_id_of
from runfold_scheduler.requests.conversations import Conversations
from runfold_scheduler.requests.forks_and_retries import Successors
from runfold_scheduler.requests.signals import Signals
from runfold_scheduler.requests.suspects import Suspects

log = structlog.get_logger("scheduler")

SLOTS = 256
"""Requests in hand at a time; each waits for one or two round trips."""
TOO_EARLY = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0, 30.0)
"""Seconds after which a request about an unknown run is tried again, by its deliveries: the run's
own request may be carried out later, as when the log is full. After the last, it is refused."""
RETRY_AFTER = 1.0
"""Seconds after which a request is tried again when the bus could not take what it writes."""


class Intake:
    """The loop over REQUESTS.

    Args:
        bus: Where requests come from.
        suspects: Those that were delivered before.
    """

    def __init__(self, bus: Bus, suspects: Suspects) -> None:
        self._bus = bus
        self._suspects = suspects
        self._pinning = Pinning(bus)
        runs = RunLog(bus)
        conversations = Conversations(bus, runs)
        self._commands = Commands(bus, runs, self._pinning, conversations)
        self._signals = Signals(bus, runs)
        self._successors = Successors(bus, runs, self._pinning, conversations)
        self._feed = bus.requests.consume(slots=SLOTS)
        self._in_hand = Background()

    async def take(self) -> None:
        """Take and carry out requests until `stop`."""
        close = await self._pinning.open()
        try:
            async for lease in self._feed:
                self._in_hand.start(self._carry_out(lease))
        finally:
            await close()

    async def stop(self) -> None:
        """Take no more, and finish those in hand."""
        await self._feed.stop()
        await self._in_hand.finish()

    async def _carry_out(self, lease: RequestLease) -> None:
        try:
            async with self._suspects.handling(lease.seq, lease):
                await self._dispatch(lease)
        except RunfoldError as error:
            delay = _put_back_for(lease, error)
            if delay is None:
                await self._refuse(lease, error)
            else:
                log.warning("request put back", verb=lease.verb, reason=str(error))
                await lease.nak(delay)
        except Exception as error:
            log.exception("request failed", verb=lease.verb)
            await self._refuse(lease, RunfoldError(f"{type(error).__name__}: {error}"))
        else:
            await lease.ack()
        finally:
            self._feed.done()

    async def _dispatch(self, lease: RequestLease) -> None:
        match lease.request:
            case RunRequest() as wanted:
                await self._commands.run(wanted, lease)
            case CancelRequest() as wanted:
                await self._commands.cancel(wanted, lease)
            case AnswerRequest() as wanted:
                await self._commands.answer(wanted, lease)
            case PauseRequest() as wanted:
                await self._commands.pause(wanted, lease)
            case ResumeRequest() as wanted:
                await self._commands.resume(wanted, lease)
            case SignalRequest() as wanted:
                await self._signals.signal(wanted, lease)
            case RetryRequest() as wanted:
                await self._successors.retry(wanted, lease)
            case ForkRequest() as wanted:
                await self._successors.fork(wanted, lease)
            case _:
                assert_never(lease.request)
        failpoint("request.carried_out")

    async def _refuse(self, lease: RequestLease, error: RunfoldError) -> None:
        """Keep the request with the reason among the dead letters."""
        log.warning("request refused", verb=lease.verb, code=error.code, reason=str(error))
        letter = DeadLetter.of(
            lease.body,
            source=request(lease.verb),
            reason=str(error),
            code=error.code,
            service="scheduler",
            run_id=_run_asked_for(lease),
            source_seq=lease.seq,
        )
        try:
            await self._bus.dead.bury(REQUESTS, letter)
        except RunfoldError as failed:
            log.warning("dead letter put off", reason=str(failed))
            await lease.nak(RETRY_AFTER)
        else:
            await lease.ack()


def _run_asked_for(lease: RequestLease) -> str:
    wanted = lease.request
    if isinstance(wanted, RunRequest):
        return run_id_of(wanted, lease, wanted.workflow_id)
    if isinstance(wanted, RetryRequest | ForkRequest):
        return wanted.new_run_id or run_id_by_place("", lease.seq, lease.time)
    return run_of(wanted)


def _put_back_for(lease: RequestLease, error: RunfoldError) -> float | None:
    """Seconds after which a request that failed is tried again; None: it is refused."""
    if error.retryable:
        return RETRY_AFTER
    if isinstance(error, UnknownRun) and lease.deliveries <= len(TOO_EARLY):
        return TOO_EARLY[lease.deliveries - 1]
    return None
