"""Keeps the subscriptions to operators' streams as each workflow's newest published version says.

Every scheduler does so, and all share the consumers: a message goes to one of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.subscriptions import Subscription
from runfold.contracts.subjects import subject_durable
from runfold.definitions.store import DefinitionStore
from runfold.definitions.subjects import SubjectTable
from runfold.errors import RunfoldError
from runfold_scheduler.requests.suspects import Suspects
from runfold_scheduler.settling import LOOK_EVERY, keep_settled
from runfold_scheduler.subjects.listener import Listener

log = structlog.get_logger("scheduler")

SLOTS = 64
"""Messages of one subject in hand at a time; each waits for a round trip."""
LOOK_AGAIN = 2.0
"""Seconds after which all is looked at again while a stream is missing, or refuses."""
SWEEP_EVERY = 600.0
"""Seconds after which consumers are looked for that no workflow wants, without a change: of a
scheduler that ended between making and removing one."""


class Subjects:
    """Follows the definitions.

    Args:
        bus: Definitions, streams, requests.
        suspects_of: Makes the notes about messages of one consumer.
    """

    def __init__(self, bus: Bus, suspects_of: Callable[[str], Suspects]) -> None:
        self._bus = bus
        self._suspects_of = suspects_of
        self._store = DefinitionStore(bus.definitions)
        self._table = SubjectTable(self._store)
        self._changed = asyncio.Event()
        self._listeners: dict[str, Listener] = {}
        """Name of the consumer → who takes its messages."""
        self._refused: dict[str, str] = {}
        """Name of a consumer that there is not → the reason that was logged."""
        self._swept: frozenset[str] | None = None
        self._sweep_at = 0.0

    async def keep(self) -> None:
        """Keep the subscriptions right, for ever."""
        forget = await self._store.keep_heads()
        try:
            await keep_settled(self._bus, "subjects", self._settle, self._changed, self._look_after)
        finally:
            await forget()

    async def stop(self) -> None:
        """Take no more messages, and finish those in hand; `keep` has ended."""
        for name in list(self._listeners):
            await self._close(name)

    def _look_after(self) -> float:
        return LOOK_AGAIN if self._refused else LOOK_EVERY

    async def _settle(self) -> None:
        found = await self._table.by_workflow()
        kept = {name: [one.subscription for one in several] for name, several in found.items()}
        wanted = {_name(one): one for several in kept.values() for one in several}
        for name, listener in list(self._listeners.items()):
            if name not in wanted or listener.taking.done():
                await self._close(name)
        for name in self._refused.keys() - wanted:
            del self._refused[name]
        for name, one in wanted.items():
            if name not in self._listeners:
                await self._open(name, one)
        now = asyncio.get_running_loop().time()
        if self._swept != wanted.keys() or now >= self._sweep_at:
            removed = await self._bus.subscriptions.sweep(kept)
            self._swept, self._sweep_at = frozenset(wanted), now + SWEEP_EVERY
            if removed:
                log.info("consumers removed", removed=removed)

    async def _open(self, name: str, one: Subscription) -> None:
        try:
            feed = await self._bus.subscriptions.open(one, slots=SLOTS)
        except RunfoldError as error:
            # One stream that is missing or away must not end the others.
            if self._refused.get(name) != error.message:
                self._refused[name] = error.message
                log.warning("no messages", workflow=one.workflow_id, reason=error.message)
            return
        listener = Listener(self._bus, self._store, one, feed, self._suspects_of(name))
        listener.taking.add_done_callback(lambda _: self._changed.set())
        self._listeners[name] = listener
        self._refused.pop(name, None)
        log.info("messages taken", workflow=one.workflow_id, stream=one.stream, subject=one.subject)

    async def _close(self, name: str) -> None:
        reason = await self._listeners.pop(name).stop()
        log.info("messages taken no longer", consumer=name, reason=reason)


def _name(one: Subscription) -> str:
    return subject_durable(one.workflow_id, one.stream, one.subject)
