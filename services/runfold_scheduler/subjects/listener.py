"""Takes the messages of one subject, and asks for the run that each begins."""

from __future__ import annotations

import asyncio

import structlog

from runfold.background import Background
from runfold.bus.ports.bus import Bus
from runfold.bus.ports.subscriptions import MessageFeed, MessageLease, Subscription
from runfold.client.runs import RunClient
from runfold.contracts.subjects import is_own_subject
from runfold.contracts.tasks import DeadLetter
from runfold.definitions.parts import calls_of, stored_parts
from runfold.definitions.store import DefinitionStore
from runfold.errors import BusUnavailable, RunfoldError
from runfold.failpoints import failpoint
from runfold.graph.definition import Workflow
from runfold.graph.loader import workflow_from_canonical
from runfold_scheduler.requests.suspects import Suspects
from runfold_scheduler.subjects.messages import declared, request_of

log = structlog.get_logger("scheduler")

LETTERS = "SUBJECTS"
"""What dead letters of messages are kept under; streams of the operator may have any name."""
RETRY_AFTER = 1.0
"""Seconds after which a message is tried again that the bus could not take something of."""
NOT_NOW_AFTER = 5.0
"""The same while no run of the workflow can begin by any message."""


class NotNow(RunfoldError):
    """No run of the workflow can begin: its messages wait."""

    code = "subject.not_now"


class Listener:
    """The loop over one subscription.

    Args:
        bus: Where requests and dead letters go.
        definitions: The stored workflows.
        wanted: The subscription.
        feed: It, open.
        suspects: Messages that were delivered before.
    """

    def __init__(
        self,
        bus: Bus,
        definitions: DefinitionStore,
        wanted: Subscription,
        feed: MessageFeed,
        suspects: Suspects,
    ) -> None:
        self._bus = bus
        self._runs = RunClient(bus)
        self._definitions = definitions
        self._wanted = wanted
        self._feed = feed
        self._suspects = suspects
        self._read: tuple[str, Workflow] | None = None
        self._told = ""
        self._in_hand = Background()
        self.taking = asyncio.create_task(self._take())
        """Ends when the stream or the consumer is gone."""

    async def stop(self) -> str:
        """Take no more, and finish what is in hand; returns why it had ended by itself, if so."""
        await self._feed.stop()
        await self._in_hand.finish()  # one that is to be taken may wait for a slot
        await asyncio.wait((self.taking,))
        await self._in_hand.finish()
        error = None if self.taking.cancelled() else self.taking.exception()
        return "" if error is None else str(error)

    async def _take(self) -> None:
        async for lease in self._feed:
            self._in_hand.start(self._carry_out(lease))

    async def _carry_out(self, lease: MessageLease) -> None:
        try:
            async with self._suspects.handling(lease.seq, lease):
                await self._begin(lease)
        except NotNow as error:
            if self._told != error.message:
                self._told = error.message
                log.warning("messages wait", reason=error.message, **self._about)
            await lease.nak(NOT_NOW_AFTER)
        except RunfoldError as error:
            if error.retryable:
                log.warning("message put back", reason=str(error), seq=lease.seq, **self._about)
                await lease.nak(RETRY_AFTER)
            else:
                await self._bury(lease, error)
        except Exception as error:
            log.exception("message failed", seq=lease.seq, **self._about)
            await self._bury(lease, RunfoldError(f"{type(error).__name__}: {error}"))
        else:
            await lease.ack()
        finally:
            self._feed.done()

    async def _begin(self, lease: MessageLease) -> None:
        """Store the request for the run; the same message is the same run.

        Raises:
            NotNow: The workflow cannot be run, or does not declare the subject any more.
            InvalidInputs: The message has not what the workflow needs.
            InvalidFile: A file of its inputs that is not one, or whose bytes are not there.
            BusUnavailable: The broker does not take the request.
        """
        if is_own_subject(lease.subject):
            # A run makes events, and those would make runs: a stream that copies ours is no source.
            log.warning("message of runfold passed over", subject=lease.subject, **self._about)
            return
        workflow, version = await self._runnable()
        trigger = declared(workflow, self._wanted)
        if trigger is None:
            raise NotNow(f"version {version} does not declare {self._wanted.subject!r}")
        await self._runs.start(request_of(workflow, version, trigger, lease))
        self._told = ""
        failpoint("subject.stored")

    async def _runnable(self) -> tuple[Workflow, str]:
        try:
            stored = await self._definitions.runnable(self._wanted.workflow_id)
            if self._read is None or self._read[0] != stored.version:
                self._read = stored.version, workflow_from_canonical(stored.body)
            workflow = self._read[1]
            await stored_parts(self._definitions, calls_of(workflow))
        except BusUnavailable:
            raise
        except RunfoldError as error:
            raise NotNow(error.message) from error
        return workflow, stored.version

    async def _bury(self, lease: MessageLease, error: RunfoldError) -> None:
        """Keep a message that begins no run, with the reason, among the dead letters."""
        reason = f"message {lease.seq} of stream {self._wanted.stream!r}: {error}"
        log.warning("message refused", code=error.code, reason=reason, **self._about)
        letter = DeadLetter.of(
            lease.body,
            source=lease.subject,
            reason=reason,
            code=error.code,
            service="scheduler",
            source_seq=lease.seq,
        )
        try:
            await self._bus.dead.bury(LETTERS, letter)
        except RunfoldError as failed:
            log.warning("dead letter put off", reason=str(failed))
            await lease.nak(RETRY_AFTER)
        else:
            await lease.ack()

    @property
    def _about(self) -> dict[str, str]:
        return {"workflow": self._wanted.workflow_id, "stream": self._wanted.stream}
