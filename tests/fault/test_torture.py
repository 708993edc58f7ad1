"""`runfold torture` itself: a few seconds of it, and that its checker finds what is wrong."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import msgspec
import pytest

from runfold.cli.torture.checker import Checker
from runfold.cli.torture.load import Expected
from tests.support.faults import chain, faulty

RIGHT = Expected(outputs={"output": 1})


@pytest.mark.slow
@pytest.mark.timeout(150)
async def test_a_few_seconds_of_it() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "runfold", "torture"),
        *("--minutes", "0.15", "--seed", "7", "--at-once", "10", "--json"),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    report = json.loads(out)
    assert report["violations"] == []
    assert process.returncode == 0
    assert report["runs_accepted"] > 10
    assert report["torments"]


async def test_the_checker_finds_what_is_wrong(tmp_path: Path) -> None:
    async with faulty(tmp_path, RUNFOLD_RETENTION="0.1") as here:
        run_id, stuck = *(await here.start(chain(2))), "never"
        await here.ended(run_id)

        async def found(expected: Expected, which: str = run_id) -> list[str]:
            checker = Checker(here.bus, here.cluster.journal)
            return [one.what for one in await checker.check(which, expected)]

        assert await found(RIGHT) == []
        assert await found(RIGHT, stuck) == ["accepted, but its log is empty"]
        (what,) = await found(Expected(outputs={"output": 2}))
        assert "has outputs {'output': 1}, expected {'output': 2}" in what
        (what,) = await found(Expected(("cancelled",), {"output": 1}))
        assert "ended succeeded, expected cancelled" in what

        line = here.calls()[0]
        again = msgspec.structs.replace(line, key="another")
        with here.cluster.journal.open("ab") as journal:
            journal.write(msgspec.json.encode(again) + b"\n")
        (what,) = await found(RIGHT)
        assert what == f"attempt {line.address}#1 had 2 idempotency keys"

        checker = Checker(here.bus, here.cluster.journal)
        await checker.check(run_id, RIGHT)
        assert [one.what for one in await checker.check_archive(0.3)] == ["is not archived"]
        await here.cluster.start("archiver", "archiver")
        assert await checker.check_archive(20) == []
        await here.cluster.processes["projection"].kill()
        *_, what = await found(RIGHT)
        assert what.startswith("no projection")
