"""From a run's log to its plan and state: what every owner, projection and audit does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from runfold.contracts.events import AnyEvent, Recorded, RunStarted, event_type
from runfold.engine.evolve.runs import begin, evolve
from runfold.engine.history.trimming import no_longer_needed
from runfold.engine.state.run import RunState
from runfold.errors import Conflict
from runfold.graph.loader import workflow_from_canonical
from runfold.graph.plan.plan import Plan, compile_plan
from runfold.lru import LruMap


class Plans:
    """Compiled plans by the bytes of their definition, the least recently used ones dropped."""

    def __init__(self, size: int = 256) -> None:
        self._plans: LruMap[bytes, tuple[bytes, Plan]] = LruMap(size)

    def of(self, definition: bytes) -> Plan:
        """The plan of a pinned definition."""
        return self.shared(definition)[1]

    def shared(self, definition: bytes) -> tuple[bytes, Plan]:
        """A pinned definition as one object for all, and its plan."""
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
        """The pinned definition: one object for all runs that pinned the same."""
        self.state = state
        self.first_seq = first_seq
        """Where the run begins in the log."""
        self.read_seq = read_seq
        """The newest event read, whether it counted or not."""
        self.cause = cause
        """Id of the newest event that counted."""
        self.lean = False
        """Whether nodes are let go of that nothing is decided by any more: for who only decides."""

    @classmethod
    def begin(cls, record: Recorded, plans: Plans) -> tuple[Folder, tuple[str, ...]]:
        """A folder from a run's first event, and the addresses touched by it."""
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
        """A whole log; None when it is empty."""
        folder: Folder | None = None
        for record in records:
            if folder is None:
                folder, _ = cls.begin(record, plans)
                folder.lean = lean
            else:
                folder.apply(record)
        return folder

    def apply(self, record: Recorded) -> tuple[str, ...]:
        """Step by one event; returns the addresses touched, none when it changed nothing."""
        self.read_seq = record.seq
        before = self.state
        self.state, touched = evolve(self.plan, before, record)
        if touched:
            self.cause = record.event.id
            # What undoes a node reads what it came to, long after its item has ended.
            if self.lean and not self.plan.compensates:
                self._let_go(before, record.event)
        return touched

    def _let_go(self, before: RunState, event: AnyEvent) -> None:
        gone = no_longer_needed(self.plan, before, event)
        if gone:
            nodes = self.state.nodes
            for address in gone:
                nodes = nodes.discard(address)
            self.state = replace(self.state, nodes=nodes)


def folded(records: Sequence[Recorded], plans: Plans, *, lean: bool = False) -> Folder | None:
    """A run's log as it was read, for those who cannot say that it is whole; None: it is empty.

    Raises:
        Conflict: It has no beginning that can be read.
    """
    if records:
        beginning(records)
    return Folder.fold(records, plans, lean=lean)


def beginning(records: Sequence[Recorded]) -> RunStarted:
    """The event that a run's log begins with.

    Raises:
        Conflict: It is another one: the first was lost, or is from a newer release.
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
