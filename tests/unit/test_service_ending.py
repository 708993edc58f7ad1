"""Ending background tasks for certain, whatever becomes of who ends them."""

from __future__ import annotations

import asyncio

from runfold.service.ending import end
from runfold.service.tasks import print_tasks


class Stubborn:
    """A task that does not obey the first cancellations."""

    def __init__(self, times: int) -> None:
        self._left = times
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:
                if not self._left:
                    raise
                self._left -= 1


async def test_a_task_that_misses_a_cancellation_is_cancelled_again() -> None:
    stubborn = Stubborn(1)
    await asyncio.sleep(0)
    await end(stubborn.task)
    assert stubborn.task.cancelled()


async def test_who_is_cancelled_while_ending_others_ends_them_and_is_cancelled() -> None:
    stubborn = Stubborn(1)
    await asyncio.sleep(0)
    ending = asyncio.create_task(end(stubborn.task))
    await asyncio.sleep(0)
    ending.cancel()
    await asyncio.wait((ending,))
    assert ending.cancelled()
    assert stubborn.task.cancelled()


async def test_what_a_task_failed_with_is_no_matter() -> None:
    async def fails() -> None:
        raise ValueError

    failing = asyncio.create_task(fails())
    await end(failing)
    assert failing.done()


async def test_a_service_says_where_its_tasks_wait(capsys) -> None:
    async def a_step_inside() -> None:
        await asyncio.get_running_loop().create_future()

    task = asyncio.create_task(a_step_inside(), name="the-task")
    await asyncio.sleep(0)
    print_tasks()
    await end(task)
    said = capsys.readouterr().err
    assert "--- the-task" in said
    assert "a_step_inside" in said
