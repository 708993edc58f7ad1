"""The facts about state machines: a part of the union in `events`."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from runfold.contracts.envelope import NodeEvent
from runfold.contracts.parts import Assignment
from runfold.errors import Failure


class StateMachineStarted(NodeEvent, frozen=True, kw_only=True):
    """A state machine began; it waits for events from outside until it comes to a final state."""

    state: str
    """The state it begins in."""
    token: str = ""
    """For the events; see `runfold.ids.review_token`."""
    message: str = ""
    assignee: str = ""
    variables: dict[str, Any] = {}
    """What its variables begin as."""
    due: float | None = None
    """Unix seconds at which the time of the state is up."""


class StateHandlerStarted(NodeEvent, frozen=True, kw_only=True):
    """A handler of a state machine begins as the child scope `node[handler.index]`."""

    index: int
    """Handlers before it."""
    handler: str
    """`paid`: the entry of a state; `created.pay`: the action of an event in a state."""
    target: str = ""
    """Of an action: the state that follows it."""
    assignments: tuple[Assignment, ...] = ()
    """What the event changes, done before an action begins."""


class StateHandlerSucceeded(NodeEvent, frozen=True, kw_only=True):
    """A handler of a state machine came to its end."""

    index: int
    handler: str


class StateChanged(NodeEvent, frozen=True, kw_only=True):
    """A state machine went from one state to another, or into the same one anew."""

    index: int
    """1, 2, 3, … within the attempt."""
    from_: str = msgspec.field(name="from")
    to: str
    event: str
    """What led there: an event from outside, or `timeout`."""
    at: float
    """Stream time of what it followed from: the event's, or that of its action's end."""
    due: float | None = None
    """Unix seconds at which the time of the new state is up."""
    assignments: tuple[Assignment, ...] = ()
    """What the event changes, where no action came before."""


class StateEventIgnored(NodeEvent, frozen=True, kw_only=True):
    """An event came to a state machine and changed nothing."""

    index: int
    """Which of the events that came, from 0."""
    event: str
    state: str
    """The state it was in."""
    reason: Literal["not_taken", "guard", "left", "unfit"]
    """The state does not take it, its guard does not hold, the timed state was left before, or
    what it is to change cannot be worked out from what it carries."""
    error: Failure | None = None
    """Why it is unfit."""
