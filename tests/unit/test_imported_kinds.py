"""What imports write into definitions: `values`, `placeholder`, `profile`, `origin`."""

from __future__ import annotations

from typing import Any

from runfold.graph.loader import load_workflow, prepare
from runfold.graph.plan.plan import compile_plan
from runfold.importers.draft import Draft, placeholder
from tests.support.engine_sim import Sim, succeed


def ran(*nodes: dict[str, Any], **more: Any) -> Any:
    workflow, _ = prepare({"id": "story", "nodes": list(nodes), **more})
    return Sim(compile_plan(workflow), succeed).run()


def test_values_are_outputs_by_name_and_keep_their_types() -> None:
    state = ran(
        {"id": "v", "type": "values", "config": {"outputs": {"n": 7, "same": "{{r}}"}}},
        variables={"r": [1, {"a": None}]},
    )
    same = [1, {"a": None}]
    assert state.nodes["v"].outputs == {"n": 7, "same": same, "output": {"n": 7, "same": same}}


def test_a_placeholder_fails_and_says_what_it_stands_for() -> None:
    node = placeholder("p", "tool x/y", "No tool is bound to x/y.", parameters={"q": "{{nothing}}"})
    state = ran(node)
    assert state.status == "failed"
    assert state.nodes["p"].error.code == "placeholder.reached"
    assert state.nodes["p"].error.message == (
        "node 'p' stands for tool x/y: No tool is bound to x/y."
    )


def test_a_branch_that_is_not_taken_does_not_reach_a_placeholder() -> None:
    state = ran(
        {"id": "c", "type": "condition", "config": {"condition": False}},
        placeholder("p", "x", "y"),
        {"id": "v", "type": "values", "config": {"outputs": {}}},
        edges=[
            {"source": "c", "target": "p", "port": "true"},
            {"source": "c", "target": "v", "port": "false"},
        ],
    )
    assert (state.status, state.nodes["p"].status) == ("succeeded", "skipped")


def test_ports_of_a_placeholder_are_those_of_what_it_stands_for() -> None:
    nodes = [
        placeholder("p", "x", "y", ports=("found",)),
        {"id": "v", "type": "values", "config": {"outputs": {}}},
    ]
    edges = [{"source": "p", "target": "v", "port": "found"}]
    assert not load_workflow({"id": "w", "nodes": nodes, "edges": edges}).findings


def test_a_node_names_a_profile_that_there_is() -> None:
    node = {"id": "v", "type": "values", "profile": "dify", "config": {"outputs": {}}}
    document = {"id": "w", "nodes": [node], "origin": {"format": "dify", "document": "kind: app"}}
    loaded = load_workflow(document)
    assert not loaded.findings
    assert loaded.workflow is not None
    assert loaded.workflow.nodes[0].profile == "dify"
    assert compile_plan(loaded.workflow).nodes["v"].profile == "dify"
    wrong = load_workflow({"id": "w", "nodes": [{**node, "profile": "make"}]})
    assert [finding.code for finding in wrong.findings] == ["node.profile"]


def test_ids_of_a_draft_are_fit_and_unique() -> None:
    draft = Draft("n8n", "Orders / today")
    assert draft.definition["id"] == "Orders_today"
    ids = [draft.id_of(name) for name in ("Edit Fields", "Edit/Fields", "start", "???", "naïve 表")]
    assert ids == ["Edit_Fields", "Edit_Fields_2", "start_2", "node", "naïve_表"]
    assert draft.id_of("Edit/Fields") == "Edit_Fields_2"


def test_values_are_made_to_fit_a_type_and_what_is_empty_has_a_default() -> None:
    config = {
        "outputs": {"n": "{{text}}", "o": '{"x": "2"}', "d": "", "l": [1], "bad": "seven"},
        "defaults": {"d": "{{text}}", "l": [2]},
        "types": {
            "n": "integer",
            "o": {"type": "object", "properties": {"x": "number", "y": "string"}},
            "l": {"type": "array", "items": "string"},
            "bad": "integer",
        },
    }
    state = ran({"id": "v", "type": "values", "config": config}, variables={"text": "7"})
    made = {"n": 7, "o": {"x": 2, "y": None}, "d": "7", "l": ["1"], "bad": None}
    assert state.nodes["v"].outputs["output"] == made


def test_a_type_of_values_is_one_that_there_is() -> None:
    config = {"outputs": {"n": 1}, "types": {"n": {"type": "array", "items": "float"}}}
    found = load_workflow({"id": "w", "nodes": [{"id": "v", "type": "values", "config": config}]})
    assert [one.path for one in found.findings] == ["nodes[0].config.types.n"]


def test_lists_by_name_are_gone_through_in_step() -> None:
    inner = {"id": "t", "type": "values", "config": {"outputs": {"v": "{{item.a}}{{item.b}}"}}}
    config = {"items": {"a": [1, 2, 3], "b": "{{r}}"}, "nodes": [inner], "output": "{{t.v}}"}
    each = {"id": "each", "type": "iteration", "config": config}
    assert ran(each, variables={"r": ["x", "y"]}).nodes["each"].outputs["output"] == ["1x", "2y"]
    failed = ran(each, variables={"r": "xy"}).nodes["each"]
    assert failed.error.code == "loop.not_a_list"
