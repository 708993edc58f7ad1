"""How far a state machine is: its state, the events that wait for it, and how it got there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap

from runfold.contracts.events import StateMachineStarted
from runfold.engine.state.open_scopes import OpenScopes

MOST_QUEUED = 1000
"""Most events that may wait to be handled; further ones change nothing."""
REMEMBERED = 1024
"""Newest event keys that are remembered, so that a repeated event counts once."""


class QueuedEvent(msgspec.Struct, frozen=True):
    """An event for a state machine: sent from outside, or a state's timeout."""

    event: str
    values: dict[str, Any] = {}
    feedback: str = ""
    visit: int = -1
    """Of a timeout: the visit whose time is up. -1: sent from outside."""

    @property
    def is_from_outside(self) -> bool:
        """Whether somebody sent it."""
        return self.visit == -1


class Transition(msgspec.Struct, frozen=True):
    """One change of state."""

    from_: str
    event: str
    to: str
    at: float


if TYPE_CHECKING:
    Queue = HashTrieMap[int, QueuedEvent]
    History = HashTrieMap[int, Transition]
else:
    # Snapshots decode by these annotations, and the class cannot be subscripted.
    Queue = History = HashTrieMap


class Machine(OpenScopes, frozen=True, kw_only=True, tag="machine"):
    """A state machine. Its handlers are its scopes, and run one at a time."""

    state: str
    visit: int = 0
    """Changes of state so far."""
    entered: bool = False
    """Whether the entry of the state has begun."""
    target: str = ""
    """State that follows once the action under way has ended."""
    event: QueuedEvent = QueuedEvent("")
    """The event that was taken last."""
    due: float | None = None
    """When the state's time is up; None once its timeout is queued."""
    handler: str = ""
    """The handler that began last."""
    received: int = 0
    """Events that were queued so far."""
    handled: int = 0
    """Events that were taken or ignored so far; they are not in `queue` any more."""
    queue: Queue = HashTrieMap()
    """Number of an event → the event, for those that wait to be handled."""
    history: History = HashTrieMap()
    keys: tuple[str, ...] = ()
    """Keys of the newest events, the newest last."""
    message: str = ""
    assignee: str = ""

    @property
    def next_event(self) -> QueuedEvent | None:
        """The event to be handled next."""
        return self.queue.get(self.handled)

    @property
    def is_full(self) -> bool:
        """Whether events from outside are dropped until some of the queue are handled."""
        return self.received - self.handled >= MOST_QUEUED

    def body_name(self, _index: int) -> str:
        """The name of the body that the newest scope runs: no other is under way."""
        return self.handler

    def names_inside(self, _index: int) -> dict[str, Any]:
        """What this machine's own names mean inside a handler."""
        return self.names_for(self.event)

    def names_for(self, event: QueuedEvent) -> dict[str, Any]:
        """What this machine's own names mean while it handles an event."""
        fixed = {"name": event.event, "values": event.values, "feedback": event.feedback}
        return {**self.variables, "state": self.state, "event": {**event.values, **fixed}}


def machine_of(event: StateMachineStarted) -> Machine:
    """A machine that has just begun."""
    return Machine(
        state=event.state,
        variables=event.variables,
        due=event.due,
        message=event.message,
        assignee=event.assignee,
    )


def with_queued(machine: Machine, event: QueuedEvent, key: str = "") -> Machine:
    """The machine with one more event in its queue; `key`, if any, is not among its keys yet."""
    return replace(
        machine,
        received=machine.received + 1,
        queue=machine.queue.insert(machine.received, event),
        keys=(*machine.keys[-REMEMBERED + 1 :], key) if key else machine.keys,
    )


def without_next(machine: Machine) -> Machine:
    """The machine after it has taken or ignored its next event."""
    return replace(
        machine, handled=machine.handled + 1, queue=machine.queue.discard(machine.handled)
    )
