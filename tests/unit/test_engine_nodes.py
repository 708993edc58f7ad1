"""Given a workflow and what landed, these events follow: one small story a rule."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from runfold.contracts import events as e
from runfold.engine.decide.effects import ArmTimer
from runfold.engine.decide.nodes import BY_STATUS
from runfold.engine.decide.runs import decide
from runfold.engine.state.nodes import NodeStatus
from runfold.engine.state.runs import RunState
from runfold.engine.views.runs import run_view
from runfold.graph.loader import prepare
from runfold.graph.plan.plan import compile_plan
from runfold.ids import review_token
from tests.support.engine_sim import RUN, Outcome, Sim, refold, succeed


def sim_of(nodes: list[dict], edges: list[tuple], *, script: Any = succeed, **more: Any) -> Sim:
    """A simulated run of a workflow written as an author would."""
    settings = more.pop("settings", {})
    document = {
        "id": "story",
        "nodes": nodes,
        "edges": [dict(zip(("source", "target", "port"), edge, strict=False)) for edge in edges],
        "settings": settings,
    }
    workflow, _ = prepare(document)
    return Sim(compile_plan(workflow), script, **more)


def types(sim: Sim) -> list[str]:
    return [type(record.event).__name__ for record in sim.log]


HUMAN = [{"id": "ask", "type": "human_review", "config": {"message": "Good?", "timeout": "10s"}}]


def asked(edges: list[tuple]) -> Sim:
    ends = [{"id": node_id, "type": "noop"} for node_id in sorted({edge[1] for edge in edges})]
    sim = sim_of([*HUMAN, *ends], edges)
    while not any(isinstance(record.event, e.NodeRunWaiting) for record in sim.log):
        assert sim.step()
    return sim


def answer(action: str, **fields: Any) -> e.InputReceived:
    return e.InputReceived(
        id=f"answer:{action}",
        run_id=RUN,
        workflow_id="story",
        node_id="ask",
        token=review_token(RUN, "ask", 1),
        action=action,
        **fields,
    )


def test_an_approval_takes_its_port_and_skips_the_others() -> None:
    sim = asked([("ask", "yes", "approved"), ("ask", "no", "rejected"), ("ask", "no", "timeout")])
    sim.land(answer("approved", feedback="nice"))
    state = sim.run()
    assert state.nodes["yes"].status == "succeeded"
    assert state.nodes["no"].status == "skipped"
    assert state.nodes["ask"].outputs["feedback"] == "nice"


def test_only_the_first_answer_counts() -> None:
    sim = asked([("ask", "yes", "approved"), ("ask", "no", "rejected"), ("ask", "no", "timeout")])
    sim.land(answer("rejected"))
    sim.land(answer("approved"))
    assert sim.run().nodes["ask"].port == "rejected"


def test_nobody_answers_in_time() -> None:
    sim = asked([("ask", "yes", "approved"), ("ask", "no", "timeout")])
    state = sim.run()
    assert state.nodes["ask"].port == "timeout"
    waited = next(r for r in sim.log if isinstance(r.event, e.NodeRunWaiting))
    assert waited.event.due is not None
    assert sim.time >= waited.event.due


def test_a_rejection_without_an_edge_fails_the_run_and_says_why() -> None:
    sim = asked([("ask", "yes", "approved")])
    sim.land(answer("rejected", feedback="too long"))
    state = sim.run()
    assert state.status == "failed"
    assert state.error is not None
    assert state.error.code == "human.rejected"
    assert "too long" in state.error.message


def test_a_wrong_token_changes_nothing() -> None:
    sim = asked([("ask", "yes", "approved")])
    before = sim.state
    sim.land(
        e.InputReceived(
            id="x", run_id=RUN, workflow_id="story", node_id="ask", token="nope", action="approved"
        )
    )
    assert sim.state == before


def test_a_wait_ends_at_its_time() -> None:
    sim = sim_of([{"id": "pause", "type": "wait", "config": {"duration": "30s"}}], [])
    assert sim.run().status == "succeeded"
    assert sim.time >= 1030.0


def test_retries_back_off_and_are_recorded_with_their_due_times() -> None:
    def third_time(task: Any) -> Outcome:
        return Outcome(ok=task.attempt == 3, outputs={"output": task.attempt})

    retry = {"max_attempts": 3, "delay": "2s", "backoff": 2}
    sim = sim_of([{"id": "work", "type": "noop", "retry": retry}], [], script=third_time)
    state = sim.run()
    assert state.status == "succeeded"
    assert state.nodes["work"].outputs == {"output": 3}
    retries = [r.event for r in sim.log if isinstance(r.event, e.NodeRunRetry)]
    assert [(retry.attempt, retry.delay) for retry in retries] == [(2, 2.0), (3, 4.0)]


def test_what_is_not_retryable_is_not_retried() -> None:
    def broken(_task: Any) -> Outcome:
        return Outcome(ok=False, retryable=False)

    sim = sim_of([{"id": "w", "type": "noop", "retry": {"max_attempts": 3}}], [], script=broken)
    assert sim.run().status == "failed"
    assert "NodeRunRetry" not in types(sim)


def test_a_hung_attempt_is_cut_off_by_its_timer() -> None:
    sim = sim_of([{"id": "slow", "type": "noop", "timeout": "5s"}], [])
    sim.land(sim.results[0].pop(0))
    sim.results.clear()
    state = sim.run()
    assert state.error is not None
    assert state.error.code == "node.timeout"


def test_a_late_result_after_the_timeout_is_ignored() -> None:
    sim = sim_of([{"id": "slow", "type": "noop", "timeout": "5s"}], [])
    late = sim.results.pop()
    sim.land(late.pop(0))
    sim.run()
    ended = sim.state
    sim.land(late.pop(0))
    assert sim.state == ended


def test_the_run_has_a_deadline() -> None:
    nodes = [{"id": "pause", "type": "wait", "config": {"duration": "1h"}}]
    sim = sim_of(nodes, [], settings={"timeout": "1m"})
    state = sim.run()
    assert state.error is not None
    assert state.error.code == "run.deadline"


def test_a_run_has_a_limit_of_steps() -> None:
    nodes = [{"id": f"n{i}", "type": "noop"} for i in range(5)]
    edges = [(f"n{i}", f"n{i + 1}") for i in range(4)]
    state = sim_of(nodes, edges, settings={"max_steps": 3}).run()
    assert state.error is not None
    assert state.error.code == "run.max_steps"


@pytest.mark.parametrize("kind", ["noop", "end"])
@pytest.mark.parametrize("most", [1, 2, 3])
def test_the_limit_of_steps_may_be_reached_and_not_passed(kind: str, most: int) -> None:
    """Attempts of tasks and of inline nodes count alike."""

    def of_length(length: int) -> RunState:
        nodes = [{"id": f"n{i}", "type": "noop"} for i in range(length - 1)]
        nodes.append({"id": f"n{length - 1}", "type": kind})
        edges = [(f"n{i}", f"n{i + 1}") for i in range(length - 1)]
        return sim_of(nodes, edges, settings={"max_steps": most}).run()

    at_limit, over = of_length(most), of_length(most + 1)
    assert (at_limit.status, at_limit.steps) == ("succeeded", most)
    assert (over.status, over.steps, over.error_address) == ("failed", most, f"n{most}")
    assert over.error is not None
    assert over.error.code == "run.max_steps"


def test_every_status_of_a_node_is_decided() -> None:
    assert set(BY_STATUS) == set(get_args(NodeStatus))


@pytest.mark.parametrize(
    ("strategy", "port"),
    [("continue", "false"), ("default_value", "false"), ("error_branch", "error")],
)
def test_a_failed_node_without_the_port_out_goes_on_at_its_last_one(
    strategy: str, port: str
) -> None:
    check = {
        "id": "check",
        "type": "condition",
        "config": {"condition": "missing.field > 1"},
        "on_error": {"strategy": strategy, "value": {"output": "?"}},
    }
    ports = ("true", "false", "error") if strategy == "error_branch" else ("true", "false")
    after = [{"id": f"at_{one}", "type": "noop"} for one in ports]
    edges = [("check", f"at_{one}", one) for one in ports]
    sim = sim_of(
        [check, *after],
        edges,
        script=lambda task: Outcome(ok=task.node_id != "check", retryable=False),
    )
    state = sim.run()
    assert state.nodes["check"].port == port
    taken = {one for one in ports if state.nodes[f"at_{one}"].status == "succeeded"}
    assert taken == {port}
    assert state.status == "partial_succeeded"


LOOP = {"items": ["a", "b", "c"], "nodes": [{"id": "call", "type": "noop"}], "edges": []}


def item_of(task: Any) -> Outcome:
    return Outcome(outputs={"output": f"{task.scope}"})


def test_a_loop_keeps_the_order_of_its_items() -> None:
    loop = {"id": "each", "type": "loop", "config": {**LOOP, "concurrency": 3}}
    state = sim_of([loop], [], script=item_of, seed=7).run()
    assert state.nodes["each"].outputs["output"] == ["each[0]", "each[1]", "each[2]"]


def test_a_sequential_loop_runs_one_item_at_a_time() -> None:
    sim = sim_of([{"id": "each", "type": "loop", "config": LOOP}], [], script=item_of)
    at_once = 0
    while sim.step():
        open_items = [address for address in sim.state.open if address.startswith("each[")]
        at_once = max(at_once, len(open_items))
    assert at_once == 1
    assert sim.state.status == "succeeded"


@pytest.mark.parametrize(
    ("mode", "expected"), [("continue", ["ok", None, "ok"]), ("drop", ["ok", "ok"])]
)
def test_a_failed_item_may_be_tolerated(mode: str, expected: list) -> None:
    def second_fails(task: Any) -> Outcome:
        return Outcome(ok="[1]" not in task.scope, outputs={"output": "ok"})

    config = {**LOOP, "on_item_error": mode}
    sim = sim_of([{"id": "each", "type": "loop", "config": config}], [], script=second_fails)
    state = sim.run()
    assert state.status == "partial_succeeded"
    assert state.nodes["each"].outputs["output"] == expected
    assert refold(sim.plan, sim.log) == state


def test_a_failed_item_ends_the_loop_and_the_run() -> None:
    def second_fails(task: Any) -> Outcome:
        return Outcome(ok="[1]" not in task.scope)

    state = sim_of([{"id": "each", "type": "loop", "config": LOOP}], [], script=second_fails).run()
    assert state.status == "failed"
    assert state.error_address == "each"


def test_an_empty_list_is_a_loop_of_nothing() -> None:
    config = {**LOOP, "items": []}
    state = sim_of([{"id": "each", "type": "loop", "config": config}], []).run()
    assert state.nodes["each"].outputs["output"] == []


def test_looping_over_something_else_fails_the_node_and_names_it() -> None:
    nodes = [{"id": "each", "type": "loop", "config": {**LOOP, "items": "{{what}}"}}]
    state = sim_of(nodes, [], inputs={"what": 3}).run()
    assert state.error is not None
    assert state.error.code == "loop.not_a_list"
    assert "each" in state.error.message


def test_a_concurrency_that_is_no_number_fails_the_node_and_says_so() -> None:
    nodes = [{"id": "each", "type": "loop", "config": {**LOOP, "concurrency": "{{what}}"}}]
    state = sim_of(nodes, [], inputs={"what": "many"}).run()
    assert state.error is not None
    assert state.error.code == "loop.not_a_number"
    assert "concurrency must be a whole number from 1 on, got 'many'" in state.error.message


@pytest.mark.parametrize(
    ("type_", "field", "value"),
    [
        ("end", "outputs", "text"),
        ("end", "outputs", [1]),
        ("human_review", "form", "no form"),
        ("human_review", "form", [1, 2]),
    ],
)
def test_what_must_be_an_object_and_is_none_fails_the_node(
    type_: str, field: str, value: Any
) -> None:
    config = {"message": "?", field: "{{what}}"} if type_ != "end" else {field: "{{what}}"}
    state = sim_of([{"id": "a", "type": type_, "config": config}], [], inputs={"what": value}).run()
    assert state.error is not None
    assert state.error.code == "node.not_an_object"
    assert f"node 'a': {field} must be an object" in state.error.message


@pytest.mark.parametrize(
    "until",
    ["9999-12-31T23:59:59-10:00", "0001-01-01T00:00:00+23:00", "0001-01-01", -5, 10**400, "soon"],
)
def test_an_instant_that_no_clock_reaches_fails_the_node(until: Any) -> None:
    nodes = [{"id": "a", "type": "wait", "config": {"until": "{{what}}"}}]
    state = sim_of(nodes, [], inputs={"what": until}).run()
    assert state.error is not None
    assert state.error.code == "instant.invalid"


def test_a_missing_path_fails_the_node_and_is_named() -> None:
    nodes = [
        {"id": "a", "type": "noop"},
        {"id": "end", "type": "end", "config": {"outputs": {"x": "{{a.output.such}}"}}},
    ]
    state = sim_of(nodes, [("a", "end")]).run()
    assert state.error is not None
    assert state.error.kind == "reference"
    assert state.error.details["node"] == "end"
    assert "a.output.such" in state.error.message


def test_the_error_branch_can_read_the_error() -> None:
    nodes = [
        {"id": "a", "type": "noop", "on_error": {"strategy": "error_branch"}},
        {"id": "end", "type": "end", "config": {"outputs": {"why": "{{a.error.message}}"}}},
    ]

    def broken(_task: Any) -> Outcome:
        return Outcome(ok=False, retryable=False)

    state = sim_of(nodes, [("a", "end", "error")], script=broken).run()
    assert state.outputs == {"why": "as scripted"}
    assert state.status == "partial_succeeded"


def test_the_error_is_no_output_of_the_node_that_failed() -> None:
    nodes = [
        {"id": "a", "type": "noop", "on_error": {"strategy": "error_branch"}},
        {"id": "b", "type": "template", "config": {"template": "instead"}},
        {"id": "end", "type": "aggregate", "config": {"values": ["{{a.output}}", "{{b.output}}"]}},
    ]

    def broken(task: Any) -> Outcome:
        return Outcome(task.node_id == "b", {"output": "instead"}, retryable=False)

    edges = [("a", "end"), ("a", "b", "error"), ("b", "end")]
    state = sim_of(nodes, edges, script=broken).run()
    assert state.nodes["end"].outputs["output"] == "instead"


def test_a_timer_is_decided_again_by_a_new_owner() -> None:
    sim = asked([("ask", "yes", "approved")])
    again = decide(sim.plan, refold(sim.plan, sim.log))
    assert [effect.event.timer for effect in again if isinstance(effect, ArmTimer)] == ["human"]


def test_the_view_shows_what_is_waiting() -> None:
    sim = asked([("ask", "yes", "approved")])
    view = run_view(sim.plan, sim.state)
    waiting = view.nodes[0].waiting
    assert waiting is not None
    assert (view.nodes[0].status, waiting.message) == ("waiting", "Good?")
    assert isinstance(sim.state, RunState)
