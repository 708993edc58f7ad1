"""Background tasks: waited for, and ended for certain."""

from __future__ import annotations

import asyncio

import pytest

from runfold.background import Background, all_ended, end, unless, until
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


async def idle() -> None:
    await asyncio.get_running_loop().create_future()


async def failing() -> None:
    raise ValueError("broken")


async def test_an_event_is_waited_for_while_tasks_go_on() -> None:
    event, task = asyncio.Event(), asyncio.create_task(idle())
    waiting = asyncio.create_task(until(event, task))
    await asyncio.sleep(0)
    assert not waiting.done()
    event.set()
    assert await waiting
    assert not task.done()
    await end(task)


async def test_waiting_for_an_event_raises_what_a_task_failed_with() -> None:
    event, task = asyncio.Event(), asyncio.create_task(idle())
    with pytest.raises(ValueError, match="broken"):
        await until(event, task, asyncio.create_task(failing()))
    assert not task.done()
    await end(task)


async def test_a_task_that_ends_ends_the_waiting_without_the_event() -> None:
    ended, cancelled = asyncio.create_task(asyncio.sleep(0)), asyncio.create_task(idle())
    assert not await until(asyncio.Event(), ended)
    await end(cancelled)
    assert not await until(asyncio.Event(), cancelled)


async def test_an_event_is_waited_for_no_longer_than_wanted() -> None:
    assert not await until(asyncio.Event(), timeout=0)


async def test_an_event_that_came_counts_before_a_failure() -> None:
    event, task = asyncio.Event(), asyncio.create_task(failing())
    await asyncio.wait((task,))
    event.set()
    assert await until(event, task)


async def test_nothing_is_left_of_a_waiting_that_is_cancelled() -> None:
    waiting = asyncio.create_task(until(asyncio.Event()))
    await asyncio.sleep(0)
    await end(waiting)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_work_is_done_unless_the_event_comes() -> None:
    async def answer() -> int:
        return 42

    assert await unless(asyncio.Event(), answer()) == 42


async def test_work_is_ended_when_the_event_comes() -> None:
    event, work = asyncio.Event(), asyncio.create_task(idle())
    waiting = asyncio.create_task(unless(event, work))
    await asyncio.sleep(0)
    event.set()
    assert await waiting is None
    assert work.cancelled()


async def test_work_that_fails_says_so() -> None:
    with pytest.raises(ValueError, match="broken"):
        await unless(asyncio.Event(), failing())


async def test_work_ends_with_who_waits_for_it() -> None:
    work = asyncio.create_task(idle())
    waiting = asyncio.create_task(unless(asyncio.Event(), work))
    await asyncio.sleep(0)
    await end(waiting)
    assert waiting.cancelled()
    assert work.cancelled()


async def test_all_have_ended_when_the_last_has() -> None:
    first, second = asyncio.create_task(asyncio.sleep(0)), asyncio.create_task(idle())
    waiting = asyncio.create_task(all_ended(first, second))
    await first
    await asyncio.sleep(0)
    assert not waiting.done()
    await end(second)
    await waiting
    await all_ended()


async def test_the_first_failure_of_all_is_raised_at_once() -> None:
    task = asyncio.create_task(idle())
    with pytest.raises(ValueError, match="broken"):
        await all_ended(task, asyncio.create_task(failing()))
    assert not task.done()
    await end(task)


async def test_background_work_is_finished_or_ended() -> None:
    background, done = Background(), asyncio.Event()
    await background.finish()

    async def work() -> None:
        await done.wait()

    background.start(work())
    finishing = asyncio.create_task(background.finish())
    await asyncio.sleep(0)
    assert not finishing.done()
    done.set()
    await finishing
    background.start(idle())
    await background.end()
    assert asyncio.all_tasks() == {asyncio.current_task()}
