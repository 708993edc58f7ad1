"""Composites in the pure engine: iterations, loops, batches, branches, sub-workflows."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.contracts import events as e
from runfold.contracts.tasks import Task
from runfold.engine.decide import rounds as deciding
from runfold.engine.decide.runs import AHEAD
from runfold.engine.decide.sub_workflows import MAX_SCOPES
from runfold.engine.state.nodes import ENDED
from runfold.engine.state.runs import RunState
from runfold.graph.loader import load_workflow, prepare
from runfold.graph.plan.plan import compile_plan
from tests.support.engine_sim import Outcome, Script, Sim, refold, succeed

Nodes = list[dict[str, Any]]


def sim_of(
    nodes: Nodes,
    edges: list[dict[str, Any]] | None = None,
    *,
    script: Script = succeed,
    seed: int = 3,
    inputs: dict[str, Any] | None = None,
    **document: Any,
) -> Sim:
    if edges is not None:
        document["edges"] = edges
    document.setdefault("inputs", dict.fromkeys(inputs or {}, "any"))
    workflow, _ = prepare({"id": "story", "nodes": nodes, **document})
    return Sim(compile_plan(workflow), script, seed, inputs)


def ran(sim: Sim) -> RunState:
    state = sim.run()
    assert refold(sim.plan, sim.log) == state
    return state


def outputs(sim: Sim, address: str) -> dict[str, Any]:
    state = ran(sim)
    assert state.status in ("succeeded", "partial_succeeded"), state.error
    return state.nodes[address].outputs


def test_the_result_of_a_round_is_made_once_while_its_record_is_on_its_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = {"items": list(range(20)), "concurrency": 20, "nodes": [{"id": "n", "type": "noop"}]}
    sim = sim_of([{"id": "each", "type": "iteration", "config": config}])
    while len(sim.dispatched) < 20:
        sim.land(sim.appends.pop(0))
    made: list[int] = []
    result = deciding._result

    def counted(ctx: Any, of: Any, index: int, **more: Any) -> Any:
        made.append(index)
        return result(ctx, of, index, **more)

    monkeypatch.setattr(deciding, "_result", counted)
    for events in sim.results:
        for event in events:
            sim.land(event)
    assert sorted(made) == list(range(20))
    recorded = [event for event in sim.appends if isinstance(event, e.LoopItemSucceeded)]
    assert len(recorded) == 20
    sim.results.clear()
    monkeypatch.undo()
    assert ran(sim).status == "succeeded"


def findings(nodes: Nodes, **document: Any) -> list[str]:
    found = load_workflow({"id": "w", "nodes": nodes, "inputs": {"x": "any"}, **document}).findings
    return [finding.code for finding in found if finding.level == "error"]


def echo(task: Task) -> Outcome:
    """Gives back what the node was given as its item, or its index."""
    return Outcome(outputs={"output": task.inputs.get("item", task.inputs.get("index"))})


def given(node_id: str = "call", value: str = "{{item}}", **more: Any) -> dict[str, Any]:
    return {"id": node_id, "type": "template", "config": {"template": value}, **more}


def each(kind: str = "iteration", body: Nodes | None = None, **config: Any) -> dict[str, Any]:
    config.setdefault("nodes", body or [given()])
    return {"id": "each", "type": kind, "config": config}


def times_of(sim: Sim, kind: type[e.NodeEvent]) -> list[float]:
    return [record.time for record in sim.log if isinstance(record.event, kind)]


# --- iteration ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_results_are_in_the_order_of_the_items_whoever_is_first(seed: int) -> None:
    node = each(items=list("abcde"), concurrency=3)
    found = outputs(sim_of([node], script=echo, seed=seed), "each")
    assert found["output"] == list("abcde")
    assert (found["count"], found["failed_count"], found["failed"]) == (5, 0, [])


def failing_on(*bad: Any) -> Script:
    def script(task: Task) -> Outcome:
        item = task.inputs.get("item")
        return Outcome(ok=item not in bad, outputs={"output": item}, retryable=False)

    return script


def test_a_failed_item_leaves_null_or_no_place() -> None:
    for mode, expected in (("continue", ["a", None, "c"]), ("drop", ["a", "c"])):
        node = each(items=list("abc"), on_item_error=mode)
        found = outputs(sim_of([node], script=failing_on("b")), "each")
        assert found["output"] == expected
        assert [one["index"] for one in found["failed"]] == [1]


def test_a_failed_item_fails_the_node() -> None:
    node = each(items=list("abc"), concurrency=2)
    state = ran(sim_of([node], script=failing_on("b")))
    assert (state.status, state.error_address) == ("failed", "each")


def test_flatten_joins_lists_of_one_level() -> None:
    def lists(task: Task) -> Outcome:
        return Outcome(outputs={"output": [task.inputs["item"], [0]]})

    node = each(items=[1, 2], flatten=True)
    assert outputs(sim_of([node], script=lists), "each")["output"] == [1, [0], 2, [0]]
    node = each(items=[1, 2], flatten=True)
    assert outputs(sim_of([node], script=echo), "each")["output"] == [1, 2]


@pytest.mark.parametrize(
    ("results", "output"),
    [
        ([[1], None, [2, None]], [1, 2, None]),
        ([None, None], [None, None]),
        ([[], None], []),
        ([[1], None, 2], [[1], None, 2]),
        ([[], []], []),
    ],
)
def test_flatten_passes_over_nulls(results: list[Any], output: list[Any]) -> None:
    def given_result(task: Task) -> Outcome:
        return Outcome(outputs={"output": results[task.inputs["item"]]})

    node = each(items=list(range(len(results))), flatten=True)
    found = outputs(sim_of([node], script=given_result), "each")
    assert (found["output"], found["count"]) == (output, len(results))


def test_continue_ends_an_item_and_what_else_it_was_doing() -> None:
    is_b = {"left": "{{item}}", "operator": "equals", "right": "b"}
    body = [
        {"id": "which", "type": "condition", "config": {"condition": is_b}},
        {"id": "skip", "type": "continue"},
        given(),
    ]
    edges = [
        {"source": "which", "target": "skip", "port": "true"},
        {"source": "which", "target": "call", "port": "false"},
    ]
    node = each(body=body, edges=edges, items=list("abc"), output="{{call.output}}")
    assert outputs(sim_of([node], script=echo), "each")["output"] == ["a", None, "c"]


def test_an_item_that_takes_too_long_is_given_up() -> None:
    body = [{"id": "nap", "type": "wait", "config": {"duration": "{{item}}"}}]
    node = each(body=body, items=[1, 50, 2], concurrency=3, item_timeout=10, on_item_error="drop")
    found = outputs(sim_of([node]), "each")
    assert (found["count"], [one["code"] for one in found["failed"]]) == (2, ["node.timeout"])


@pytest.mark.parametrize("kind", ["iteration", "batch", "loop"])
def test_going_through_what_is_no_list_names_node_and_value(kind: str) -> None:
    state = ran(sim_of([each(kind, items="{{what}}")], inputs={"what": {"a": 1}}))
    assert state.error is not None
    assert state.error.code == "loop.not_a_list"
    assert "'each'" in state.error.message
    assert "dict: {'a': 1}" in state.error.message


# --- the end of a composite with something under way inside ---------------------------------------


NAP = {"id": "nap", "type": "wait", "config": {"duration": 50}}
BOTH = [NAP, given("quick", "x"), {"id": "meet", "type": "join"}]
MEET = [{"source": one, "target": "meet"} for one in ("nap", "quick")]
SLEEPY = {"nodes": BOTH, "edges": MEET}
UNDER_WAY: dict[str, dict[str, Any]] = {
    "an item that fails": each(
        body=[*BOTH, {"id": "bad", "type": "noop"}], edges=MEET, items=[1, 2], concurrency=2
    ),
    "its own timeout": {**each(items=[1, 2], concurrency=2, **SLEEPY), "timeout": 5},
    "a timeout around another": {
        **each(body=[each(items=[1, 2], **SLEEPY)], items=[1], edges=[]),
        "timeout": 5,
    },
    "items that take too long": each(items=[1, 2], item_timeout=5, on_item_error="drop", **SLEEPY),
    "items that take too long inside": each(
        body=[{**each(items=[1, 2], concurrency=2, **SLEEPY), "id": "inner"}],
        items=[1, 2],
        item_timeout=5,
        on_item_error="drop",
        edges=[],
    ),
    "a break": each(
        "loop", [NAP, {"id": "stop", "type": "break"}], items=[1, 2], concurrency=2, edges=[]
    ),
    "a branch that fails": {
        "id": "each",
        "type": "parallel",
        "config": {"branches": {"slow": SLEEPY, "bad": {"nodes": [{"id": "bad", "type": "noop"}]}}},
    },
    "a called workflow that fails": {
        "id": "each",
        "type": "sub_workflow",
        "config": {"workflow": "part"},
    },
    "a handler that takes too long": {
        "id": "each",
        "type": "state_machine",
        "timeout": 5,
        "config": {
            "initial": "a",
            "states": {"a": {"entry": SLEEPY, "on": {"go": "b"}}, "b": {"final": True}},
        },
    },
}


@pytest.mark.parametrize("case", UNDER_WAY)
@pytest.mark.parametrize("seed", range(4))
def test_nothing_inside_a_composite_is_open_after_its_end(case: str, seed: int) -> None:
    part = {"nodes": [*BOTH, {"id": "bad", "type": "noop"}], "edges": MEET}
    after = {"id": "after", "type": "wait", "config": {"duration": 1000}}
    sim = sim_of(
        [{**UNDER_WAY[case], "on_error": {"strategy": "continue"}}, after],
        [{"source": "each", "target": "after"}],
        script=lambda task: Outcome(ok=task.node_id != "bad", retryable=False),
        seed=seed,
        workflows={"part": part},
    )
    seen: set[str] = set()
    while sim.state.nodes["each"].status not in ENDED:
        assert sim.step()
        seen.update(sim.state.open)
    assert any(address.endswith("/nap") for address in seen), "nothing was under way"
    assert set(sim.state.open) == {"after"}
    assert set(sim.state.scopes) == {""}
    assert not list(sim.state.joins)


# --- loop -----------------------------------------------------------------------------------------


def counting(operation: str = "+=", value: Any = 1) -> dict[str, Any]:
    one = {"variable": "n", "operation": operation, "value": value}
    return {"id": "add", "type": "assign", "config": {"assignments": [one]}}


def test_a_counted_loop_keeps_its_variables_from_round_to_round() -> None:
    node = each("loop", [counting()], count=4, variables={"n": 10}, output="{{n}}")
    found = outputs(sim_of([node]), "each")
    assert found["output"] == [11, 12, 13, 14]
    assert (found["n"], found["count"], found["reason"]) == (14, 4, "completed")


def below(limit: int) -> dict[str, Any]:
    return {"left": "{{n}}", "operator": "<", "right": limit}


def test_a_while_loop_looks_before_each_round() -> None:
    for start, rounds in ((0, 3), (9, 0)):
        node = each(
            "loop", [counting()], variables={"n": start}, **{"while": below(3)}, max_iterations=10
        )
        found = outputs(sim_of([node]), "each")
        assert (found["count"], found["reason"]) == (rounds, "condition")


def test_a_do_while_loop_looks_after_each_round() -> None:
    node = each("loop", [counting()], variables={"n": 9}, do_while=below(3), max_iterations=10)
    found = outputs(sim_of([node]), "each")
    assert (found["count"], found["n"], found["reason"]) == (1, 10, "condition")


def test_an_endless_loop_ends_at_break() -> None:
    body = [
        counting(),
        {"id": "enough", "type": "condition", "config": {"condition": below(3)}},
        {"id": "out", "type": "break"},
    ]
    edges = [
        {"source": "add", "target": "enough"},
        {"source": "enough", "target": "out", "port": "false"},
    ]
    node = each("loop", body, edges=edges, infinite=True, variables={"n": 0}, max_iterations=50)
    found = outputs(sim_of([node]), "each")
    assert (found["count"], found["n"], found["reason"]) == (3, 3, "break")


def test_a_loop_ends_at_its_limit_or_when_a_condition_holds() -> None:
    node = each("loop", [counting()], infinite=True, variables={"n": 0}, max_iterations=7)
    found = outputs(sim_of([node]), "each")
    assert (found["n"], found["reason"]) == (7, "limit")
    until = {"left": "{{n}}", "operator": ">=", "right": 5}
    node = each(
        *("loop", [counting()]),
        infinite=True,
        variables={"n": 0},
        max_iterations=7,
        break_when=until,
    )
    found = outputs(sim_of([node]), "each")
    assert (found["n"], found["reason"]) == (5, "break")


def test_rounds_wait_for_their_delay() -> None:
    node = each("loop", [given(value="{{index}}")], count=3, delay="20s")
    sim = sim_of([node], script=echo)
    assert outputs(sim, "each")["output"] == [0, 1, 2]
    first, second, third = times_of(sim, e.LoopNext)
    assert second - first >= 20
    assert third - second >= 20


def test_a_loop_that_takes_too_long_fails() -> None:
    node = {**each("loop", [given(value="{{index}}")], count=100, delay="20s"), "timeout": 50}
    state = ran(sim_of([node], script=echo))
    assert state.error is not None
    assert state.error.code == "node.timeout"


def test_a_break_gives_up_what_its_round_was_doing() -> None:
    body = [given("slow", "{{index}}"), {"id": "out", "type": "break"}]
    node = each("loop", body, edges=[], infinite=True, max_iterations=9)
    sim = sim_of([node], script=echo)
    state = ran(sim)
    assert state.status == "succeeded"
    assert state.nodes["each"].outputs["count"] == 1


@pytest.mark.parametrize("way", [{"while": below(3)}, {"do_while": below(3)}, {"infinite": True}])
def test_a_loop_that_nothing_bounds_is_refused(way: dict[str, Any]) -> None:
    assert "loop.unbounded" in findings([each("loop", [counting()], variables={"n": 0}, **way)])


def test_break_and_continue_outside_a_loop_are_refused() -> None:
    assert findings([{"id": "out", "type": "break"}]) == ["loop.break_outside"]
    assert findings([{"id": "on", "type": "continue"}]) == ["loop.continue_outside"]
    assert "loop.break_outside" in findings([each(body=[{"id": "out", "type": "break"}], items=[])])


# --- batch ----------------------------------------------------------------------------------------


def test_a_batch_begins_when_the_one_before_has_ended_and_paused() -> None:
    node = each("batch", items=list("abcdefg"), batch_size=3, delay="10s")
    sim = sim_of([node], script=failing_on("b"))
    found = outputs(sim, "each")
    assert found["results"] == ["a", None, "c", "d", "e", "f", "g"]
    assert (found["success_count"], found["failed_count"], found["batches"]) == (6, 1, 3)
    assert found["success_rate"] == pytest.approx(6 / 7)
    began = times_of(sim, e.LoopNext)
    assert began[3] - began[2] >= 10
    assert began[6] - began[5] >= 10
    assert began[2] - began[0] < 10


def test_a_batch_can_end_at_the_first_failure_and_knows_its_number() -> None:
    node = each("batch", items=list("ab"), continue_on_error=False)
    assert ran(sim_of([node], script=failing_on("b"))).status == "failed"
    node = each("batch", items=list("abc"), batch_size=2, output="{{batch_index}}:{{item}}")
    assert outputs(sim_of([node]), "each")["output"] == ["0:a", "0:b", "1:c"]


# --- parallel branches ----------------------------------------------------------------------------


def fan(**config: Any) -> dict[str, Any]:
    branches = {
        name: {"nodes": [given("get", f"{name}")], "output": {"from": name}}
        for name in ("web", "news")
    }
    return {"id": "fan", "type": "parallel", "config": {"branches": branches, **config}}


def test_branches_run_side_by_side_each_in_a_scope_of_its_name() -> None:
    sim = sim_of([fan()])
    found = outputs(sim, "fan")
    assert found["output"] == {"web": {"from": "web"}, "news": {"from": "news"}}
    assert found["success_rate"] == 1.0
    assert {task.scope for task in sim.dispatched.values()} == {"fan[web.0]", "fan[news.1]"}
    kinds = [type(record.event).__name__ for record in sim.log]
    assert kinds.count("ParallelBranchStarted") == kinds.count("ParallelBranchSucceeded") == 2


def test_a_failed_branch_fails_the_node_or_is_told_of() -> None:
    def script(task: Task) -> Outcome:
        return Outcome(ok="news" not in task.scope, retryable=False)

    assert ran(sim_of([fan()], script=script)).status == "failed"
    found = outputs(sim_of([fan(continue_on_error=True)], script=script), "fan")
    assert list(found["successful"]) == ["web"]
    assert found["failed"]["news"]["code"] == "scripted"
    assert found["success_rate"] == 0.5


def test_a_branch_that_takes_too_long_is_given_up() -> None:
    node = fan(branch_timeout=5, continue_on_error=True)
    node["config"]["branches"]["news"]["nodes"] = [
        {"id": "nap", "type": "wait", "config": {"duration": 60}}
    ]
    sim = sim_of([node])
    found = outputs(sim, "fan")
    assert found["failed"]["news"]["code"] == "node.timeout"
    assert "news" in found["failed"]["news"]["message"]


# --- sub-workflows --------------------------------------------------------------------------------

GREET = {
    "id": "greet",
    "inputs": {"name": {"type": "string", "required": True}},
    "variables": {"tone": "warm"},
    "nodes": [
        {"id": "say", "type": "template", "config": {"template": "{{name}} {{tone}}"}},
        {"id": "end", "type": "end", "config": {"outputs": {"text": "{{name}}, {{tone}}"}}},
    ],
}


def call(**config: Any) -> dict[str, Any]:
    config = {"workflow": "greet", "inputs": {"name": "{{who}}"}, **config}
    return {"id": "call", "type": "sub_workflow", "config": config}


def test_a_sub_workflow_runs_as_a_scope_that_sees_its_own_values_only() -> None:
    sim = sim_of([call()], inputs={"who": "Ada"}, workflows={"greet": GREET})
    assert outputs(sim, "call") == {"text": "Ada, warm"}
    (task,) = sim.dispatched.values()
    assert (task.scope, task.inputs) == ("call[0]", {"name": "Ada", "tone": "warm"})


def test_a_failure_inside_is_the_nodes_and_a_retry_runs_it_anew() -> None:
    attempts: list[str] = []

    def script(task: Task) -> Outcome:
        attempts.append(task.scope)
        return Outcome(ok=len(attempts) > 1)

    node = {**call(), "retry": {"max_attempts": 2, "delay": 0}}
    sim = sim_of([node], script=script, inputs={"who": "Ada"}, workflows={"greet": GREET})
    assert outputs(sim, "call")["text"] == "Ada, warm"
    assert attempts == ["call[0]", "call[1]"]
    sim = sim_of(
        [call()],
        script=lambda _: Outcome(ok=False),
        inputs={"who": "Ada"},
        workflows={"greet": GREET},
    )
    state = ran(sim)
    assert state.error is not None
    assert state.error_address == "call"
    assert state.error.details["scope"] == "call[0]"


def test_inputs_that_do_not_fit_are_refused_before_or_fail_the_node() -> None:
    assert findings([call(inputs={})], workflows={"greet": GREET}) == ["sub_workflow.inputs"]
    wrong = findings([call(inputs={"name": "a", "age": 3})], workflows={"greet": GREET})
    assert wrong == ["sub_workflow.inputs"]
    state = ran(sim_of([call()], inputs={"who": 7}, workflows={"greet": GREET}))
    assert state.error is not None
    assert state.error.code == "sub_workflow.inputs"


def test_a_workflow_that_calls_itself_for_ever_is_refused() -> None:
    again = {"id": "again", "nodes": [{**call(workflow="again", inputs={}), "id": "once_more"}]}
    node = call(workflow="again", inputs={})
    assert findings([node], workflows={"again": again}) == ["sub_workflow.recursion"]


def test_a_workflow_that_calls_itself_too_often_fails_and_says_where() -> None:
    again = {
        "id": "again",
        "inputs": {"x": "any"},
        "nodes": [
            {
                "id": "more",
                "type": "condition",
                "config": {"condition": {"left": "{{x}}", "operator": "not_null"}},
            },
            {**call(workflow="again", inputs={"x": "{{x}}"}), "id": "next"},
        ],
        "edges": [{"source": "more", "target": "next", "port": "true"}],
    }
    node = call(workflow="again", inputs={"x": "{{x}}"})
    state = ran(sim_of([node], inputs={"x": 1}, workflows={"again": again}))
    assert state.error is not None
    assert state.error.code == "scope.too_deep"
    assert state.error.details["workflow"] == "again"
    assert state.error.details["scope"].count("[") >= MAX_SCOPES - 1


def test_a_detached_workflow_is_a_run_of_its_own() -> None:
    node = call(mode="detached")
    sim = sim_of([node], inputs={"who": "Ada"}, workflows={"greet": GREET})
    found = outputs(sim, "call")
    (request,) = sim.asked
    assert request.run_id == found["run_id"]
    assert request.inputs == {"name": "Ada"}
    assert b"warm" in bytes(request.definition)


def test_composites_nest() -> None:
    inner = {
        "id": "inner",
        "type": "loop",
        "config": {
            "count": 2,
            "variables": {"n": "{{item}}"},
            "nodes": [counting("*=", 2), call(inputs={"name": "{{item}}-{{n}}"})],
            "output": "{{call.text}}",
        },
    }
    node = each(body=[inner], items=[1, 2], concurrency=2)
    sim = sim_of([node], workflows={"greet": GREET})
    assert outputs(sim, "each")["output"] == [
        ["1-2, warm", "1-4, warm"],
        ["2-4, warm", "2-8, warm"],
    ]


# --- variables ------------------------------------------------------------------------------------


def assign(node_id: str, *assignments: tuple[str, str, Any]) -> dict[str, Any]:
    changes = [
        {"variable": name, "operation": operation, **({} if value is None else {"value": value})}
        for name, operation, value in assignments
    ]
    return {"id": node_id, "type": "assign", "config": {"assignments": changes}}


@pytest.mark.parametrize(
    ("start", "operation", "value", "end"),
    [
        (1, "set", "x", "x"),
        ([1], "append", [2], [1, [2]]),
        ([1], "extend", [2, 3], [1, 2, 3]),
        ("abc", "clear", None, ""),
        ({"a": 1}, "clear", None, {}),
        ([1, 2], "clear", None, []),
        (7, "clear", None, 0),
        (7, "+=", 3, 10),
        ("a", "+=", "b", "ab"),
        (7, "-=", 3, 4),
        (7, "*=", 3, 21),
        (6, "/=", 3, 2),
        (1, "/=", 4, 0.25),
        ([1, 2, 3], "remove_first", None, [2, 3]),
        ([1, 2, 3], "remove_last", None, [1, 2]),
        (None, "append", 1, [1]),
        (None, "+=", 2, 2),
    ],
)
def test_every_operation(start: Any, operation: str, value: Any, end: Any) -> None:
    node = assign("change", ("v", operation, value))
    sim = sim_of([node], variables={"v": start})
    assert ran(sim).values["v"] == end


@pytest.mark.parametrize(
    ("start", "operation", "value"),
    [("a", "append", 1), ("a", "-=", 1), (1, "/=", 0), ([1], "extend", 3), (True, "+=", 1)],
)
def test_an_operation_that_cannot_be_done_changes_nothing(
    start: Any, operation: str, value: Any
) -> None:
    node = assign("change", ("w", "set", 1), ("v", operation, value))
    state = ran(sim_of([node], variables={"v": start, "w": 0}))
    assert state.error is not None
    assert state.error.code == "variable.type"
    assert "'v'" in state.error.message
    assert state.values["w"] == 0


@pytest.mark.parametrize("seed", range(10))
def test_branches_that_write_side_by_side_lose_nothing(seed: int) -> None:
    nodes = [
        {"id": "start", "type": "start"},
        *(given(f"before{i}", "x") for i in range(4)),
        *(assign(f"add{i}", ("n", "+=", 10**i), ("who", "append", i)) for i in range(4)),
    ]
    edges = [{"source": "start", "target": f"before{i}"} for i in range(4)]
    edges += [{"source": f"before{i}", "target": f"add{i}"} for i in range(4)]
    sim = sim_of(nodes, edges, seed=seed, variables={"n": 0, "who": []})
    state = ran(sim)
    assert state.values["n"] == 1111
    order = [
        one.value
        for record in sim.log
        if isinstance(record.event, e.VariablesAssigned)
        for one in record.event.assignments
        if one.variable == "who"
    ]
    assert state.values["who"] == order


def test_an_assignment_sees_those_before_it() -> None:
    node = assign("change", ("a", "set", 2), ("b", "set", "{{a}}"))
    assert ran(sim_of([node], variables={"a": 1, "b": 0})).values == {"a": 2, "b": 2}


def test_a_variable_that_nobody_declared_is_refused() -> None:
    assert findings([assign("change", ("nobody", "set", 1))]) == ["variable.unknown"]


@pytest.mark.parametrize(
    ("start", "operation", "value"),
    [
        (2**62, "*=", 4),
        (1e308, "*=", 10),
        ("x" * (3 << 20), "+=", "{{v}}"),
        ([0] * 100_000, "append", 1),
        (2**62, "/=", 1e-300),
    ],
)
def test_what_would_become_too_large_fails_the_node(start: Any, operation: str, value: Any) -> None:
    state = ran(sim_of([assign("change", ("v", operation, value))], variables={"v": start}))
    assert state.error is not None
    assert state.error.code == "variable.type"


def test_a_loop_of_inline_nodes_is_not_run_to_its_end_at_once() -> None:
    node = each("loop", [counting()], count=5000, variables={"n": 0})
    plan = compile_plan(prepare({"id": "w", "inputs": {}, "nodes": [node]})[0])
    sim = Sim(plan)
    assert len(sim.appends) < 2 * AHEAD


def test_a_stored_workflow_does_not_call_what_its_caller_brought_along() -> None:
    own = {
        "id": "util",
        "inputs": {},
        "nodes": [{"id": "end", "type": "end", "config": {"outputs": {"who": "the caller's"}}}],
    }
    stored = {
        "id": "util",
        "inputs": {},
        "nodes": [{"id": "end", "type": "end", "config": {"outputs": {"who": "the stored one"}}}],
    }
    inner = {"id": "call", "type": "sub_workflow", "config": {"workflow": "util"}}
    part = {"id": "part", "inputs": {}, "nodes": [inner]}
    node = {"id": "call", "type": "sub_workflow", "config": {"workflow": "part"}}
    sim = sim_of([node], workflows={"util": own, "part@": part, "util@": stored})
    assert outputs(sim, "call")["who"] == "the stored one"


def test_a_detached_workflow_brings_those_along_that_it_may_call() -> None:
    calls = {
        "id": "a",
        "inputs": {},
        "nodes": [{"id": "c", "type": "sub_workflow", "config": {"workflow": "b"}}],
    }
    node = {"id": "call", "type": "sub_workflow", "config": {"workflow": "a", "mode": "detached"}}
    sim = sim_of([node], workflows={"a": calls, "b": {"id": "b", "nodes": [given("x", "y")]}})
    ran(sim)
    (request,) = sim.asked
    assert set(prepare(bytes(request.definition))[0].workflows) >= {"b"}


def test_a_branch_reads_the_index_of_the_iteration_around() -> None:
    fan = {
        "id": "fan",
        "type": "parallel",
        "config": {
            "branches": {
                name: {"nodes": [given("get", "x")], "output": "{{index}}"} for name in ("p", "q")
            }
        },
    }
    node = each(body=[fan], items=["a", "b"], output="{{fan.output}}")
    found = outputs(sim_of([node]), "each")["output"]
    assert found == [{"p": 0, "q": 0}, {"p": 1, "q": 1}]


def test_names_that_mean_something_else_are_refused() -> None:
    def loop(**config: Any) -> list[str]:
        config = {"variables": {"n": 0}, "max_iterations": 3, "count": 2, **config}
        return findings([each("loop", [counting()], **config)])

    assert loop() == []
    assert "config.wrong_value" in loop(variables={"n": 0, "last": 1})
    sees = {"left": "{{add.output}}", "operator": "not_null"}
    assert loop(count=None, **{"while": sees}) == ["reference.not_upstream"]
    setting = assign("set", ("batch_index", "set", 1))
    assert "variable.unknown" in findings([each("batch", [setting], items=[1])])
