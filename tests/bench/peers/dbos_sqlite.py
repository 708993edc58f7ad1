"""DBOS with its system database in an SQLite file.

Durability is the library's default: before a workflow runs, its row is committed; each step's
result is committed before the workflow goes on; the outcome is committed before the caller
gets it. DBOS leaves SQLite's settings alone but for a busy timeout and immediate
transactions, so a stock build journals by rollback (DELETE) with `synchronous=FULL`.

Each figure is that of the quickest way tried. SQLite has one writer at a time, so a pool of
two threads mostly beats DBOS's default of one thread a workflow. A fan-out is a hundred steps
whose bodies may overlap, each recorded. A hundred child workflows, started, record
several rows a part and took about five times as long, so they are not tried here.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from contextvars import Context, copy_context
from pathlib import Path

from dbos import DBOS, DBOSConfig, StepReservation

from tests.bench.peers import shapes
from tests.bench.peers.shapes import Figure

FEW = 2


@DBOS.step()
def add(total: int, number: int) -> int:
    """A task of the chain."""
    return total + number


@DBOS.step()
async def add_async(total: int, number: int) -> int:
    """A task of the chain."""
    return total + number


@DBOS.step()
def split(width: int) -> list[int]:
    """The one before the hundred."""
    return list(range(width))


@DBOS.step()
async def split_async(width: int) -> list[int]:
    """The one before the hundred."""
    return list(range(width))


def part(number: int) -> int:
    """One of the hundred, made a step by what runs it."""
    return number


@DBOS.step()
async def part_async(number: int) -> int:
    """One of the hundred."""
    return number


@DBOS.step()
def join(parts: list[int]) -> int:
    """The one after the hundred."""
    return sum(parts)


@DBOS.step()
async def join_async(parts: list[int]) -> int:
    """The one after the hundred."""
    return sum(parts)


@DBOS.workflow()
def chain(total: int) -> int:
    """Ten steps in a row."""
    for number in range(shapes.CHAIN_NODES):
        total = add(total, number)
    return total


@DBOS.workflow()
async def chain_async(total: int) -> int:
    """Ten steps in a row."""
    for number in range(shapes.CHAIN_NODES):
        total = await add_async(total, number)
    return total


@DBOS.workflow()
def fan_out(width: int) -> int:
    """One step, `width` at once in threads, one step."""
    # Reserved in order, so a replay finds each part under the same number.
    reserved = [(DBOS.reserve_step(), number) for number in split(width)]

    def run(context: Context, step: StepReservation, number: int) -> int:
        return context.run(lambda: step.run({"name": "part"}, part, number))

    with ThreadPoolExecutor(FEW) as threads:
        futures = [threads.submit(run, copy_context(), *each) for each in reserved]
        return join([future.result() for future in futures])


@DBOS.workflow()
async def fan_out_async(width: int) -> int:
    """One step, `width` at once on the event loop, one step."""
    numbers = await split_async(width)
    return await join_async(await asyncio.gather(*map(part_async, numbers)))


@contextmanager
def _launched(file: Path, threads: int | None) -> Iterator[None]:
    """DBOS on the database file; `None` threads are DBOS's default, as many as it likes."""
    config: DBOSConfig = {
        "name": "bench",
        "system_database_url": f"sqlite:///{file}",
        "log_level": "WARNING",
        "max_executor_threads": threads,
    }
    DBOS(config=config)
    DBOS.launch()
    try:
        yield
    finally:
        DBOS.destroy()


def _expect_recorded(file: Path) -> None:
    """Raise unless every workflow so far is done and left a row for each of its steps."""
    query = """
        SELECT w.name, w.status, count(o.function_id) FROM workflow_status w
        LEFT JOIN operation_outputs o USING (workflow_uuid) GROUP BY w.workflow_uuid
    """
    with closing(sqlite3.connect(file)) as connection:
        for name, status, steps in connection.execute(query):
            wanted = shapes.CHAIN_NODES if "chain" in name else shapes.FAN_WIDTH + 2
            shapes.expect((status, steps), ("SUCCESS", wanted))


def _one() -> None:
    shapes.expect(chain(0), shapes.CHAIN_SUM)


async def _one_async() -> None:
    shapes.expect(await chain_async(0), shapes.CHAIN_SUM)


def _crowd() -> None:
    for handle in [DBOS.start_workflow(chain, 0) for _ in range(shapes.RUNS_AT_ONCE)]:
        shapes.expect(handle.get_result(), shapes.CHAIN_SUM)


async def _crowd_async() -> None:
    await asyncio.gather(*(_one_async() for _ in range(shapes.RUNS_AT_ONCE)))


def _spread() -> None:
    shapes.expect(fan_out(shapes.FAN_WIDTH), shapes.FAN_SUM)


async def _spread_async() -> None:
    shapes.expect(await fan_out_async(shapes.FAN_WIDTH), shapes.FAN_SUM)


def measure(runs: int) -> shapes.Figures:
    """The three figures, each that of the quickest way."""
    chains: list[Figure] = []
    crowds: list[Figure] = []
    fans: list[Figure] = []
    spreads = shapes.fan_out_runs(runs)
    with tempfile.TemporaryDirectory() as folder:
        for threads in (None, FEW):
            file = Path(folder, f"{threads}.db")
            pool = f"{threads or 'default'} threads"
            with _launched(file, threads):
                chains.append(Figure(shapes.p50(_one, runs), "sync"))
                crowds.append(Figure(shapes.p50(_crowd, shapes.ROUNDS), f"sync, {pool}"))
                fans.append(Figure(shapes.p50(_spread, spreads), f"reserved steps, {FEW} threads"))
                chains.append(Figure(asyncio.run(shapes.p50_async(_one_async, runs)), "async"))
                ms = asyncio.run(shapes.p50_async(_crowd_async, shapes.ROUNDS))
                crowds.append(Figure(ms, f"async, {pool}"))
                ms = asyncio.run(shapes.p50_async(_spread_async, spreads))
                fans.append(Figure(ms, f"gathered, {pool}"))
            _expect_recorded(file)
    return shapes.quickest(chains, crowds, fans)


if __name__ == "__main__":
    shapes.run_alone(measure)
