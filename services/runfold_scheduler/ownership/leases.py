"""Who schedules beside us, and whether we still may: a lease for each scheduler in a bucket.

A member renews its lease every second and says in it which partitions it holds. One that has not
been heard of for `LEASE` seconds is gone; one that could not renew for `FENCE` seconds, by its own
monotonic clock, stops deciding by itself, before others take over. Views may differ for a moment:
two owners of a partition do double work, never harm, because the fold settles everything.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import os
import platform
import re
import uuid
from collections.abc import Awaitable, Callable, Iterable

import msgspec
import structlog

from runfold.bus.ports.stores import KeyValue
from runfold.contracts.json_reader import read_json
from runfold.contracts.leases import SCHEDULERS, SchedulerLease
from runfold.errors import RunfoldError, Undecodable

log = structlog.get_logger("scheduler")

LEASE = 5.0
"""Seconds without a sign after which a member counts as gone."""
FENCE = 4.0
"""Seconds without a renewal after which we no longer decide."""
RENEW = 1.0


class Membership:
    """Our lease, and what is known of the others'.

    Args:
        leases: The bucket.
        eligible: Partitions we may own.
        on_change: Called when another member came, went, or holds something else.
        clock: Monotonic seconds, which go on while this process is stopped.
        member_id: Ours; made up when empty. No two members may have the same.
    """

    def __init__(
        self,
        leases: KeyValue,
        eligible: frozenset[int],
        on_change: Callable[[], None],
        clock: Callable[[], float],
        member_id: str = "",
    ) -> None:
        self._leases = leases
        self._eligible = tuple(sorted(eligible))
        self._on_change = on_change
        self._clock = clock
        self._host = platform.node()
        host = re.sub(r"[^A-Za-z0-9-]", "-", self._host)[:24].strip("-") or "host"
        self.id = member_id or f"{host}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._others: dict[str, tuple[SchedulerLease, float]] = {}
        self._renewed_at = float("-inf")
        self._stop: Callable[[], Awaitable[None]] | None = None
        self.held: frozenset[int] = frozenset()
        self.lapses = 0
        """How often a lease was taken anew: events were missed each time."""

    @property
    def holds_lease(self) -> bool:
        """Whether we may decide: our lease was renewed recently enough."""
        return self._clock() - self._renewed_at < FENCE

    def others(self) -> list[SchedulerLease]:
        """Members other than us that count as alive."""
        now = self._clock()
        return [member for member, seen in self._others.values() if now - seen < LEASE]

    def is_alive(self, member_id: str) -> bool:
        """Whether a member counts as alive, ourselves included."""
        return member_id == self.id or any(other.id == member_id for other in self.others())

    def wanted(self) -> frozenset[int]:
        """Partitions that are ours by rendezvous hashing over all that are alive."""
        others = self.others()
        return frozenset(
            partition
            for partition in self._eligible
            if all(
                partition not in other.eligible
                or _weight(self.id, partition) > _weight(other.id, partition)
                for other in others
            )
        )

    def is_free(self, partition: int) -> bool:
        """Whether no other scheduler says that it holds a partition."""
        return all(partition not in other.held for other in self.others())

    async def join(self) -> None:
        """Learn who is there, and take a lease."""
        self._stop = await self._leases.watch(self._on_lease)
        await self._learn()
        await self.renew()

    async def renew(self) -> None:
        """Renew the lease, saying what we hold.

        After a gap others are looked up anew: what we did not hear in it says nothing about them.
        """
        began = self._clock()
        lapsed = began - self._renewed_at > FENCE
        me = SchedulerLease(
            self.id, self._host, os.getpid(), self._eligible, tuple(sorted(self.held))
        )
        await self._leases.put(SCHEDULERS + self.id, msgspec.json.encode(me))
        if lapsed:
            await self._learn()
            self.lapses += 1
        self._renewed_at = began

    async def keep(self) -> None:
        """Renew for ever."""
        while True:
            await asyncio.sleep(RENEW)
            try:
                await self.renew()
            except RunfoldError as error:
                log.warning("lease not renewed", reason=str(error), held=self.holds_lease)
            self._forget_gone()

    async def leave(self) -> None:
        """Give the lease up, so that others need not wait for it to run out."""
        if self._stop is not None:
            await self._stop()
        try:
            await self._leases.delete(SCHEDULERS + self.id)
        except RunfoldError as error:
            log.warning("lease not given up", reason=str(error))

    async def _learn(self) -> None:
        found: dict[str, tuple[SchedulerLease, float]] = {}
        for entry in (await self._leases.entries(SCHEDULERS)).values():
            member = _read(entry)
            if member is not None and member.id != self.id and not self._died_here(member):
                found[member.id] = (member, self._clock())
        self._others = found
        self._on_change()

    def _died_here(self, member: SchedulerLease) -> bool:
        """Whether a lease is of a process of this machine that is no more."""
        if member.host != self._host:
            return False
        try:
            os.kill(member.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False

    def _on_lease(self, key: str, value: bytes | None) -> None:
        member_id = key.removeprefix(SCHEDULERS)
        if not key.startswith(SCHEDULERS) or member_id == self.id:
            return
        before = self._others.get(member_id)
        member = None if value is None else _read(value)
        if member is None:
            if self._others.pop(member_id, None) is not None:
                self._on_change()
            return
        self._others[member_id] = (member, self._clock())
        if before is None or before[0].held != member.held:
            self._on_change()

    def _forget_gone(self) -> None:
        now = self._clock()
        gone = [one for one, (_, seen) in self._others.items() if now - seen >= LEASE]
        for member_id in gone:
            del self._others[member_id]
            log.info("scheduler gone", member=member_id)
        if gone:
            self._on_change()


def _read(value: bytes) -> SchedulerLease | None:
    try:
        return read_json(value, SchedulerLease)
    except Undecodable as error:
        log.warning("lease cannot be read", reason=str(error))
        return None


@functools.lru_cache(maxsize=4096)
def _weight(member_id: str, partition: int) -> bytes:
    return hashlib.blake2b(f"{member_id}:{partition}".encode(), digest_size=8).digest()


def ranges(partitions: Iterable[int]) -> str:
    """`{0,1,2,5}` as `0-2,5`, for people."""
    found: list[list[int]] = []
    for partition in sorted(partitions):
        if found and found[-1][1] == partition - 1:
            found[-1][1] = partition
        else:
            found.append([partition, partition])
    return ",".join(f"{first}-{last}" if first != last else f"{first}" for first, last in found)
