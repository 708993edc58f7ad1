"""Branching and joining in the pure engine: selectors, joins and aggregates."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.contracts import events as e
from runfold.contracts.tasks import Task
from tests.support.engine_sim import Outcome, Script, Sim, succeed
from tests.unit.test_engine_composites import findings, ran, sim_of


def noop(node_id: str, **more: Any) -> dict[str, Any]:
    return {"id": node_id, "type": "noop", **more}


def joined(
    branches: int, *, script: Script = succeed, seed: int = 1, timeout: Any = None, **config: Any
) -> Sim:
    join = {"id": "join", "type": "join", "config": config}
    if timeout is not None:
        join["timeout"] = timeout
    nodes = [{"id": "start", "type": "start"}, join, noop("after")]
    edges = [{"source": "join", "target": "after"}]
    for i in range(branches):
        nodes += [noop(f"a{i}"), noop(f"b{i}")]
        edges += [
            {"source": "start", "target": f"a{i}"},
            {"source": f"a{i}", "target": f"b{i}"},
            {"source": f"b{i}", "target": "join"},
        ]
    return sim_of(nodes, edges, script=script, seed=seed)


def failing(*bad: str) -> Script:
    return lambda task: Outcome(
        ok=task.node_id not in bad, outputs={"output": task.node_id}, retryable=False
    )


@pytest.mark.parametrize(
    ("config", "least"),
    [
        ({}, 4),
        ({"mode": "any"}, 1),
        ({"mode": "n", "n": 3}, 3),
        ({"mode": "percentage", "percentage": 30}, 2),
        ({"mode": "percentage", "percentage": 100}, 4),
    ],
)
@pytest.mark.parametrize("seed", range(4))
def test_a_join_goes_on_when_enough_have_come(
    config: dict[str, Any], least: int, seed: int
) -> None:
    sim = joined(4, seed=seed, **config)
    state = ran(sim)
    assert state.status == "succeeded"
    arrived = state.nodes["join"].outputs["arrived"]
    assert len(arrived) >= least
    assert state.nodes["join"].outputs["output"] == {one: one for one in arrived}
    came = [
        record.event.node_id for record in sim.log if isinstance(record.event, e.NodeRunSucceeded)
    ]
    before = came[: came.index("join")]
    assert sum(node_id.startswith("b") for node_id in before) >= least


def test_too_few_branches_fail_the_join_and_say_which_are_missing() -> None:
    branches = [{"id": "p", "condition": {"left": "{{x}}", "operator": "not_null"}}]
    nodes = [
        {"id": "start", "type": "start"},
        *(
            {"id": name, "type": "selector", "config": {"branches": branches}}
            for name in ("which", "other")
        ),
        noop("a"),
        noop("b"),
        {"id": "join", "type": "join", "config": {}},
    ]
    edges = [
        {"source": "start", "target": "which"},
        {"source": "start", "target": "other"},
        {"source": "which", "target": "a", "port": "p"},
        {"source": "other", "target": "b", "port": "else"},
        {"source": "a", "target": "join"},
        {"source": "b", "target": "join"},
    ]
    state = ran(sim_of(nodes, edges, inputs={"x": 1}))
    assert state.error is not None
    assert state.error.code == "join.not_enough"
    assert state.error.details["missing"] == ["b"]
    assert "'join': 1 of the 2" in state.error.message


def test_errors_that_are_ignored_lose_their_branch_alone() -> None:
    state = ran(joined(3, script=failing("a1"), ignore_errors=True))
    assert state.status == "partial_succeeded"
    assert state.nodes["join"].outputs["arrived"] == ["b0", "b2"]
    assert state.nodes["b1"].status == "skipped"
    assert ran(joined(3, script=failing("a1"))).status == "failed"


def test_when_all_branches_are_lost_the_join_fails() -> None:
    state = ran(joined(2, script=failing("a0", "b1"), ignore_errors=True))
    assert state.error is not None
    assert state.error.code == "join.not_enough"


@pytest.mark.parametrize("seed", range(8))
def test_losers_are_cancelled_when_asked_and_their_results_do_not_count(seed: int) -> None:
    sim = joined(4, seed=seed, mode="any", cancel_losers=True)
    state = ran(sim)
    assert state.status == "succeeded"
    cancelled = [record.event for record in sim.log if isinstance(record.event, e.NodeRunCancelled)]
    assert {event.by for event in cancelled} <= {"join"}
    given_up = {at for at, node in state.nodes.items() if node.status == "cancelled"}
    # One may have ended after the decision to cancel it, and before that was in the log.
    assert given_up <= {event.node_id for event in cancelled}
    for at in given_up & {"a0", "a1", "a2", "a3"}:
        assert state.nodes[at.replace("a", "b")].status == "skipped"
    assert state.nodes["after"].status == "succeeded"


def test_a_cancelled_composite_takes_its_items_with_it() -> None:
    body = [{"id": "nap", "type": "wait", "config": {"duration": 500}}]
    nodes = [
        {"id": "start", "type": "start"},
        {"id": "slow", "type": "iteration", "config": {"items": [1, 2], "nodes": body}},
        noop("fast"),
        {"id": "join", "type": "join", "config": {"mode": "any", "cancel_losers": True}},
    ]
    edges = [
        {"source": "start", "target": "slow"},
        {"source": "start", "target": "fast"},
        {"source": "slow", "target": "join"},
        {"source": "fast", "target": "join"},
    ]
    state = ran(sim_of(nodes, edges))
    assert state.status == "succeeded"
    assert state.nodes["slow"].status == "cancelled"
    assert not any(at.startswith("slow[") for at in state.open)


def test_a_join_that_does_not_say_fails_when_its_time_is_up() -> None:
    """`on_timeout` is `fail` unless it is given, in any mode and whether branches may be lost."""
    nodes = [
        {"id": "start", "type": "start"},
        {"id": "slow", "type": "wait", "config": {"duration": 100}},
        noop("fast"),
        {"id": "join", "type": "join", "timeout": 10},
    ]
    edges = [
        {"source": "start", "target": "slow"},
        {"source": "start", "target": "fast"},
        {"source": "slow", "target": "join"},
        {"source": "fast", "target": "join"},
    ]
    for config in ({}, {"mode": "n", "n": 2}, {"ignore_errors": True}):
        nodes[-1] = {**nodes[-1], "config": config}
        state = ran(sim_of(nodes, edges))
        assert state.status == "failed"
        assert state.error is not None
        assert (state.error.code, state.error.kind) == ("join.not_enough", "timeout")
        assert state.error.details["missing"] == ["slow"]


def test_a_join_that_waits_too_long_fails_or_goes_on_with_what_came() -> None:
    def nodes(on_timeout: str) -> list[dict[str, Any]]:
        return [
            {"id": "start", "type": "start"},
            {"id": "slow", "type": "wait", "config": {"duration": 100}},
            noop("fast"),
            {
                "id": "join",
                "type": "join",
                "timeout": 10,
                "config": {"on_timeout": on_timeout, "cancel_losers": True},
            },
        ]

    edges = [
        {"source": "start", "target": "slow"},
        {"source": "start", "target": "fast"},
        {"source": "slow", "target": "join"},
        {"source": "fast", "target": "join"},
    ]
    state = ran(sim_of(nodes("fail"), edges))
    assert state.error is not None
    assert (state.error.code, state.error.kind) == ("join.not_enough", "timeout")
    state = ran(sim_of(nodes("continue"), edges))
    assert state.status == "succeeded"
    assert state.nodes["join"].outputs["timed_out"] is True
    assert state.nodes["slow"].status == "cancelled"


def aggregated(script: Script = succeed, **config: Any) -> dict[str, Any]:
    nodes = [
        {"id": "start", "type": "start"},
        *(noop(name, on_error="error_branch") for name in ("a", "b")),
        noop("rescue"),
        {"id": "one", "type": "aggregate", "config": config},
    ]
    edges = [
        {"source": "start", "target": "a"},
        {"source": "start", "target": "b"},
        {"source": "a", "target": "one"},
        {"source": "a", "target": "rescue", "port": "error"},
        {"source": "rescue", "target": "one"},
        {"source": "b", "target": "one"},
    ]
    state = ran(sim_of(nodes, edges, script=script))
    assert state.error is None, state.error
    return state.nodes["one"].outputs


ALL = ["{{rescue.output}}", "{{a.output}}", "{{b.output}}"]


def lists(task: Task) -> Outcome:
    return Outcome(outputs={"output": [task.node_id]})


def objects(task: Task) -> Outcome:
    return Outcome(outputs={"output": {task.node_id: 1, "by": task.node_id}})


def test_an_aggregate_is_the_first_there_is_or_all_or_them_merged() -> None:
    assert aggregated(values=ALL)["output"] == "a"
    assert aggregated(values=ALL, mode="collect")["output"] == ["a", "b"]
    assert aggregated(lists, values=ALL, mode="merge")["output"] == ["a", "b"]
    merged = aggregated(objects, values=ALL, mode="merge")["output"]
    assert merged == {"a": 1, "b": 1, "by": "b"}
    grouped = aggregated(groups={"left": ALL[:2], "right": ALL[2:], "none": ALL[:1]})
    assert grouped["output"] == {"left": "a", "right": "b", "none": None}


def mixed(task: Task) -> Outcome:
    return Outcome(outputs={"output": [1] if task.node_id == "a" else {"b": 1}})


def test_what_cannot_be_merged_fails_the_node() -> None:
    nodes = [
        noop("a"),
        noop("b"),
        {"id": "one", "type": "aggregate", "config": {"values": ALL[1:], "mode": "merge"}},
    ]
    edges = [{"source": "a", "target": "one"}, {"source": "b", "target": "one"}]
    state = ran(sim_of(nodes, edges, script=mixed))
    assert state.error is not None
    assert state.error.code == "aggregate.mixed"


# --- selectors ------------------------------------------------------------------------------------


def selected(branches: list[dict[str, Any]], *, run: int = 0, **config: Any) -> list[str]:
    ids = [one["id"] for one in branches] + ["else"]
    nodes = [
        {"id": "which", "type": "selector", "config": {"branches": branches, **config}},
        *(noop(f"to_{one}") for one in ids),
    ]
    edges = [{"source": "which", "target": f"to_{one}", "port": one} for one in ids]
    del run
    state = ran(sim_of(nodes, edges, inputs={"x": 5}))
    return [one for one in ids if state.nodes[f"to_{one}"].status == "succeeded"]


def over(least: int, branch_id: str, **more: Any) -> dict[str, Any]:
    condition = {"left": "{{x}}", "operator": ">", "right": least}
    return {"id": branch_id, "condition": condition, **more}


def test_the_first_branch_that_holds_is_taken_by_priority() -> None:
    assert selected([over(9, "p"), over(1, "q"), over(2, "r")]) == ["q"]
    assert selected([over(9, "p"), over(1, "q"), over(2, "r", priority=1)]) == ["r"]
    assert selected([over(9, "p")]) == ["else"]


def test_all_branches_that_hold_are_taken() -> None:
    branches = [over(9, "p"), over(1, "q"), over(2, "r")]
    assert selected(branches, strategy="all_match") == ["q", "r"]
    assert selected([over(9, "p")], strategy="all_match") == ["else"]


def test_a_branch_drawn_by_weight_holds_and_has_one() -> None:
    branches = [over(9, "p", weight=100), over(1, "q", weight=0), {"id": "r", "weight": 2}]
    assert selected(branches, strategy="weighted") == ["r"]


def test_branches_without_what_they_need_are_refused() -> None:
    def selector(**config: Any) -> list[str]:
        return findings([{"id": "which", "type": "selector", "config": config}])

    assert selector(branches=[{"id": "p"}]) == ["config.missing"]
    assert selector(branches=[over(1, "p", weight=2)]) == ["config.wrong_value"]
    assert selector(branches=[{"id": "p", "weight": -1}], strategy="weighted") == [
        "config.wrong_type"
    ]


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"mode": "n"}, "config.missing"),
        ({"mode": "n", "n": 0}, "config.wrong_type"),
        ({"mode": "percentage", "percentage": 101}, "config.wrong_type"),
        ({"n": 2}, "config.wrong_value"),
        ({"mode": "most"}, "config.wrong_type"),
    ],
)
def test_a_join_that_makes_no_sense_is_refused(config: dict[str, Any], code: str) -> None:
    nodes = [noop("a"), {"id": "join", "type": "join", "config": config}]
    assert findings(nodes) == [code]


def test_a_join_that_wants_more_branches_than_lead_to_it_is_refused() -> None:
    nodes = [noop("a"), {"id": "join", "type": "join", "config": {"mode": "n", "n": 2}}]
    assert findings(nodes) == ["join.too_many"]


def test_two_ports_of_one_selector_are_two_branches() -> None:
    branches = [over(1, "p"), over(2, "q")]
    nodes = [
        {
            "id": "which",
            "type": "selector",
            "config": {"branches": branches, "strategy": "all_match"},
        },
        {"id": "join", "type": "join", "config": {"mode": "n", "n": 2}},
    ]
    edges = [{"source": "which", "target": "join", "port": port} for port in ("p", "q")]
    assert ran(sim_of(nodes, edges, inputs={"x": 5})).status == "succeeded"


def test_a_failure_that_was_handled_is_no_lost_branch() -> None:
    never = {"left": "{{a.output}}", "operator": "equals", "right": "never"}
    nodes = [
        {**noop("a"), "on_error": {"strategy": "default_value", "value": "x"}},
        {"id": "which", "type": "condition", "config": {"condition": never}},
        {"id": "join", "type": "join", "config": {"ignore_errors": True}},
    ]
    edges = [
        {"source": "a", "target": "which"},
        {"source": "which", "target": "join", "port": "true"},
    ]
    state = ran(sim_of(nodes, edges, script=failing("a")))
    assert (state.status, state.nodes["join"].status) == ("partial_succeeded", "skipped")


def test_an_answer_says_nothing_of_branches_that_were_cancelled() -> None:
    nodes = [
        {"id": "start", "type": "start"},
        {"id": "slow", "type": "wait", "config": {"duration": 100}},
        noop("fast"),
        {"id": "join", "type": "join", "config": {"mode": "any", "cancel_losers": True}},
        {"id": "say", "type": "answer", "config": {"answer": "{{slow.output}}{{fast.output}}"}},
    ]
    edges = [
        {"source": "start", "target": "slow"},
        {"source": "start", "target": "fast"},
        {"source": "slow", "target": "join"},
        {"source": "fast", "target": "join"},
        {"source": "join", "target": "say"},
    ]
    assert ran(sim_of(nodes, edges)).nodes["say"].outputs["answer"] == "fast"
