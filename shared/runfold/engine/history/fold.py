"""Folds a run's log into its plan and state. Every owner, projection and audit uses this.

Reading the log is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from runfold.contracts.events import AnyEvent, Recorded, RunStarted, event_type
from runfold.engine.evolve.runs import begin, evolve
from runfold.engine.history.trimming import no_longer_needed
from runfold.engine.state.runs import RunState
from runfold.errors import Conflict
from runfold.graph.loader import workflow_from_canonical
from runfold.graph.plan.plan import Plan, compile_plan
from runfold.lru import LruMap


class Plans:
    """Compiled plans by the bytes of their definition; the least recently used are dropped."""

    def __init__(self, size: int = 256) -> None:
        self._plans: LruMap[bytes, tuple[bytes, Plan]] = LruMap(size)

    def of(self, definition: bytes) -> Plan:
        """The plan of a pinned definition."""
        return self.shared(definition)[1]

    def shared(self, definition: bytes) -> tuple[bytes, Plan]:
        """A pinned definition, as one object for all runs that pinned it, and its plan."""
        found = self._plans.get(definition)
        if found is None:
            plan = compile_plan(workflow_from_canonical(definition))
            found = self._plans[definition] = definition, plan
        return found


class Folder:
    """One run being folded: its plan, and its state so far."""

    __slots__ = ("cause", "definition", "first_seq", "lean", "plan", "read_seq", "state")

    def __init__(
        self,
        plan: Plan,
        state: RunState,
        *,
        first_seq: int,
        read_seq: int,
        cause: str,
        definition: bytes,
    ) -> None:
        self.plan = plan
        self.definition = definition
        """The pinned definition, as one object for all runs that pinned it."""
        self.state = state
        self.first_seq = first_seq
        """Where the run begins in the log."""
        self.read_seq = read_seq
        """Sequence of the newest event read, whether it changed anything or not."""
        self.cause = cause
        """Id of the newest event that changed the state."""
        self.lean = False
        """Whether nodes that no future decision can read are dropped; views need them all."""

    @classmethod
    def begin(cls, record: Recorded, plans: Plans) -> tuple[Folder, tuple[str, ...]]:
        """A folder from a run's first event, and the addresses that the event touched."""
        event = record.event
        if not isinstance(event, RunStarted):
            message = f"a run's log begins with run_started, not {type(event).__name__}"
            raise TypeError(message)
        definition, plan = plans.shared(bytes(event.definition))
        state, touched = begin(plan, event, record.seq, record.time)
        seq = record.seq
        folder = cls(
            plan, state, first_seq=seq, read_seq=seq, cause=event.id, definition=definition
        )
        return folder, touched

    @classmethod
    def fold(
        cls, records: Iterable[Recorded], plans: Plans, *, lean: bool = False
    ) -> Folder | None:
        """Fold a whole log; None when it is empty."""
        folder: Folder | None = None
        for record in records:
            if folder is None:
                folder, _ = cls.begin(record, plans)
                folder.lean = lean
            else:
                folder.apply(record)
        return folder

    def apply(self, record: Recorded) -> tuple[str, ...]:
        """Fold one event; returns the addresses it touched, none when it changed nothing."""
        self.read_seq = record.seq
        before = self.state
        self.state, touched = evolve(self.plan, before, record)
        if touched:
            self.cause = record.event.id
            # A node that undoes another reads its outputs long after the scope has ended.
            if self.lean and not self.plan.compensates:
                self._trim(before, record.event)
        return touched

    def _trim(self, before: RunState, event: AnyEvent) -> None:
        unneeded = no_longer_needed(self.plan, before, event)
        if unneeded:
            nodes = self.state.nodes
            for address in unneeded:
                nodes = nodes.discard(address)
            self.state = replace(self.state, nodes=nodes)


def folded(records: Sequence[Recorded], plans: Plans, *, lean: bool = False) -> Folder | None:
    """Fold a log that may be damaged, as it was read; None when it is empty.

    Raises:
        Conflict: The log has no first event that can be read.
    """
    if records:
        beginning(records)
    return Folder.fold(records, plans, lean=lean)


def beginning(records: Sequence[Recorded]) -> RunStarted:
    """The event with which a run's log begins.

    Raises:
        Conflict: The log begins with another event: the first was lost, or is from a newer release.
    """
    first = records[0]
    if isinstance(first.event, RunStarted):
        return first.event
    run_id, found = first.event.run_id, event_type(first.event)
    message = (
        f"run {run_id!r} cannot be read: its log does not begin with run_started but, at sequence "
        f"{first.seq}, with {found}"
    )
    details = {"run_id": run_id, "seq": first.seq}
    raise Conflict(message, code="run.log_damaged", details=details)
