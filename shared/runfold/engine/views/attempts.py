"""When each node became ready, and what each of its attempts came to.

The state of a run holds the newest attempt only. These are put together beside the fold, by those
who show runs, from the states before and after each event; nothing is decided by them.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from runfold.contracts.events import NodeEvent, NodeRunRetry, NodeRunStarted, Recorded, Usage
from runfold.engine.history.fold import Folder, Plans
from runfold.engine.state.nodes import NodeState, NodeStatus
from runfold.engine.state.runs import RunState
from runfold.errors import Failure
from runfold.ids import address_of

NOT_READY: frozenset[NodeStatus] = frozenset({"joining", "skipping", "skipped", "backing_off"})
"""Statuses in which a node is not ready, or never was."""
_ENDED: dict[NodeStatus, str] = {
    "failing": "failed",
    "succeeded": "succeeded",
    "cancelled": "cancelled",
}
"""Status of a node → what its attempt has come to."""


class AttemptView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One attempt of a node. Times are Unix seconds of the stream."""

    attempt: int
    status: str = ""
    """pending, running, retrying, waiting; succeeded, failed, cancelled."""
    delay: float = 0.0
    """Seconds of back-off before it."""
    ready_at: float | None = None
    ready_seq: int | None = None
    """Sequence of the event that made it ready."""
    started_at: float | None = None
    finished_at: float | None = None
    executor: str = ""
    """The executor that took it, where that is recorded."""
    error: Failure | None = None
    usage: Usage | None = None


class Attempts:
    """The attempts of a run's nodes, followed event by event."""

    def __init__(self) -> None:
        self._of: dict[str, list[AttemptView]] = {}

    def of(self, address: str, status: str) -> tuple[AttemptView, ...]:
        """A node's attempts, the first one first.

        Args:
            address: The node's.
            status: What the node is shown as: so is an attempt that has not ended.
        """
        attempts = self._of.get(address, [])
        if attempts and not attempts[-1].status:
            return (*attempts[:-1], replace(attempts[-1], status=status))
        return tuple(attempts)

    def apply(self, record: Recorded, folder: Folder) -> tuple[str, ...]:
        """Fold an event into a run and follow it here; returns the addresses it touched."""
        before = folder.state
        touched = folder.apply(record)
        self.follow(record, before, folder.state, touched)
        return touched

    def follow(
        self, record: Recorded, before: RunState | None, after: RunState, touched: Iterable[str]
    ) -> None:
        """Follow an event that was folded.

        The node it is about is followed even where only its scope is named: a `break` ends both.
        """
        event = record.event
        own = (address_of(event.scope, event.node_id),) if isinstance(event, NodeEvent) else ()
        for address in dict.fromkeys((*touched, *own)):
            node = after.nodes.get(address)
            if node is None or (before is not None and node is before.nodes.get(address)):
                continue
            self._changed(record, address, node)

    def _changed(self, record: Recorded, address: str, node: NodeState) -> None:
        attempts = self._of.get(address)
        if attempts is None:
            if node.status in NOT_READY:
                return
            attempts = self._of[address] = []
        event = record.event
        if not attempts or attempts[-1].attempt != node.attempt:
            delay = event.delay if isinstance(event, NodeRunRetry) else 0.0
            attempts.append(AttemptView(node.attempt, delay=delay))
        last = attempts[-1]
        if last.finished_at is not None:
            return
        if last.ready_at is None and node.status not in NOT_READY:
            last = replace(last, ready_at=record.time, ready_seq=record.seq)
        if isinstance(event, NodeRunStarted) and address_of(event.scope, event.node_id) == address:
            last = replace(last, executor=event.executor)
        ended = _ENDED.get(node.status, "")
        attempts[-1] = replace(
            last,
            status=ended,
            started_at=node.started_at,
            finished_at=node.finished_at if ended else None,
            error=node.error if ended == "failed" else None,
            usage=node.usage,
        )


def followed(records: Iterable[Recorded], plans: Plans) -> tuple[Folder, Attempts]:
    """A run's whole log folded, and its attempts; the log begins with `run_started`."""
    attempts = Attempts()
    first, *rest = records
    folder, touched = Folder.begin(first, plans)
    attempts.follow(first, None, folder.state, touched)
    for record in rest:
        attempts.apply(record, folder)
    return folder, attempts
