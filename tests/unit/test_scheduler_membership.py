"""Leases: who owns what, who is gone, and when we stop by ourselves."""

from __future__ import annotations

from runfold.bus.memory.stores import MemoryKeyValue
from runfold.errors import BusUnavailable
from runfold.ids import PARTITIONS
from runfold_scheduler.ownership.leases import FENCE, LEASE, Membership

ALL = frozenset(range(PARTITIONS))


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Breaking(MemoryKeyValue):
    broken = False

    async def put(self, key: str, value: bytes) -> int:
        if self.broken:
            raise BusUnavailable("away")
        return await super().put(key, value)


async def members(count: int, bucket: MemoryKeyValue, clock: Clock) -> list[Membership]:
    made = [Membership(bucket, ALL, lambda: None, clock) for _ in range(count)]
    for member in made:
        await member.join()
    return made


async def test_alone_everything_is_ours() -> None:
    (alone,) = await members(1, MemoryKeyValue(), Clock())
    assert alone.wanted() == ALL
    assert alone.holds_lease
    assert all(alone.is_free(partition) for partition in ALL)


async def test_every_partition_is_wanted_by_one() -> None:
    three = await members(3, MemoryKeyValue(), Clock())
    shares = [member.wanted() for member in three]
    assert frozenset().union(*shares) == ALL
    assert sum(len(share) for share in shares) == PARTITIONS
    assert all(len(share) > PARTITIONS / 8 for share in shares)


async def test_who_goes_gives_its_share_to_the_others_and_nothing_else_moves() -> None:
    three = await members(3, MemoryKeyValue(), Clock())
    before = [member.wanted() for member in three]
    await three[2].leave()
    assert three[0].wanted() >= before[0]
    assert three[1].wanted() >= before[1]
    assert three[0].wanted() | three[1].wanted() == ALL


async def test_silence_for_a_lease_is_death() -> None:
    clock = Clock()
    first, second = await members(2, MemoryKeyValue(), clock)
    second.held = second.wanted()
    await second.renew()
    taken = next(iter(second.held))
    assert not first.is_free(taken)
    clock.now += FENCE - 0.1
    await first.renew()
    clock.now += LEASE - FENCE
    assert first.wanted() != ALL
    clock.now += 0.2
    assert first.wanted() == ALL
    assert first.is_free(taken)


async def test_without_renewal_we_stop_before_others_take_over() -> None:
    clock, bucket = Clock(), Breaking()
    first, second = await members(2, bucket, clock)
    bucket.broken = True
    clock.now += FENCE - 0.1
    assert first.holds_lease
    clock.now += 0.1
    assert not first.holds_lease
    assert [other.id for other in second.others()] == [first.id]
    bucket.broken = False
    await first.renew()
    assert first.holds_lease


async def test_a_member_owns_only_what_it_may() -> None:
    bucket, clock = MemoryKeyValue(), Clock()
    low, high = frozenset(range(32)), frozenset(range(32, 64))
    made = [Membership(bucket, share, lambda: None, clock) for share in (low, high)]
    for member in made:
        await member.join()
    assert [member.wanted() for member in made] == [low, high]


async def test_changes_of_others_are_told() -> None:
    bucket, clock = MemoryKeyValue(), Clock()
    told: list[None] = []
    first = Membership(bucket, ALL, lambda: told.append(None), clock)
    await first.join()
    told.clear()
    second = Membership(bucket, ALL, lambda: None, clock)
    await second.join()
    assert len(told) == 1
    await second.renew()
    assert len(told) == 1
    second.held = frozenset({1})
    await second.renew()
    await second.leave()
    assert len(told) == 3
