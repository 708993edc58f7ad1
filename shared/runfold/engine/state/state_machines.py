"""How far a state machine is: its state, the events that came, and how it got there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap

from runfold.contracts.events import StateMachineStarted

MOST_QUEUED = 1000
"""Events that may have come and not been handled; more change nothing."""
REMEMBERED = 1024
"""Newest events whose keys are known, so that the same one does not count twice."""


class Arrived(msgspec.Struct, frozen=True):
    """An event that came: from outside, or because the time of a state was up."""

    event: str
    values: dict[str, Any] = {}
    feedback: str = ""
    visit: int = -1
    """Changes of state before the state whose time was up; -1: it came from outside."""


class Passed(msgspec.Struct, frozen=True):
    """One change of state."""

    from_: str
    event: str
    to: str
    at: float


if TYPE_CHECKING:
    Arrivals = HashTrieMap[int, Arrived]
    History = HashTrieMap[int, Passed]
else:
    # Snapshots decode by these annotations, and the class cannot be subscripted.
    Arrivals = History = HashTrieMap


class Machine(msgspec.Struct, frozen=True):
    """One state machine."""

    state: str
    visit: int = 0
    """Changes of state so far."""
    entered: bool = False
    """Whether the entry of the state has begun."""
    target: str = ""
    """Where the event leads whose action has begun."""
    event: Arrived = Arrived("")
    """What was taken last."""
    due: float | None = None
    """When the time of the state is up; None also once that has come."""
    handler: str = ""
    """The handler that began last."""
    handled: int = 0
    """Events that were taken or ignored: those before are not in `arrived` any more."""
    came: int = 0
    """Events that came."""
    arrived: Arrivals = HashTrieMap()
    history: History = HashTrieMap()
    keys: tuple[str, ...] = ()
    """Of the newest events that came, the newest last."""
    message: str = ""
    assignee: str = ""

    @property
    def next(self) -> Arrived | None:
        """The event to be handled next."""
        return self.arrived.get(self.handled)

    @property
    def is_full(self) -> bool:
        """Whether no further event from outside counts, until some are handled."""
        return self.came - self.handled >= MOST_QUEUED


def machine_of(event: StateMachineStarted) -> Machine:
    """A machine that has just begun."""
    return Machine(state=event.state, due=event.due, message=event.message, assignee=event.assignee)


def names_of(machine: Machine, arrived: Arrived) -> dict[str, Any]:
    """What `{{state}}` and `{{event}}` read when an event is being handled."""
    own = {"name": arrived.event, "values": arrived.values, "feedback": arrived.feedback}
    return {"state": machine.state, "event": {**arrived.values, **own}}


def with_arrived(machine: Machine, arrived: Arrived, key: str = "") -> Machine:
    """The machine with an event that came; its key, where it has one, is not known yet."""
    return replace(
        machine,
        came=machine.came + 1,
        arrived=machine.arrived.insert(machine.came, arrived),
        keys=(*machine.keys[-REMEMBERED + 1 :], key) if key else machine.keys,
    )


def without_next(machine: Machine) -> Machine:
    """The machine once it has dealt with the event that was next."""
    return replace(
        machine, handled=machine.handled + 1, arrived=machine.arrived.discard(machine.handled)
    )


def revived(machine: Machine) -> Machine:
    """A machine from a snapshot, in whose maps there are no structs yet."""
    arrived = {at: msgspec.convert(one, Arrived) for at, one in machine.arrived.items()}
    history = {at: msgspec.convert(one, Passed) for at, one in machine.history.items()}
    return replace(machine, arrived=HashTrieMap(arrived), history=HashTrieMap(history))
