"""What `decide` wants done, as data. The caller carries it out; doing it twice does no harm."""

from __future__ import annotations

from typing import Literal

import msgspec

from runfold.contracts.events import (
    AnyEvent,
    NodeRunSucceeded,
    NodeRunWaiting,
    TimerFired,
)
from runfold.contracts.requests import RunRequest
from runfold.contracts.tasks import Task


class Append(msgspec.Struct, frozen=True):
    """Write an event to the log, under its deterministic id."""

    event: AnyEvent

    @property
    def key(self) -> str:
        """The same effect decided again has the same key."""
        return self.event.id


class Dispatch(msgspec.Struct, frozen=True):
    """Queue a task for an executor group."""

    group: str
    task: Task
    key: str
    """The attempt's id."""


class ArmTimer(msgspec.Struct, frozen=True):
    """Write `event` to the log at `due`, unless it no longer matters by then."""

    due: float
    """Unix seconds."""
    event: TimerFired

    @property
    def key(self) -> str:
        """The same timer armed again has the same key."""
        return self.event.id


class Admit(msgspec.Struct, frozen=True):
    """Get the run a slot among those of its concurrency key; then `run_admitted` is written."""

    group: str
    """Workflow and key: the runs that share the slots."""
    limit: int
    when_full: Literal["queue", "reject", "cancel_oldest"]

    @property
    def key(self) -> str:
        """The same effect decided again has the same key."""
        return f"admit:{self.group}"


class Ask(msgspec.Struct, frozen=True):
    """Send a request as a client would. Once it is stored, write `then` to the log."""

    request: RunRequest
    then: NodeRunSucceeded

    @property
    def key(self) -> str:
        """The same effect decided again has the same key."""
        return f"ask:{self.then.id}"


class Listen(msgspec.Struct, frozen=True):
    """Note that a node waits for an event from outside. Then write `event`, which records it."""

    event: NodeRunWaiting

    @property
    def key(self) -> str:
        """The same effect decided again has the same key."""
        return self.event.id


Effect = Append | Dispatch | ArmTimer | Admit | Ask | Listen
