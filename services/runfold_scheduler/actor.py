"""One run as an actor: its folded state, and the effects on their way.

The state advances only by what comes back from the stream. Effects may be sent ahead of that; each
is sent once while it is outstanding, whoever asks for it again.
"""

from __future__ import annotations

import asyncio

from runfold.contracts.events import Recorded
from runfold.engine.decide import decide, decide_ahead
from runfold.engine.effects import ArmTimer, Effect
from runfold.engine.fold import Folder
from runfold.ids import address_of


class RunActor:
    """A run in progress.

    Args:
        folder: The run folded so far.
        touched: Addresses to decide about at first.
    """

    __slots__ = ("_sent", "_touched", "cause", "folder", "parked", "timers")

    def __init__(self, folder: Folder, touched: tuple[str, ...]) -> None:
        self.folder = folder
        self.timers: dict[str, asyncio.TimerHandle] = {}
        self.parked = ""
        """Why nothing is decided for this run any more; empty while it is well."""
        self.cause = folder.started.event.id
        self._sent: set[str] = set()
        self._touched: dict[str, None] = dict.fromkeys(touched)

    @property
    def first_seq(self) -> int:
        """Where the run begins in the log."""
        return self.folder.started.seq

    @property
    def ended(self) -> bool:
        """Whether the run has ended."""
        return self.folder.state.ended

    def apply(self, record: Recorded) -> None:
        """Fold an event of this run."""
        touched = self.folder.apply(record)
        if touched:
            self._touched.update(dict.fromkeys(touched))
            self.cause = record.event.id

    def due_effects(self, *, everything: bool = False) -> list[Effect]:
        """What is to be sent now, each effect once.

        Args:
            everything: Decide about the whole run, not only about what changed.
        """
        if self.parked or self.ended:
            return []
        addresses = None if everything else tuple(self._touched)
        self._touched.clear()
        if addresses == ():
            return []
        found = decide_ahead(self.folder.plan, self.folder.state, addresses, cause=self.cause)
        fresh = [effect for effect in found if effect.key not in self._sent]
        self._sent.update(effect.key for effect in fresh)
        return fresh

    def is_outstanding(self, effect: Effect, address: str) -> bool:
        """Whether the effect is still wanted in the state as the log has it now."""
        if self.parked or self.ended:
            return False
        wanted = decide(self.folder.plan, self.folder.state, (address,))
        return any(other.key == effect.key for other in wanted)

    def forget(self, effect: Effect) -> None:
        """The effect did not happen: it may be sent again."""
        self._sent.discard(effect.key)

    def close(self) -> None:
        """Let go of everything that is armed."""
        for handle in self.timers.values():
            handle.cancel()
        self.timers.clear()


def timer_address(effect: ArmTimer) -> str:
    """The node a timer belongs to; empty for the run's own deadline."""
    event = effect.event
    return address_of(event.scope, event.node_id) if event.node_id else ""
