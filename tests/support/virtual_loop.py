"""An event loop whose clock jumps: waiting takes no time, and a seed picks who is next."""

from __future__ import annotations

import asyncio
import logging
import random
import selectors
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import pytest
import structlog

CHUNK = 25
"""Seeds of one test: far from its time limit, on a busy machine too."""


class Stuck(Exception):
    """Nothing is left that could ever happen."""


class _Selector(selectors.SelectSelector):
    """Instead of waiting for a timer, moves the clock to it."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise Stuck
        if timeout > 0:
            self.loop.now += timeout
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop on virtual time.

    Args:
        seed: Shuffles what is ready at the same time.
    """

    def __init__(self, seed: int) -> None:
        selector = _Selector()
        super().__init__(selector)
        selector.loop = self
        self.now = 1000.0
        self.chance = random.Random(seed)

    def time(self) -> float:
        return self.now

    def run_in_executor(  # type: ignore[override]
        self, _executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Work for a thread takes no time either: a thread knows nothing of this clock."""
        done: asyncio.Future[Any] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 -- it is raised where it is waited for
            done.set_exception(error)
        return done

    def _run_once(self) -> None:
        ready = self._ready  # type: ignore[attr-defined]
        if len(ready) > 1:
            waiting = list(ready)
            ready.clear()
            self.chance.shuffle(waiting)
            ready.extend(waiting)
        super()._run_once()  # type: ignore[misc]


def run(main: Coroutine[Any, Any, Any], seed: int) -> Any:
    """Run to completion on virtual time."""
    loop = VirtualLoop(seed)
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(main)
    finally:
        while left := asyncio.all_tasks(loop):
            for task in left:
                task.cancel()
            loop.run_until_complete(asyncio.wait(left, timeout=1))
        asyncio.set_event_loop(None)
        loop.close()


def seeds_in_chunks(count: int, by_default: int) -> list[Any]:
    """Parameters for so many seeds; those after `by_default` are left to `pytest -m slow`."""
    return [
        pytest.param(
            range(start, min(start + CHUNK, count)),
            id=str(start),
            marks=[pytest.mark.slow] if start >= by_default else [],
        )
        for start in range(0, count, CHUNK)
    ]


def run_seeds(simulate: Callable[[int], Coroutine[Any, Any, None]], seeds: Iterable[int]) -> None:
    """Run a simulation under each of some seeds, without its logs; a failure names its seed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        for seed in seeds:
            try:
                run(simulate(seed), seed)
            except BaseException as error:
                error.add_note(f"seed {seed}")
                raise
    finally:
        structlog.reset_defaults()
