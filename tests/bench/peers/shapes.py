"""What every peer is asked to do, how it is timed, and how a figure is written down."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

CHAIN_NODES = 10
CHAIN_SUM = sum(range(CHAIN_NODES))
FAN_WIDTH = 100
FAN_SUM = sum(range(FAN_WIDTH))
RUNS_AT_ONCE = 50
WARM_UPS = 3
ROUNDS = 3
DEFAULT_RUNS = 30
UNITS = {"chain": "ms", "parallel": "nodes/s", "fan_out": "ms"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number and the way of using the library that gave it."""

    value: float
    how: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The three figures of a peer: p50 ms, task nodes per second, p50 ms."""

    chain: Figure
    parallel: Figure
    fan_out: Figure


def expect(got: object, wanted: object) -> None:
    """Raise if a run ended with anything but what it had to.

    Args:
        got: What the run gave.
        wanted: What it had to give.

    Raises:
        RuntimeError: They differ, so the time taken measures nothing.
    """
    if got != wanted:
        raise RuntimeError(f"a run gave {got!r}, not {wanted!r}")


def fan_out_runs(runs: int) -> int:
    """How many times a fan-out runs when a chain runs `runs` times: 10 for the default 30."""
    return max(3, runs // 3)


def p50(run: Callable[[], None], runs: int) -> float:
    """The median time of one run, one at a time, after some unmeasured ones, in ms."""
    for _ in range(WARM_UPS):
        run()
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        run()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1e3


async def p50_async(run: Callable[[], Awaitable[None]], runs: int) -> float:
    """`p50` of runs that are awaited."""
    for _ in range(WARM_UPS):
        await run()
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        await run()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1e3


def quickest(chains: list[Figure], crowds: list[Figure], fans: list[Figure]) -> Figures:
    """What is reported of the ways tried: the quickest, a crowd's time turned into a rate."""
    chain, crowd, fan_out = (
        min(ways, key=lambda way: way.value) for ways in (chains, crowds, fans)
    )
    rate = RUNS_AT_ONCE * CHAIN_NODES / crowd.value * 1e3
    return Figures(chain, Figure(rate, crowd.how), fan_out)


def run_alone(measure: Callable[[int], Figures]) -> None:
    """Measure one peer in this process and print its figures as one line of JSON.

    Args:
        measure: The peer's measurement, given how many chains to run one at a time.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=DEFAULT_RUNS)
    print(json.dumps(asdict(measure(parser.parse_args().runs))))
