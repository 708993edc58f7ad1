"""A cluster of three: up at the first try, and no run lost with the servers that led the log."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.clustered import clustered


async def outlive_two_leaders(directory: Path, runs: int) -> None:
    """Ask for runs; kill the leader of EVENTS among them, and then the one that follows it."""
    async with clustered(directory) as here:
        await here.nats.whole()
        part = runs // 3
        asked = await here.ask(part)
        for kill in (1, 2):
            asking = asyncio.create_task(here.ask(part, first=kill * part))
            leader = await here.nats.leader_of("EVENTS")
            await here.nats.kill(leader)
            asked += await asking
            await here.nats.start(leader)
            assert await here.nats.leader_of("EVENTS")
        assert len(set(asked)) == 3 * part
        await here.assert_all_is_well(asked)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_every_service_starts_at_once_and_two_leaders_die(tmp_path: Path) -> None:
    await outlive_two_leaders(tmp_path, 60)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_machines_are_upgraded_and_replaced_one_after_the_other(tmp_path: Path) -> None:
    async with clustered(tmp_path) as here:
        asked = await here.ask(20)
        for number, name in enumerate(here.nats.names, 1):
            await here.nats.stop(name)
            if name == "nats-2":
                here.nats.wipe(name)
            await here.nats.start(name)
            await here.nats.whole()
            asked += await here.ask(20, first=20 * number)
        await here.assert_all_is_well(asked)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_no_run_of_six_hundred_is_lost_with_two_leaders(tmp_path: Path) -> None:
    await outlive_two_leaders(tmp_path, 600)
