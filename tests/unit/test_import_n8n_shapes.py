"""The shapes in which workflows of n8n come, and what is none."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.importers.n8n import IMPORTER
from runfold.importers.n8n.shapes import workflows_in
from tests.support.n8n_documents import flow, imported, line_of, natives, node

PLAIN = flow(node("Go", "manualTrigger"), node("Next", "noOp"), links="Go > Next")


@pytest.mark.parametrize(
    "document",
    [
        PLAIN,
        {"workflow": PLAIN},
        {"data": PLAIN},
        {"data": {"workflow": PLAIN, "name": "x"}},
        {"nodes": PLAIN["nodes"], "connections": PLAIN["connections"]},
        {"nodes": PLAIN["nodes"]},
        PLAIN["nodes"],
        {"nodes": [], "connections": {}},
        {"nodes": [{"type": "n8n-nodes-base.set"}], "connections": None},
    ],
)
def test_exports_fragments_and_wrapped_templates_are_known(document: Any) -> None:
    assert IMPORTER.recognises(document)
    found = imported(document)
    assert len(found.report) == len(workflows_in(document)[0]["nodes"])


@pytest.mark.parametrize(
    "document",
    [
        None,
        7,
        "nodes",
        [],
        [[]],
        {},
        {"nodes": None},
        {"nodes": [{"id": "a", "type": "llm", "config": {}}]},
        {"nodes": [{"id": "1", "type": "3", "data": {}}], "edges": []},
        {"app": {"mode": "workflow"}, "workflow": {"graph": {"nodes": [], "edges": []}}},
        {"nodes": [{"id": "a", "type": "template", "config": {}}], "edges": []},
    ],
)
def test_what_is_of_another_format_is_not_taken(document: Any) -> None:
    assert not IMPORTER.recognises(document)


def test_a_list_of_workflows_is_several_documents() -> None:
    assert not IMPORTER.recognises([PLAIN, PLAIN])
    assert len(workflows_in([PLAIN, PLAIN])) == 2


def test_the_form_of_guides_is_written_out() -> None:
    document = {
        "name": "Order",
        "nodes": [
            {"name": "in", "type": "webhook", "parameters": {"path": "o"}, "outputs": ["which"]},
            {
                "name": "which",
                "type": "switch",
                "parameters": {
                    "value1": "{{ $json.intent }}",
                    "rules": {"rules": [{"operation": "equals", "value2": "cancel"}]},
                    "fallbackOutput": "other",
                },
                "outputs": ["cancel", "other"],
            },
            {
                "name": "cancel",
                "type": "Set",
                "parameters": {"values": {"a": "{{ $json.b }}", "n": 5}},
                "outputs": ["gone"],
            },
            {"name": "other", "type": "IF", "parameters": {"conditions": []}, "outputs": []},
        ],
    }
    found = imported(document)
    made = natives(found)
    assert made["which"]["config"]["parameters"]["rules"]["rules"] == [
        {"operation": "equal", "value2": "cancel", "output": 0}
    ]
    assert made["which"]["config"]["parameters"]["fallbackOutput"] == 1
    fields = made["cancel"]["config"]["parameters"]["assignments"]["assignments"]
    assert [one["value"] for one in fields] == ["={{ $json.b }}", 5]
    assert line_of(found, "cancel").type == "Set"
    assert "gone" in line_of(found, "cancel").reason
    assert found.definition["settings"]["webhooks"][0]["methods"] == ["POST"]


def test_connections_by_ids_are_read_and_dangling_ones_are_said() -> None:
    document = flow(node("A", "manualTrigger"), node("B", "noOp"))
    target = {"node": "id-B", "type": "main", "index": 0}
    lost = {"node": "nowhere", "type": "main", "index": 0}
    document["connections"] = {"id-A": {"main": [[target, lost], None]}, "gone": {"main": [[lost]]}}
    found = imported(document)
    assert natives(found)["B"]["config"]["inputs"][0][0]["node"] == "A"
    assert "nowhere" in line_of(found, "A").reason


def test_two_nodes_of_one_name_have_a_line_each() -> None:
    document = flow(
        node("Go", "manualTrigger"), node("A", "noOp"), node("A", "set", 3.4), links="Go > A"
    )
    found = imported(document)
    assert [one.node for one in found.report] == ["Go", "A", "A"]
    assert natives(found)["A"]["config"]["operation"] == "set"
    assert "never runs" in found.report[1].reason


def test_what_is_no_node_has_a_line() -> None:
    document = flow(node("A", "manualTrigger"))
    document["nodes"] += [None, 3, "x"]
    found = imported(document)
    assert [one.node for one in found.report] == ["A", "nodes[1]", "nodes[2]", "nodes[3]"]
    assert found.status == "incomplete"


def test_notes_pinned_items_and_places_are_kept() -> None:
    document = flow(
        node("A", "manualTrigger", position=[5, 7]),
        node("Note", "stickyNote", parameters={"content": "hello"}),
        pinData={"A": [{"json": {"x": 1}}, {"y": 2}], "gone": [1]},
    )
    found = imported(document)
    origin = found.definition["origin"]
    assert origin["notes"][0]["content"] == "hello"
    assert origin["pinned"] == {"A": [{"json": {"x": 1}}, {"json": {"y": 2}}]}
    assert natives(found)["A"]["position"] == {"x": 5, "y": 7}
    assert line_of(found, "Note").reason == "kept as a note"


def test_the_order_is_v0_where_settings_name_none() -> None:
    assert imported(flow(settings={})).definition["origin"]["execution_order"] == "v0"
    assert imported(flow()).definition["origin"]["execution_order"] == "v1"
