"""What an agent's round costs beside the two nodes it consists of: a model's answer and a call."""

from __future__ import annotations

import statistics
from typing import Any

from runfold.cli.bench.load import Load
from runfold.cli.outcome import say

ROUNDS = 20
RUNS = 10
TURNS = 3
PACED_ROUNDS = 4
PACED_RUNS = 3
_TOOL = {"name": "noop", "description": "Does nothing.", "parameters": {"type": "object"}}


def agent(rounds: int, interval: float | None) -> dict[str, Any]:
    """An agent that calls a tool that does nothing in each of so many rounds, and then answers."""
    config = {
        **_asking(_calls(rounds), interval),
        "max_rounds": rounds + 2,
        "tools": [{"type": "noop", **_TOOL}],
    }
    return {"id": "bench_agent", "nodes": [{"id": "agent", "type": "agent", "config": config}]}


def nodes(rounds: int, interval: float | None) -> dict[str, Any]:
    """The same asking and calling, as nodes one after the other: each asks what the round asks."""
    calls = _calls(rounds)
    chain: list[dict[str, Any]] = []
    for number in range(rounds + 1):
        asking = {**_asking(calls, interval), "transcript": _said(number), "tools": [_TOOL]}
        chain.append({"id": f"ask{number}", "type": "llm", "config": asking})
        if number < rounds:
            chain.append({"id": f"call{number}", "type": "noop"})
    return {"id": "bench_agent_nodes", "nodes": chain}


async def agent_overhead(load: Load) -> dict[str, Any]:
    """Milliseconds of a round, of its two nodes by themselves, and how much more the first is.

    Once with a model that answers at once, and once with one that writes at a usual pace.
    """
    say(f"an agent of {ROUNDS} rounds, and its nodes by themselves")
    round_ms, nodes_ms, more = await _compared(load, ROUNDS, RUNS, 0.0)
    paced_ms, paced_nodes_ms, paced_more = await _compared(load, PACED_ROUNDS, PACED_RUNS, None)
    return {
        "agent_round_ms": round_ms,
        "agent_round_nodes_ms": nodes_ms,
        "agent_overhead": more,
        "agent_paced_round_ms": paced_ms,
        "agent_paced_nodes_ms": paced_nodes_ms,
        "agent_paced_overhead": paced_more,
    }


async def _compared(
    load: Load, rounds: int, runs: int, interval: float | None
) -> tuple[float, float, float]:
    """Milliseconds of a round and of its nodes, and the share by which the first is more."""
    await load.store(agent(rounds, interval))
    await load.store(nodes(rounds, interval))
    turns = []
    for _ in range(TURNS):
        whole = await load.alone("bench_agent", runs)
        turns.append((whole / rounds, await load.alone("bench_agent_nodes", runs) / rounds))
    return (
        round(statistics.median(one for one, _ in turns), 2),
        round(statistics.median(one for _, one in turns), 2),
        round(statistics.median(a / b for a, b in turns) - 1, 2),
    )


def _asking(calls: list[Any], interval: float | None) -> dict[str, Any]:
    pace = {} if interval is None else {"interval": interval}
    return {
        "prompt": "Call.",
        "model": "demo",
        "extra": {"runfold_demo": {"calls": calls, "tokens": 10, **pace}},
    }


def _calls(rounds: int) -> list[Any]:
    return [[{"name": "noop", "arguments": {"n": number}}] for number in range(rounds)]


def _said(rounds: int) -> list[dict[str, Any]]:
    """What an agent's model is told of so many rounds."""
    messages: list[dict[str, Any]] = []
    for number in range(rounds):
        call_id = f"call_{number}_0"
        function = {"name": "noop", "arguments": f'{{"n":{number}}}'}
        call = {"id": call_id, "type": "function", "function": function}
        messages += [
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": call_id, "name": "noop", "content": "{}"},
        ]
    return messages
