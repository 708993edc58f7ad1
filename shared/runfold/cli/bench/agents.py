"""What an agent's round costs beside the two nodes it consists of: a model's answer and a call."""

from __future__ import annotations

import statistics
from typing import Any

from runfold.cli.bench.load import Load
from runfold.cli.outcome import say

ROUNDS = 20
RUNS = 10
TURNS = 3
_TOOL = {"name": "noop", "description": "Does nothing.", "parameters": {"type": "object"}}


def agent(rounds: int) -> dict[str, Any]:
    """An agent that calls a tool that does nothing in each of so many rounds, and then answers."""
    calls = [[{"name": "noop", "arguments": {"n": number}}] for number in range(rounds)]
    config = {
        **_asking(calls),
        "max_rounds": rounds + 2,
        "tools": [{"type": "noop", **_TOOL}],
    }
    return {"id": "bench_agent", "nodes": [{"id": "agent", "type": "agent", "config": config}]}


def nodes(rounds: int) -> dict[str, Any]:
    """The same asking and calling, as nodes one after the other."""
    asking = {**_asking([[{"name": "noop", "arguments": {}}]]), "transcript": [], "tools": [_TOOL]}
    answering = _asking([])
    chain: list[dict[str, Any]] = []
    for number in range(rounds):
        chain.append({"id": f"ask{number}", "type": "llm", "config": asking})
        chain.append({"id": f"call{number}", "type": "noop"})
    chain.append({"id": "answer", "type": "llm", "config": answering})
    return {"id": "bench_agent_nodes", "nodes": chain}


async def agent_overhead(load: Load) -> dict[str, Any]:
    """Milliseconds of a round, of its two nodes by themselves, and how much more the first is."""
    say(f"an agent of {ROUNDS} rounds, and its nodes by themselves")
    await load.store(agent(ROUNDS))
    await load.store(nodes(ROUNDS))
    turns = []
    for _ in range(TURNS):
        whole = await load.alone("bench_agent", RUNS)
        turns.append((whole / ROUNDS, await load.alone("bench_agent_nodes", RUNS) / ROUNDS))
    round_ms = statistics.median(one for one, _ in turns)
    nodes_ms = statistics.median(one for _, one in turns)
    return {
        "agent_round_ms": round(round_ms, 2),
        "agent_round_nodes_ms": round(nodes_ms, 2),
        "agent_overhead": round(statistics.median(a / b for a, b in turns) - 1, 2),
    }


def _asking(calls: list[Any]) -> dict[str, Any]:
    return {
        "prompt": "Call.",
        "model": "demo",
        "stream": False,
        "extra": {"runfold_demo": {"calls": calls, "tokens": 10}},
    }
