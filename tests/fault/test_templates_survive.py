"""Every template goes through the death of its scheduler in the middle, and comes to the same.

All of them run at once on one nats-server. Executors hold each run at a place in its middle; when
all are there the scheduler is killed, what is held goes on without any scheduler, and another
scheduler takes over.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.cli.processes import Process, service
from runfold.engine.views.runs import RunView
from runfold.model_servers.demo.server import DemoModel
from runfold.service.shell import run_services
from runfold.settings import Settings
from tests.support.holding import Holding, HoldingBus
from tests.support.template_cases import CASES, Case, came_to
from tests.support.template_runs import ended, start

EXECUTORS = ("executor-text", "executor-code", "executor-llm")

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def survivors(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, RunView]]:
    """What each case came to, by its name."""
    directory: Path = tmp_path_factory.mktemp("survivors")
    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(DemoModel(interval=0))
        server = await stack.enter_async_context(EmbeddedNats(directory / "nats"))
        settings = Settings(
            nats_url=server.url,
            data_dir=directory,
            openai_base_url=model.base_url,
            openai_api_key="test",
        )
        bus = await connect(settings)
        stack.push_async_callback(bus.close)

        def scheduler(name: str) -> Process:
            return service("scheduler", server.url, RUNFOLD_DATA_DIR=str(directory / name))

        first, second = scheduler("first"), scheduler("second")
        stack.push_async_callback(first.kill)
        stack.push_async_callback(second.kill)
        shares: dict[str, int] = {}
        holding = Holding(shares.__getitem__)
        await stack.enter_async_context(
            run_services(HoldingBus(bus, holding), settings, EXECUTORS)  # type: ignore[arg-type]
        )
        runs = {case.name: await start(bus, case) for case in CASES}
        shares.update((runs[case.name], case.lets_through) for case in CASES)
        async with asyncio.TaskGroup() as group:
            ends = [
                group.create_task(ended(bus, runs[case.name], case, holding.until_released))
                for case in CASES
            ]
            await first.start()
            await holding.until_held(runs, 30)
            await first.kill()
            holding.release()
            await second.start()
        views = [end.result() for end in ends]
        yield dict(zip(runs, views, strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_it_comes_to_the_same(survivors: dict[str, RunView], case: Case) -> None:
    view = survivors[case.name]
    assert came_to(view) == case.expected, view.error
