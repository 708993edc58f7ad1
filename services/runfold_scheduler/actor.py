"""One run as an actor: its folded state, and the effects on their way.

The state advances only by what comes back from the stream. Effects may be sent ahead of that; each
is sent once while it is outstanding, however often it is asked for.
"""

from __future__ import annotations

import asyncio

from runfold.contracts.events import (
    AnyEvent,
    LoopFailed,
    LoopItemFailed,
    LoopItemSucceeded,
    NodeEvent,
    Recorded,
)
from runfold.engine.decide.effects import Effect
from runfold.engine.decide.runs import decide, decide_ahead
from runfold.engine.history.fold import Folder
from runfold.engine.state.runs import RunState
from runfold.ids import address_of, child_scope

AGAIN = "~again@"
"""Stands in an event's id before what tells a repetition apart."""


class RunActor:
    """A run in progress.

    Args:
        folder: The run folded so far.
        touched: Addresses to decide about at first.
    """

    __slots__ = (
        "_everything",
        "_sent",
        "_touched",
        "active_at",
        "broken",
        "cause",
        "folder",
        "outstanding",
        "tasks",
        "timers",
        "unsaved",
    )

    def __init__(self, folder: Folder, touched: tuple[str, ...]) -> None:
        self.folder = folder
        folder.lean = True
        self.timers: dict[str, asyncio.TimerHandle] = {}
        """Armed here, because they are near."""
        self.tasks: set[str] = set()
        """Tasks offered that no executor has begun."""
        self.outstanding = 0
        """Messages sent and not yet acknowledged."""
        self.unsaved = 0
        """Events since the run's last snapshot."""
        self.broken = ""
        """Why nothing can be decided for this run; empty while it is well."""
        self.cause = folder.cause
        self.active_at = asyncio.get_running_loop().time()
        """When the newest of its events came, by the event loop's clock."""
        self._sent: set[str] = set()
        self._touched: dict[str, None] = dict.fromkeys(touched)
        self._everything = False

    @property
    def state(self) -> RunState:
        """The run as folded."""
        return self.folder.state

    @property
    def first_seq(self) -> int:
        """Where the run begins in the log."""
        return self.folder.first_seq

    @property
    def ended(self) -> bool:
        """Whether the run has ended."""
        return self.folder.state.ended

    @property
    def undecided(self) -> bool:
        """Whether something is still to be decided: it changed, or what was sent was lost."""
        return self._everything or bool(self._touched)

    @property
    def may_sleep(self) -> bool:
        """Whether all that can happen next comes as an event: nothing is on its way from here."""
        busy = self.timers or self.tasks or self.outstanding
        return not (busy or self.undecided or self.broken)

    def apply(self, record: Recorded) -> None:
        """Fold an event of this run; one that is in the state already changes nothing."""
        if record.seq <= self.folder.read_seq:
            return
        self.unsaved += 1
        touched = self.folder.apply(record)
        if touched:
            for address in touched:
                self._touched[address] = None
            self.cause = record.event.id
        else:
            # Was it one of ours, then what it follows from was lost or comes later, and it has to
            # be written once more when that is there: it counts as not sent.
            self._sent.discard(original_id(record.event.id))

    def touch_everything(self) -> None:
        """Decide about the whole run next time."""
        self._everything = True

    def due_effects(self, *, everything: bool = False) -> list[Effect]:
        """What is to be sent now, each effect once.

        Args:
            everything: Decide about the whole run, not only about what changed.
        """
        if self.broken or self.ended:
            return []
        addresses = None if everything or self._everything else tuple(self._touched)
        self._touched.clear()
        self._everything = False
        if addresses == ():
            return []
        found = decide_ahead(
            self.folder.plan, self.folder.state, addresses, cause=self.cause, sent=self._sent
        )
        fresh = [effect for effect in found if effect.key not in self._sent]
        self._sent.update(effect.key for effect in fresh)
        return fresh

    def is_outstanding(self, effect: Effect, event: AnyEvent) -> bool:
        """Whether an effect, and its event, is still wanted in the state as the log has it now."""
        if self.broken or self.ended:
            return False
        wanted = decide(self.folder.plan, self.folder.state, _decided_at(event))
        return any(other.key == effect.key for other in wanted)

    def forget(self, effect: Effect) -> None:
        """The effect did not happen: it is decided once more whether it should."""
        self._sent.discard(original_id(effect.key))
        self._everything = True

    def forget_all(self) -> None:
        """All that was sent may be sent again."""
        self._sent.clear()
        self._everything = True

    def close(self) -> None:
        """Let go of everything that is armed."""
        for handle in self.timers.values():
            handle.cancel()
        self.timers.clear()


def original_id(event_id: str) -> str:
    """The id under which an event was first decided, of one that was written again."""
    return event_id.partition(AGAIN)[0]


def _decided_at(event: AnyEvent) -> tuple[str, ...]:
    """The addresses at which an event is decided."""
    address = address_of_event(event)
    if isinstance(event, LoopItemSucceeded | LoopItemFailed | LoopFailed):
        return address, child_scope(address, event.index)
    return (address,)


def address_of_event(event: AnyEvent) -> str:
    """The node an event is about; empty for one about the run, its deadline's timer included."""
    if isinstance(event, NodeEvent) and event.node_id:
        return address_of(event.scope, event.node_id)
    return ""
