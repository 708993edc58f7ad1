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
