"""A node's profile reaches every place that renders its values or evaluates its conditions."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.graph.loader import load_workflow, prepare
from runfold.graph.plan.plan import compile_plan
from runfold.values.paths import lookup_in
from runfold.values.templates import render, render_text
from tests.support.engine_sim import Sim, succeed


def ran(*nodes: dict[str, Any], **more: Any) -> Any:
    workflow, _ = prepare({"id": "w", "nodes": list(nodes), **more})
    return Sim(compile_plan(workflow), succeed).run()


def node(kind: str, profile: str = "dify", name: str = "x", **config: Any) -> dict[str, Any]:
    return {"id": name, "type": kind, "profile": profile, "config": config}


NOWHERE = {"left": "{{gone.x}}", "operator": "equals", "right": "1"}


def test_without_a_profile_a_reference_that_leads_nowhere_fails() -> None:
    for profile in ("", "tutorial"):
        nodes = [node("values", profile, outputs={"a": "{{gone.x}}"})]
        found = load_workflow({"id": "w", "nodes": nodes}).findings
        assert [one.code for one in found] == ["input.inferred"]
        state = ran(*nodes, variables={"gone": {}})
        assert (state.status, state.nodes["x"].error.kind) == ("failed", "reference")


@pytest.mark.parametrize("profile", ["dify", "coze", "n8n"])
def test_what_a_profile_makes_harmless_is_a_warning(profile: str) -> None:
    nodes = [
        node("values", profile, outputs={"a": "{{gone.x}}", "b": "{{later.output}}"}),
        node("values", profile, "later", outputs={}),
    ]
    edges = [{"source": "x", "target": "later"}]
    found = load_workflow({"id": "w", "nodes": nodes, "edges": edges}).findings
    assert {(one.code, one.level) for one in found} == {
        ("reference.unknown", "warning"),
        ("reference.not_upstream", "warning"),
    }


def test_outputs_that_lead_nowhere_are_null() -> None:
    outputs = {"a": "{{gone.x}}", "b": {"ref": "gone.y"}}
    state = ran(node("end", outputs=outputs))
    assert state.nodes["x"].outputs == {"a": None, "b": None}


def test_an_answer_shows_the_bare_reference() -> None:
    state = ran(
        node("answer", answer="so {{gone.x.y}}: {{v.output}}"), variables={"v": {"output": [1]}}
    )
    assert state.nodes["x"].outputs["answer"] == "so gone.x.y: - 1"


def test_a_condition_on_nothing_fails_its_node_in_dify_and_holds_not_elsewhere() -> None:
    failed = ran(node("condition", condition=NOWHERE))
    assert (failed.status, failed.nodes["x"].error.code) == ("failed", "condition.missing")
    for profile in ("coze", "n8n", "tutorial"):
        state = ran(node("condition", profile, condition=NOWHERE))
        assert state.nodes["x"].outputs["result"] is False


def test_operators_of_a_profile_are_checked_by_its_table() -> None:
    written = {"left": "{{v}}", "operator": "is not", "right": "a"}
    for kind, config in (
        ("condition", {"condition": written}),
        ("selector", {"branches": [{"id": "yes", "condition": written}]}),
        ("loop", {"count": 1, "break_when": written, "nodes": [{"id": "n", "type": "noop"}]}),
    ):
        for profile, wrong in (("dify", []), ("", ["condition.invalid"])):
            document = {"id": "w", "inputs": {"v": "any"}, "nodes": [node(kind, profile, **config)]}
            found = load_workflow(document).findings
            assert [one.code for one in found if one.level == "error"] == wrong, kind


def test_null_is_no_items() -> None:
    body = {"nodes": [{"id": "n", "type": "noop"}]}
    state = ran(node("iteration", items="{{v.x}}", **body), variables={"v": {"x": None}})
    assert (state.status, state.nodes["x"].outputs["output"]) == ("succeeded", [])


def test_a_break_condition_is_looked_at_before_the_first_round_and_its_errors_are_passed_over() -> (
    None
):
    body = {"nodes": [{"id": "n", "type": "noop"}]}
    held = {"left": "{{k}}", "operator": "is", "right": "stop"}
    for value, rounds in (("stop", 0), ("go", 2)):
        config = {"count": 2, "variables": {"k": value}, "break_when": held}
        state = ran(node("loop", **config, **body))
        assert (state.status, state.nodes["x"].outputs["count"]) == ("succeeded", rounds)
    early = {"left": "{{n.status}}", "operator": "is", "right": "succeeded"}
    state = ran(node("loop", count=3, break_when=early, **body))
    assert (state.status, state.nodes["x"].outputs["count"]) == ("succeeded", 1)


def test_an_assignment_of_null_is_passed_over() -> None:
    written = [
        {"variable": "a", "value": "{{gone.x}}"},
        {"variable": "b", "operation": "+=", "value": 2},
    ]
    state = ran(node("assign", assignments=written), variables={"a": 1, "b": 1})
    assert (state.values["a"], state.values["b"]) == (1, 3)


def test_rendering_takes_a_profile() -> None:
    lookup = lookup_in({"a": {"b": True, "l": ["x"]}})
    assert render("{{a.gone}}", lookup, profile="dify") is None
    assert render_text("{{a.b}} {{a.l}} {{a.gone}}", lookup, profile="dify") == 'True ["x"] a.gone'
    assert render_text("{{a.b}} {{a.l}} {{a.gone}}", lookup, profile="coze") == 'true ["x"] '
