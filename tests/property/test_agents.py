"""Agents against a naive one: any talk, any order of landing, schedulers lost anywhere."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from runfold.contracts import events as e
from runfold.contracts.tasks import Task
from runfold.engine.history.fold import Plans
from runfold.engine.history.forks import taken_over
from runfold.engine.history.snapshot import restored, snapshot
from runfold.graph.loader import canonical_bytes, prepare
from tests.property.test_snapshots import folded
from tests.support.agents import Talk, agent, agent_run, call, code_tool
from tests.support.engine_sim import Outcome, Sim, refold, trimmed

NAMES = ("add", "mul", "no_such_tool")
CALLS = st.builds(
    lambda name, a, wrong: call(name, a="text" if wrong else a),
    st.sampled_from(NAMES),
    st.integers(0, 1000),
    st.sampled_from([False, False, False, True]),
)
ROUNDS = st.lists(st.lists(CALLS, min_size=1, max_size=3), max_size=4)
FAILS = st.sets(st.integers(0, 1000), max_size=200)


def tools(fails: set[int]) -> Any:
    def run(task: Task, config: dict[str, Any]) -> Outcome:
        a = config["params"]["a"]
        return Outcome(ok=a not in fails, retryable=False, outputs={"output": a * 2})

    return run


def naive(rounds: list[list[dict[str, Any]]], fails: set[int]) -> list[str]:
    """What each call comes to, as a loop without any engine has it."""
    told = []
    for asked in rounds:
        for one in asked:
            a = one["arguments"]["a"]
            if one["name"] == "no_such_tool" or isinstance(a, str):
                told.append("bad")
            elif a in fails:
                told.append("failed")
            else:
                told.append(str(a * 2))
    return told


def came_to(outputs: dict[str, Any]) -> list[str]:
    found = []
    for one in outputs["tool_calls"]:
        if "error" in one:
            found.append("failed")
        else:
            found.append("bad" if one["output"].startswith("error: ") else one["output"])
    return found


def node_of() -> dict[str, Any]:
    return agent(code_tool("add"), code_tool("mul"), max_bad_calls=99, concurrency=2)


def sim_of(rounds: list[Any], fails: set[int], seed: int) -> Sim:
    return agent_run(node_of(), Talk([*rounds, "done"], tools(fails)), seed=seed)


@given(ROUNDS, FAILS, st.integers(0, 2**16), st.lists(st.integers(1, 12), max_size=4))
def test_a_talk_comes_to_what_a_loop_makes_of_it(
    rounds: list[Any], fails: set[int], seed: int, losses: list[int]
) -> None:
    sim = sim_of(_without_circles(rounds), fails, seed)
    for steps in losses:
        for _ in range(steps):
            if not sim.state.ended:
                sim.step()
        if not sim.state.ended:
            sim.replace_owner()
    state = sim.run()
    assert state.status == "succeeded", state.error
    outputs = state.nodes["helper"].outputs
    assert came_to(outputs) == naive(_without_circles(rounds), fails)
    assert refold(sim.plan, sim.log) == state
    # Each call that was run has one result that counts.
    ended = [
        record.event.scope
        for record in sim.log
        if isinstance(record.event, e.ToolCallSucceeded | e.ToolCallFailed)
    ]
    assert len(ended) == sum(one != "bad" for one in came_to(outputs))
    for whole, lean in trimmed(sim.plan, sim.log):
        assert lean.nodes.get("helper") == whole.nodes.get("helper")


@given(ROUNDS, FAILS, st.integers(0, 2**16), st.integers(0, 60))
def test_a_fork_at_any_event_ends_as_the_run_did(
    rounds: list[Any], fails: set[int], seed: int, at: int
) -> None:
    rounds = _without_circles(rounds)
    sim = sim_of(rounds, fails, seed)
    before = sim.run().nodes["helper"].outputs
    until = 1 + at % len(sim.log)
    kept = taken_over(sim.plan, sim.log[:until])
    fork = Sim(sim.plan, Talk([*rounds, "done"], tools(fails)), seed + 1, taken_over=kept)
    assert fork.run().nodes["helper"].outputs == before


@given(ROUNDS, FAILS, st.integers(0, 2**16), st.integers(0, 60))
def test_an_agent_restored_from_a_snapshot_goes_on_as_it_would_have(
    rounds: list[Any], fails: set[int], seed: int, at: int
) -> None:
    sim = sim_of(_without_circles(rounds), fails, seed)
    sim.run()
    workflow, _ = prepare({"id": "w", "nodes": [node_of()]})
    definition = canonical_bytes(workflow)
    taken = folded(sim, definition, 1 + at % len(sim.log))
    back = restored(snapshot(taken), Plans())
    assert back is not None
    assert back.state == taken.state
    for record in sim.log[1 + at % len(sim.log) :]:
        back.apply(record)
    assert back.state == folded(sim, definition, len(sim.log)).state


def _without_circles(rounds: list[Any]) -> list[Any]:
    """The rounds, none of which makes a call of the one before again."""
    return [
        [
            {**one, "id": f"{number}-{place}", "arguments": {**one["arguments"], "b": number}}
            for place, one in enumerate(asked)
        ]
        for number, asked in enumerate(rounds)
    ]
