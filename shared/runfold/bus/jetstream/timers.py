"""What the broker was told to say at a time, once it says so: a work queue on TIMERS."""

from __future__ import annotations

from runfold.bus.jetstream.client.connection import Connection, Message
from runfold.bus.jetstream.client.delivery import JetStreamLease, Place
from runfold.bus.jetstream.queues import Feed, Queues
from runfold.bus.jetstream.topology.wanted import due_queue
from runfold.contracts import subjects
from runfold.contracts.codec import decode_event, decode_request
from runfold.contracts.events import TimerFired
from runfold.contracts.requests import RunRequest
from runfold.errors import Undecodable


class JetStreamDueLease(JetStreamLease):
    """A timer or a run request whose time has come, ours for the moment."""

    __slots__ = ("what",)

    def __init__(self, nc: Connection, msg: Message, place: Place, body: bytes) -> None:
        super().__init__(nc, msg.reply, place)
        what = (
            decode_request("run", body)
            if msg.subject.startswith(subjects.DUE_REQUEST)
            else decode_event(body)
        )
        if not isinstance(what, TimerFired | RunRequest):
            raise Undecodable(f"{type(what).__name__} cannot be due")
        self.what: TimerFired | RunRequest = what


class JetStreamDue:
    """`runfold.bus.ports.queues.DueQueue` on TIMERS."""

    def __init__(self, queues: Queues) -> None:
        self._queues = queues

    def consume(self, *, slots: int) -> Feed[JetStreamDueLease]:
        """Take what is due as the scheduler group."""

        def lease_of(msg: Message, place: Place, body: bytes) -> JetStreamDueLease:
            return JetStreamDueLease(self._queues.nc, msg, place, body)

        async def give_back(lease: JetStreamLease, _msg: Message) -> None:
            await lease.nak()

        return self._queues.feed(due_queue(self._queues.settings), slots, lease_of, give_back)
