"""Which partitions this scheduler owns at the moment, and the owners that look after them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from runfold.background import end, until
from runfold.bus.ports.bus import Bus
from runfold.errors import BusUnavailable, RunfoldError
from runfold_scheduler.ownership.leases import Membership, ranges
from runfold_scheduler.runs.checkpoint import Checkpoint
from runfold_scheduler.runs.owner import Owner
from runfold_scheduler.time.stream_clock import StreamClock

log = structlog.get_logger("scheduler")

CHECKPOINT_EVERY = 5.0
"""Seconds between checkpoints."""
SETTLE_EVERY = 1.0
"""Seconds after which is looked again without any sign from others."""


class Ownership:
    """Takes what is ours, hands over what is not, and stops deciding without a lease.

    Args:
        bus: Log, queues and leases.
        eligible: Partitions this scheduler may own.
        clock: This host's clock, in seconds; one that goes on while this process is stopped.
        member_id: Ours among the schedulers; made up when empty.
    """

    def __init__(
        self,
        bus: Bus,
        eligible: frozenset[int],
        clock: Callable[[], float],
        member_id: str = "",
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._changed = asyncio.Event()
        self.membership = Membership(bus.leases, eligible, self._changed.set, clock, member_id)
        self._checkpoint = Checkpoint(bus.checkpoints)
        self._owners: list[Owner] = []
        self._lapses = 0
        self.settled = asyncio.Event()
        """Whether what was ours at first has been taken."""

    @property
    def held(self) -> frozenset[int]:
        """Partitions owned now."""
        return frozenset().union(*(owner.partitions for owner in self._owners))

    @property
    def caught_up(self) -> bool:
        """Whether every owner has folded what was stored when it began."""
        return self.settled.is_set() and all(owner.caught_up.is_set() for owner in self._owners)

    async def own(self) -> None:
        """Own what is ours, for ever."""
        await self.membership.join()
        keeping = asyncio.create_task(self.membership.keep())
        noting = asyncio.create_task(self._keep_checkpoint())
        try:
            while True:
                try:
                    await self._settle()
                except BusUnavailable as error:
                    log.warning("ownership not settled", reason=str(error))
                self._changed.clear()
                working = [
                    keeping,
                    noting,
                    *(task for owner in self._owners for task in owner.working),
                ]
                await until(self._changed, *working, timeout=SETTLE_EVERY)
        finally:
            await end(keeping, noting)

    async def release_all(self) -> None:
        """Let what was sent arrive, note where to go on, and leave."""
        await self._note()
        for owner in self._owners:
            await owner.release(owner.partitions)
        self._owners.clear()
        await self.membership.leave()

    async def _settle(self) -> None:
        """Make what we hold what should be ours."""
        if not self.membership.holds_lease:
            log.warning("no lease: deciding nothing", held=ranges(self.held))
            return
        lapses = self.membership.lapses
        lapsed = self.held and lapses != self._lapses
        wanted = self.membership.wanted()
        surplus = self.held - wanted
        if lapsed:
            surplus |= {one for one in self.held if not self.membership.is_free(one)}
        if surplus:
            await self._hand_over(surplus)
        if lapsed:
            for owner in self._owners:
                owner.decide_again()
        self._lapses = lapses
        gained = {one for one in wanted - self.held if self.membership.is_free(one)}
        if gained:
            await self._take(frozenset(gained))
        self.settled.set()

    async def _hand_over(self, surplus: frozenset[int]) -> None:
        await self._note()
        for owner in self._owners:
            await owner.release(owner.partitions & surplus)
        self._owners = [owner for owner in self._owners if owner.partitions]
        self.membership.held = self.held
        await self.membership.renew()
        log.info("partitions handed over", partitions=ranges(surplus))

    async def _take(self, gained: frozenset[int]) -> None:
        start = await self._checkpoint.read(gained, await self._bus.events.last_seq())
        clock = StreamClock(self._clock)
        clock.observe(await self._bus.events.now())
        owner = Owner(self._bus, gained, lambda: self.membership.holds_lease, clock)
        self._owners.append(owner)
        self.membership.held = self.held
        owner.begin(start)
        await self.membership.renew()
        log.info("partitions taken", partitions=ranges(gained), after=start.after)

    async def _keep_checkpoint(self) -> None:
        while True:
            await asyncio.sleep(CHECKPOINT_EVERY)
            if self.membership.holds_lease:
                await self._note()

    async def _note(self) -> None:
        """Note where others could go on; if that cannot be done, they only start further back."""
        try:
            await self._checkpoint.write(self._owners)
        except RunfoldError as error:
            log.warning("checkpoint not written", reason=str(error))
