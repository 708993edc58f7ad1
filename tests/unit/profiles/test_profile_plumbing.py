"""A node's profile reaches every place that renders its values or evaluates its conditions."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runfold.contracts.tasks import Task
from runfold.errors import ReferenceMissing
from runfold.executor.configuring import configured
from runfold.executor.redaction import Redaction
from runfold.executor.roots import Roots, Secrets
from runfold.graph.kinds import Kind, kind_of
from runfold.graph.kinds.list import ListConfig
from runfold.graph.loader import load_workflow, prepare
from runfold.graph.plan.plan import compile_plan
from runfold.settings import Settings
from runfold.values.paths import lookup_in
from runfold.values.templates import render, render_text
from runfold_executor_text import list_items
from tests.support.engine_sim import Sim, succeed
from tests.support.node_contexts import RecordingContext


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
        {"variable": "a", "value": "{{v.x}}"},
        {"variable": "b", "operation": "+=", "value": 2},
    ]
    state = ran(node("assign", assignments=written), variables={"a": 1, "b": 1, "v": {"x": None}})
    assert (state.values["a"], state.values["b"]) == (1, 3)


def test_rendering_takes_a_profile() -> None:
    lookup = lookup_in({"a": {"b": True, "l": ["x"]}})
    assert render("{{a.gone}}", lookup, profile="dify") is None
    assert render_text("{{a.b}} {{a.l}} {{a.gone}}", lookup, profile="dify") == 'True ["x"] a.gone'
    assert render_text("{{a.b}} {{a.l}} {{a.gone}}", lookup, profile="coze") == 'true ["x"] '


@pytest.mark.parametrize(
    ("present", "assignment", "after"),
    [
        ("before", {"value": "after"}, "after"),
        (1, {"value": 2.5}, 2.5),
        ({}, {"value": '{"a": 1}'}, {"a": 1}),
        (["first"], {"operation": "append", "value": "second"}, ["first", "second"]),
        (["a"], {"operation": "extend", "value": ["b"]}, ["a", "b"]),
        (["first", "second"], {"operation": "remove_first"}, ["second"]),
        (["first", "second"], {"operation": "remove_last"}, ["first"]),
        ([], {"operation": "remove_first"}, []),
        (["x"], {"operation": "clear"}, []),
        ("x", {"operation": "clear"}, ""),
        (7, {"operation": "clear"}, 0),
        (6, {"operation": "/=", "value": 4}, 1.5),
        (6, {"operation": "*=", "value": 2}, 12),
        (None, {"value": [1]}, [1]),
    ],
)
def test_an_assignment_keeps_the_type_of_its_variable(
    present: Any, assignment: dict[str, Any], after: Any
) -> None:
    written = [{"variable": "v", **assignment}]
    state = ran(node("assign", assignments=written), variables={"v": present})
    assert (state.status, state.values["v"]) == ("succeeded", after)


@pytest.mark.parametrize(
    ("present", "assignment"),
    [
        ("before", {"value": 123}),
        (1, {"value": "5"}),
        (1, {"value": True}),
        ([], {"value": "a"}),
        ({}, {"value": "no json"}),
        (6, {"operation": "/=", "value": 0}),
        ("a", {"operation": "append", "value": "b"}),
    ],
)
def test_an_assignment_that_does_not_fit_fails_as_bad_input(
    present: Any, assignment: dict[str, Any]
) -> None:
    written = [{"variable": "v", **assignment}]
    state = ran(node("assign", assignments=written), variables={"v": present})
    assert (state.status, state.nodes["x"].error.code) == ("failed", "variable.type")
    assert state.nodes["x"].error.kind == "input"


def test_assignments_see_those_before_them() -> None:
    written = [
        {"variable": "a", "operation": "+=", "value": 1},
        {"variable": "b", "value": "{{a}}"},
        {"variable": "b", "operation": "+=", "value": "{{a}}"},
    ]
    state = ran(node("assign", assignments=written), variables={"a": 1, "b": 0})
    assert (state.values["a"], state.values["b"]) == (2, 4)


def test_what_is_gone_through_or_assigned_must_be_there() -> None:
    body = {"nodes": [{"id": "n", "type": "noop"}]}
    assigned = [{"variable": "a", "value": "{{gone.x}}"}]
    for given in (
        node("iteration", items="{{gone.x}}", **body),
        node("loop", items="{{gone.x}}", **body),
        node("assign", assignments=assigned),
    ):
        state = ran(given, variables={"a": 1})
        assert (state.status, state.nodes["x"].error.kind) == ("failed", "reference")
    coze = node("batch", "coze", items="{{gone.x}}", **body)
    assert ran(coze).nodes["x"].outputs["output"] == []


def test_an_item_whose_output_was_not_reached_is_null() -> None:
    body = {
        "nodes": [
            node(
                "condition", name="c", condition={"left": "{{item}}", "operator": ">", "right": "1"}
            ),
            node("values", name="v", outputs={"twice": "{{item}}{{item}}"}),
        ],
        "edges": [{"source": "c", "target": "v", "port": "true"}],
        "output": "{{v.twice}}",
    }
    state = ran(node("iteration", items=[1, 2, 3], **body))
    assert state.nodes["x"].outputs["output"] == [None, "22", "33"]


def test_an_aggregate_passes_over_what_is_missing_and_takes_null_for_a_value() -> None:
    values = {"v": {"null": None, "empty": ""}}
    config = {"values": ["{{gone.x}}", "{{v.null}}", "{{v.empty}}", "{{v}}"]}
    assert ran(node("aggregate", **config), variables=values).nodes["x"].outputs["output"] is None
    config["values"].remove("{{v.null}}")
    assert ran(node("aggregate", **config), variables=values).nodes["x"].outputs["output"] == ""
    groups = {"groups": {"a": ["{{gone.x}}"], "b": ["{{gone.x}}", "{{v.empty}}"]}}
    state = ran(node("aggregate", **groups), variables=values)
    assert (state.nodes["x"].outputs["a"], state.nodes["x"].outputs["b"]) == (None, "")


def test_what_was_skipped_is_nothing_in_an_answer() -> None:
    state = ran(
        node("condition", name="c", condition=False),
        node("values", name="a", outputs={"text": "a"}),
        node("values", name="b", outputs={"text": "b"}),
        node("answer", answer="{{a.text}}{{b.text}}{{never.text}}"),
        edges=[
            {"source": "c", "target": "a", "port": "true"},
            {"source": "c", "target": "b", "port": "false"},
            {"source": "a", "target": "x"},
            {"source": "b", "target": "x"},
        ],
    )
    assert state.nodes["x"].outputs["answer"] == "bnever.text"


async def test_texts_of_a_configuration_are_written_by_the_profile() -> None:
    inputs = {"v": {"yes": True, "list": ["a"], "n": 1.0, "null": None}}
    written = {
        "url": "{{v.n}}",
        "headers": {"a": "{{v.yes}}", "b": "{{v.gone}}", "c": ["{{v.list}}"]},
        "params": {"p": "{{v.null}}"},
        "body": "{{v.list}}",
        "body_type": "raw",
    }
    config = await settled("http_request", written, inputs)
    assert config.url == "1.0"
    assert config.headers == {"a": "True", "b": "v.gone", "c": ['["a"]']}
    assert (config.params, config.body) == ({"p": ""}, '["a"]')
    fields = {**written, "body": {"f": "{{v.list}}"}, "body_type": "multipart"}
    assert (await settled("http_request", fields, inputs)).body == {"f": ["a"]}
    message = {"role": "user", "content": "{{v.list}}"}
    assert (await settled("llm", {"messages": [message]}, inputs)).messages[0]["content"] == '["a"]'
    message["content"] = "so {{v.gone}}"
    with pytest.raises(ReferenceMissing):
        await settled("llm", {"messages": [message]}, inputs)
    code = {"code": "result = 1", "params": {"a": "{{v.gone}}", "b": "{{v.list}}"}}
    assert (await settled("code", code, inputs)).params == {"a": None, "b": ["a"]}


async def test_a_template_node_prints_as_jinja_does() -> None:
    inputs = {"v": {"list": ["a"], "null": None, "n": 2.0}}
    for template, text in [
        ("{{v.list}} {{v.null}} {{v.n}}\n", "['a'] None 2.0"),
        ("no reference\n", "no reference"),
        ("{% set x = v.n|default(none) %}{{ x }}", "2.0"),
    ]:
        assert (await settled("template", {"template": template}, inputs)).template == text


async def test_a_list_is_filtered_ordered_and_cut_as_dify_does() -> None:
    ctx = RecordingContext()
    ctx.profile = "dify"
    for given, config, left in [
        (["10", "9", "1"], {"order": [{}]}, ["1", "10", "9"]),
        (["b", "a"], {"order": [{"direction": "desc"}], "limit": 1}, ["b"]),
        (None, {"limit": 2}, []),
        ([1, 2, 3], {"filter": {"operator": ">", "value": "1"}, "extract": 2}, [3]),
        (["ab", "b"], {"filter": {"operator": "not_contains", "value": "a"}}, ["b"]),
    ]:
        made = msgspec.convert({"input": given, **config}, ListConfig)
        assert (await list_items.run(ctx, made, {})).outputs["output"] == left
    with pytest.raises(ReferenceMissing):
        await settled("list", {"input": "{{gone.x}}"}, {})


async def settled(name: str, config: dict[str, Any], inputs: dict[str, Any]) -> Any:
    task = Task(
        run_id="r", workflow_id="w", node_id="x", node_type=name, profile="dify", inputs=inputs
    )
    return await configured(kind(name), config, Roots(task, secrets()))


def secrets() -> Secrets:
    return Secrets(Settings(), Redaction())


def kind(name: str) -> Kind:
    found = kind_of(name)
    assert found is not None
    return found


def test_a_value_to_be_assigned_that_leads_nowhere_is_a_reference_that_is_missing() -> None:
    assignments = [{"variable": "n", "operation": "+=", "value": "{{v.list.gone}}"}]
    state = ran(node("assign", assignments=assignments), variables={"n": 1, "v": {"list": {}}})
    assert state.nodes["x"].error.code == "reference.missing"
