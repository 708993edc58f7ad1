"""The parts that share a protection's state: clock, boards, and a bus that does not answer."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import msgspec

from runfold.bus.memory.bus import MemoryBus
from runfold.contracts.protection import Breaker, Cache, Protection, RateLimit
from runfold.contracts.tasks import Hold, Task
from runfold.errors import BusUnavailable, Failure
from runfold.executor.node import Outcome
from runfold.executor.protection import limits
from runfold.executor.protection.board import Board, Boards
from runfold.executor.protection.call import Came
from runfold.executor.protection.clock import DRIFT, LogClock
from runfold.executor.protection.guard import Guard
from runfold.executor.protection.keys import Keys, keys_of
from runfold.executor.redaction import Redaction
from runfold.executor.roots import Roots, Secrets
from runfold.settings import Settings
from tests.support.executor_nodes import NODE
from tests.support.virtual_loop import run

SETTINGS = Settings()


def task(protection: Protection, **fields: Any) -> Task:
    given = {"run_id": "r", "workflow_id": "w", "node_id": "n", "node_type": "probe"}
    return Task(**{**given, "protection": protection, **fields})


async def done() -> Came:
    return Outcome({"output": 1})


def test_the_clock_is_as_exact_as_its_quickest_answer() -> None:
    async def main() -> None:
        chance = random.Random(7)
        host, ahead = 0.0, 500.0

        async def ask() -> float:
            nonlocal host
            host += chance.choice([0.001, 0.3])
            told = host + ahead
            host += chance.choice([0.001, 0.3])
            return told

        clock = LogClock(ask, lambda: host)
        for _ in range(200):
            assert abs(await clock.now() - (host + ahead)) <= 0.151
            host += 7
        best = LogClock(ask, lambda: host)
        for _ in range(60):
            await best.now()
            host += 21
        assert abs(await best.now() - (host + ahead)) < 60 * 21 * DRIFT

    run(main(), 1)


def test_all_that_is_asked_at_once_costs_few_writes() -> None:
    limit = RateLimit(1000)

    async def main() -> None:
        bus = MemoryBus(SETTINGS)
        clock = LogClock(bus.events.now)
        boards = [Boards(bus.protection, clock).on("limit.a", limits.empty(limit)) for _ in "abcd"]
        turns = await asyncio.gather(
            *(
                board.change(lambda state, now: limits.take_turn(limit, state, now, 60))
                for board in boards
                for _ in range(50)
            )
        )
        assert all(turn.granted for turn in turns)
        entry = await bus.protection.get("limit.a")
        assert entry is not None
        assert entry[1] < 20

    run(main(), 1)


def test_no_board_ever_loses_a_change() -> None:
    async def main(seed: int) -> None:
        bus = MemoryBus(SETTINGS)
        clock = LogClock(bus.events.now)
        chance = random.Random(seed)
        update = bus.protection.update

        async def slow(key: str, value: bytes, revision: int) -> int:
            await asyncio.sleep(chance.random())
            if chance.random() < 0.2:
                raise BusUnavailable("no answer")
            return await update(key, value, revision)

        bus.protection.update = slow  # type: ignore[method-assign]
        boards = [Board(bus.protection, clock, "k", limits.Window()) for _ in range(3)]
        told = await asyncio.gather(
            *(
                board.change(lambda state, _: (limits.Window(0, state.count + 1), state.count))
                for board in boards
                for _ in range(8)
            ),
            return_exceptions=True,
        )
        counted = [answer for answer in told if isinstance(answer, int)]
        assert sorted(counted) == list(range(len(counted)))
        assert await Board(bus.protection, clock, "k", limits.Window()).change(
            lambda state, _: (state, state.count)
        ) == len(counted)

    for seed in range(20):
        run(main(seed), seed)


def test_a_node_is_never_run_unprotected_while_the_bus_is_away() -> None:
    every = Protection(
        cache=Cache(60), idempotency_key="k", breaker=Breaker(), rate_limit=RateLimit(5)
    )
    parts = [
        Protection(cache=Cache(60)),
        Protection(idempotency_key="k"),
        Protection(breaker=Breaker(fallback=1)),
        Protection(rate_limit=RateLimit(5)),
        Protection(concurrency=1),
        every,
    ]

    async def main(protection: Protection) -> None:
        bus = MemoryBus(SETTINGS)
        get = bus.protection.get

        async def away(key: str) -> Any:
            raise BusUnavailable(key)

        async def never() -> Came:
            raise AssertionError

        bus.protection.get = away  # type: ignore[method-assign]
        guard, asked = Guard(bus, SETTINGS, "g"), task(protection)
        held = await guard.run(asked, protection, None, NODE, never)
        assert held == Hold(0.0)
        bus.protection.get = get  # type: ignore[method-assign]
        assert await guard.run(asked, protection, held, NODE, done) == Outcome({"output": 1})

    for protection in parts:
        run(main(protection), 1)


def test_a_long_wait_is_held_back_and_keeps_its_turn() -> None:
    protection = Protection(rate_limit=RateLimit(1, per=10))

    async def main() -> None:
        loop = asyncio.get_running_loop()
        bus = MemoryBus(SETTINGS, clock=loop.time)
        guard = Guard(bus, SETTINGS, "g")
        guard._clock._host = loop.time
        assert isinstance(await guard.run(task(protection), protection, None, NODE, done), Outcome)
        held = await guard.run(task(protection, run_id="b"), protection, None, NODE, done)
        assert isinstance(held, Hold)
        early = await guard.early(held)
        assert 9 <= early <= 10
        await asyncio.sleep(early)
        assert await guard.early(held) <= 0
        came = await guard.run(task(protection, run_id="b"), protection, held, NODE, done)
        assert isinstance(came, Outcome)
        # Whoever comes long after its turn takes another: turns are not saved up.
        late = await guard.run(task(protection, run_id="c"), protection, None, NODE, done)
        assert isinstance(late, Hold)
        await asyncio.sleep(25)
        taken = [
            await guard.run(task(protection, run_id=which), protection, late, NODE, done)
            for which in "cd"
        ]
        assert [type(one) for one in taken] == [Outcome, Hold]

    run(main(), 1)


def test_a_key_that_cannot_be_rendered_fails_the_node() -> None:
    protection = Protection(rate_limit=RateLimit(1, key="{{nobody}}"))

    async def main() -> None:
        guard = Guard(MemoryBus(SETTINGS), SETTINGS, "g")
        failure = await guard.run(task(protection), protection, None, NODE, done)
        assert isinstance(failure, Failure)
        assert failure.code == "reference.missing"

    run(main(), 1)


def keys(protection: Protection, group: str = "g", **fields: Any) -> Keys:
    given = task(protection, **fields)
    roots = Roots(given, Secrets(SETTINGS, Redaction()))
    return asyncio.run(keys_of(given, protection, group, NODE.kind, roots))


def test_what_is_shared_with_whom() -> None:
    limit = Protection(rate_limit=RateLimit(5, key="{{user}}"), breaker=Breaker(key="api"))
    ann, bob = {"inputs": {"user": "ann"}}, {"inputs": {"user": "bob"}}
    mine = keys(limit, **ann)
    other_node = keys(limit, **ann, node_id="m", workflow_id="v")
    assert (mine.limit, mine.breaker) == (other_node.limit, other_node.breaker)
    assert keys(limit, **bob).limit != mine.limit
    assert keys(limit, "other", **ann).limit != mine.limit
    faster = msgspec.structs.replace(limit, rate_limit=RateLimit(6, key="{{user}}"))
    assert keys(faster, **ann).limit != mine.limit
    own = Protection(cache=Cache(1, key="k"), idempotency_key="k", breaker=Breaker(), concurrency=1)
    first, second = keys(own), keys(own, node_id="m")
    for name in ("cache", "once", "breaker", "slots"):
        assert getattr(first, name) != getattr(second, name)
        assert getattr(first, name) == getattr(keys(own, run_id="other"), name)


def test_the_default_cache_key_is_all_that_a_result_depends_on() -> None:
    by_work = Protection(cache=Cache(1))
    config = {"config": {"value": "{{x}}"}}
    one = keys(by_work, **config, inputs={"x": 1})
    assert one.cache == keys(by_work, **config, inputs={"x": 1}, node_id="m").cache
    assert one.cache != keys(by_work, **config, inputs={"x": 2}).cache
    assert one.cache != keys(by_work, **config, inputs={"x": 1}, workflow_id="v").cache
