"""Messages that are delivered again: alone, after a note, and dead-lettered when it was left."""

from __future__ import annotations

import asyncio

import pytest

from runfold.bus.memory.bus import MemoryBus
from runfold.settings import Settings
from runfold_scheduler.requests.suspects import InOtherHands, Poison, Suspects


class Delivered:
    """A message in its nth delivery."""

    def __init__(self, deliveries: int) -> None:
        self.deliveries = deliveries

    async def ack(self) -> None: ...

    async def nak(self, delay: float = 0.0) -> None: ...

    async def keep(self) -> None: ...


def suspects(bus: MemoryBus, name: str, *alive: str) -> Suspects:
    return Suspects(bus.checkpoints, "REQUESTS", name, lambda member: member in alive)


async def die_with(one: Suspects, seq: int, deliveries: int) -> None:
    """Handle a message in a process that ends: the task is gone, and nothing is put right."""
    handling = one.handling(seq, Delivered(deliveries))
    await handling.__aenter__()


async def test_the_third_delivery_of_what_ended_its_handler_twice_is_the_last() -> None:
    bus = MemoryBus(Settings())
    await die_with(suspects(bus, "a"), 7, 1)
    await die_with(suspects(bus, "b"), 7, 2)
    with pytest.raises(Poison, match="delivery 3"):
        async with suspects(bus, "c").handling(7, Delivered(3)):
            pass
    assert await bus.checkpoints.entries("begun.") == {}


async def test_what_was_put_back_or_came_too_late_is_no_poison() -> None:
    bus = MemoryBus(Settings())
    for deliveries in range(1, 9):
        one = suspects(bus, f"s{deliveries}")
        async with one.handling(7, Delivered(deliveries)):
            pass
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    with pytest.raises(ZeroDivisionError):
        async with suspects(bus, "x").handling(7, Delivered(9)):
            _ = 1 / 0
    await asyncio.sleep(0)
    async with suspects(bus, "y").handling(7, Delivered(10)):
        pass


async def test_what_a_living_scheduler_has_in_hand_is_left_to_it() -> None:
    bus = MemoryBus(Settings())
    await die_with(suspects(bus, "slow"), 7, 2)
    with pytest.raises(InOtherHands):
        async with suspects(bus, "other", "slow").handling(7, Delivered(3)):
            pass
    # Delivered to itself once more, since it was slow.
    async with suspects(bus, "slow").handling(7, Delivered(3)):
        pass


async def test_messages_that_come_again_are_handled_one_at_a_time() -> None:
    bus = MemoryBus(Settings())
    one = suspects(bus, "a")
    inside: list[int] = []
    most = 0

    async def handle(seq: int, deliveries: int) -> None:
        nonlocal most
        async with one.handling(seq, Delivered(deliveries)):
            inside.append(seq)
            most = max(most, len(inside))
            await asyncio.sleep(0)
            inside.remove(seq)

    await asyncio.gather(*(handle(seq, 2) for seq in range(5)))
    assert most == 1
    await asyncio.gather(*(handle(seq, 1) for seq in range(5)))
    assert most == 5
