"""LangGraph with its SQLite checkpointers, on a database file.

Durability is the library's default: `durability="async"`, which writes a step's checkpoint
while the next step runs and waits for all of them before a run returns. The checkpointers
set `journal_mode=WAL` and leave SQLite's `synchronous` alone, which is FULL in a stock build.
Both savers put every run through one connection under one lock.

Each figure is that of the quickest way tried: threads or asyncio, how many threads work
through a crowd, and a fan-out by `Send` or by a hundred named nodes.
"""

from __future__ import annotations

import asyncio
import itertools
import operator
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Send

from tests.bench.peers import shapes
from tests.bench.peers.shapes import Figure

Graph: TypeAlias = CompiledStateGraph[Any, Any, Any, Any]
Saver: TypeAlias = BaseCheckpointSaver[str]

THREADS = (2, 8, shapes.RUNS_AT_ONCE)
_threads_of_runs = itertools.count()


class State(TypedDict, total=False):
    """What the nodes hand on."""

    number: int
    total: int
    parts: Annotated[list[int], operator.add]


def _node(work: Callable[[State], State], *, awaited: bool) -> Any:
    """The work as a node of the sync or of the async graph."""

    async def node(state: State) -> State:
        return work(state)

    return node if awaited else work


def _chain(saver: Saver, *, awaited: bool) -> Graph:
    """Ten nodes in a row, each of which adds its number."""
    builder = StateGraph(State)
    last = START
    for number in range(shapes.CHAIN_NODES):

        def add(state: State, number: int = number) -> State:
            return {"total": state["total"] + number}

        builder.add_node(f"add{number}", _node(add, awaited=awaited))
        builder.add_edge(last, f"add{number}")
        last = f"add{number}"
    builder.add_edge(last, END)
    return builder.compile(checkpointer=saver)


def _fan_out(saver: Saver, *, awaited: bool, send: bool) -> Graph:
    """One node, a hundred at once, and one that adds up what they gave."""
    builder = StateGraph(State)
    numbers = range(shapes.FAN_WIDTH)

    def part(number: int) -> Callable[[State], State]:
        return lambda _: {"parts": [number]}

    builder.add_node("split", _node(lambda _: {"total": 0}, awaited=awaited))
    builder.add_node("join", _node(lambda state: {"total": sum(state["parts"])}, awaited=awaited))
    builder.add_edge(START, "split")
    if send:
        builder.add_node("part", _node(lambda one: {"parts": [one["number"]]}, awaited=awaited))
        builder.add_conditional_edges(
            "split", lambda _: [Send("part", {"number": number}) for number in numbers], ["part"]
        )
        builder.add_edge("part", "join")
    else:
        names = [f"part{number}" for number in numbers]
        for number, name in zip(numbers, names, strict=True):
            builder.add_node(name, _node(part(number), awaited=awaited))
            builder.add_edge("split", name)
        builder.add_edge(names, "join")
    builder.add_edge("join", END)
    return builder.compile(checkpointer=saver)


def _config() -> RunnableConfig:
    """The configuration of a run of its own."""
    return {"configurable": {"thread_id": str(next(_threads_of_runs))}}


def _expect_recorded(file: Path, tasks: int) -> None:
    """Raise unless every task of every run so far left its result in the database."""
    query = "SELECT count(DISTINCT task_id) FROM writes GROUP BY thread_id"
    with closing(sqlite3.connect(file)) as connection:
        fewest = min(row[0] for row in connection.execute(query))
    shapes.expect(fewest >= tasks, wanted=True)


def _by_threads(folder: Path, runs: int) -> list[list[Figure]]:
    """Chains, crowds and fan-outs with the sync saver."""
    with SqliteSaver.from_conn_string(str(folder / "chain.db")) as saver:
        chain = _chain(saver, awaited=False)

        def one() -> None:
            shapes.expect(chain.invoke({"total": 0}, _config())["total"], shapes.CHAIN_SUM)

        def crowd(threads: int) -> None:
            configs = [_config() | {"max_concurrency": threads} for _ in range(shapes.RUNS_AT_ONCE)]
            for state in chain.batch([{"total": 0}] * shapes.RUNS_AT_ONCE, configs):
                shapes.expect(state["total"], shapes.CHAIN_SUM)

        chains = [Figure(shapes.p50(one, runs), "invoke")]
        crowds = [
            Figure(shapes.p50(partial(crowd, n), shapes.ROUNDS), f"batch, {n} threads")
            for n in THREADS
        ]
    _expect_recorded(folder / "chain.db", shapes.CHAIN_NODES)
    fans = []
    for send in (True, False):
        file = folder / f"fan{send:d}.db"
        with SqliteSaver.from_conn_string(str(file)) as saver:
            fan = _fan_out(saver, awaited=False, send=send)

            def spread(fan: Graph = fan) -> None:
                state = fan.invoke({"parts": []}, _config())
                shapes.expect(state["total"], shapes.FAN_SUM)

            ms = shapes.p50(spread, shapes.fan_out_runs(runs))
        _expect_recorded(file, shapes.FAN_WIDTH + 2)
        fans.append(Figure(ms, "invoke, Send" if send else "invoke, 100 nodes"))
    return [chains, crowds, fans]


async def _by_asyncio(folder: Path, runs: int) -> list[list[Figure]]:
    """Chains, crowds and fan-outs with the async saver."""
    async with AsyncSqliteSaver.from_conn_string(str(folder / "achain.db")) as saver:
        chain = _chain(saver, awaited=True)

        async def one() -> None:
            shapes.expect((await chain.ainvoke({"total": 0}, _config()))["total"], shapes.CHAIN_SUM)

        async def crowd() -> None:
            await asyncio.gather(*(one() for _ in range(shapes.RUNS_AT_ONCE)))

        chains = [Figure(await shapes.p50_async(one, runs), "ainvoke")]
        crowds = [Figure(await shapes.p50_async(crowd, shapes.ROUNDS), "ainvoke, gathered")]
    _expect_recorded(folder / "achain.db", shapes.CHAIN_NODES)
    fans = []
    for send in (True, False):
        file = folder / f"afan{send:d}.db"
        async with AsyncSqliteSaver.from_conn_string(str(file)) as saver:
            fan = _fan_out(saver, awaited=True, send=send)

            async def spread(fan: Graph = fan) -> None:
                state = await fan.ainvoke({"parts": []}, _config())
                shapes.expect(state["total"], shapes.FAN_SUM)

            ms = await shapes.p50_async(spread, shapes.fan_out_runs(runs))
        _expect_recorded(file, shapes.FAN_WIDTH + 2)
        fans.append(Figure(ms, "ainvoke, Send" if send else "ainvoke, 100 nodes"))
    return [chains, crowds, fans]


def measure(runs: int) -> shapes.Figures:
    """The three figures, each that of the quickest way."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        by_threads = _by_threads(folder, runs)
        by_asyncio = asyncio.run(_by_asyncio(folder, runs))
    chains, crowds, fans = (a + b for a, b in zip(by_threads, by_asyncio, strict=True))
    return shapes.quickest(chains, crowds, fans)


if __name__ == "__main__":
    shapes.run_alone(measure)
