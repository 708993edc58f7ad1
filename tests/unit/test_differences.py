"""What differs between two definitions, and a document under another id."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from runfold.graph.differences import Change, EdgeRef, differences
from runfold.graph.loader import load_workflow, prepare
from runfold.graph.reading.renaming import with_id

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
BEFORE: dict[str, Any] = {
    "id": "w",
    "name": "One",
    "inputs": {"list": {"type": "array"}, "gone": {"type": "string"}},
    "settings": {"max_steps": 10},
    "nodes": [
        {
            "id": "each",
            "type": "iteration",
            "config": {
                "items": "{{list}}",
                "nodes": [
                    {"id": "ask", "type": "template", "config": {"template": "a"}},
                    {"id": "tell", "type": "template", "config": {"template": "{{ask.output}}"}},
                ],
            },
        },
        {"id": "end", "type": "end", "config": {"outputs": {"all": "{{each.output}}"}}},
    ],
}


def changed(**over: Any) -> Any:
    after = msgspec.json.decode(msgspec.json.encode(BEFORE))
    after.update(over)
    return differences(prepare(BEFORE)[0], prepare(after)[0])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_workflow_does_not_differ_from_itself(path: Path) -> None:
    workflow, _ = prepare(path.read_bytes())
    found = differences(workflow, workflow)
    assert found.same
    parts = (found.inputs, found.outputs, found.settings, found.other, found.edges.added)
    assert not any((*parts, found.nodes.added, found.nodes.removed, found.nodes.changed))


def test_nodes_of_bodies_are_named_by_their_addresses() -> None:
    nodes = msgspec.json.decode(msgspec.json.encode(BEFORE["nodes"]))
    body = nodes[0]["config"]
    body["nodes"] = [
        {
            "id": "ask",
            "type": "template",
            "config": {"template": "b"},
            "retry": {"max_attempts": 2},
        },
        {"id": "new", "type": "template", "config": {"template": "{{ask.output}}"}},
    ]
    body["max_items"] = 3
    found = changed(nodes=nodes)
    added, removed = found.nodes.added, found.nodes.removed
    assert [(one.node, one.type) for one in added] == [("each/new", "template")]
    assert [(one.node, one.type) for one in removed] == [("each/tell", "template")]
    assert added[0].definition["config"] == removed[0].definition["config"]
    changes = {one.node: one.changes for one in found.nodes.changed}
    assert changes["each/ask"] == (
        Change("config.template", "a", "b"),
        Change("retry.max_attempts", after=2),
    )
    assert [one.path for one in changes["each"]] == ["config.max_items"]
    assert found.edges.added == (EdgeRef("each/ask", "each/new", "out"),)
    assert found.edges.removed == (EdgeRef("each/ask", "each/tell", "out"),)
    assert not found.same


def test_inputs_outputs_settings_and_the_rest_are_told_apart() -> None:
    nodes = msgspec.json.decode(msgspec.json.encode(BEFORE["nodes"]))
    nodes[1]["config"]["outputs"] = {"every": "{{each.output}}"}
    found = changed(
        inputs={"list": {"type": "array", "required": True}, "new": {"type": "number"}},
        settings={"max_steps": 20},
        name="Two",
        labels={"team": "a"},
        nodes=nodes,
    )
    inputs = {one.path: one for one in found.inputs}
    assert inputs.keys() == {"list.required", "gone", "new"}
    assert inputs["gone"].after is msgspec.UNSET
    assert inputs["new"].before is msgspec.UNSET
    assert found.settings == (Change("max_steps", 10, 20),)
    assert [one.path for one in found.other] == ["name", "labels.team"]
    assert [one.path for one in found.outputs] == [
        "end.config.outputs.all",
        "end.config.outputs.every",
    ]
    assert found.nodes.changed[0].node == "end"


def test_the_place_of_a_node_in_its_list_is_no_difference_and_the_order_of_keys_is() -> None:
    """OpenFn/kit#1411: two versions seemed to differ that meant the same."""
    edges = [{"source": "each", "target": "end"}]
    nodes = list(reversed(BEFORE["nodes"]))
    found = changed(nodes=nodes, edges=edges)
    assert not found.nodes.changed
    assert not found.nodes.added
    assert not found.edges.added
    turned = [
        {"id": "n", "type": "end", "config": {"outputs": outputs}}
        for outputs in ({"a": 1, "b": 2}, {"b": 2, "a": 1})
    ]
    one, two = (prepare({"id": "w", "nodes": [node]})[0] for node in turned)
    (change,) = differences(one, two).nodes.changed
    assert [one.path for one in change.changes] == ["config.outputs"]
    # 1 and 1.0, true and 1 are not the same value.
    assert [one.path for one in changed(variables={"x": True}).other] == ["variables.x"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("name", ["other-1", "1st", "true", "größe"])
def test_a_document_under_another_id_differs_in_nothing_else(path: Path, name: str) -> None:
    text = path.read_text()
    renamed = with_id(text, name)
    assert renamed is not None
    before, after = yaml.safe_load(text), yaml.safe_load(renamed)
    assert after.pop("id") == name
    del before["id"]
    assert after == before
    assert len(renamed.splitlines()) == len(text.splitlines())
    assert sum(a != b for a, b in zip(text.splitlines(), renamed.splitlines(), strict=True)) == 1
    assert load_workflow(renamed).id == name


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("# c\nid: old  # the id\nname: x\n", "# c\nid: new  # the id\nname: x\n"),
        ('{\t"name":"ä😀", "id" : "old"}', '{\t"name":"ä😀", "id" : "new"}'),
        ("name: ü😀\nid: 'old'\n", "name: ü😀\nid: 'new'\n"),
        ("a: 1\r\nid: old\r\n", "a: 1\r\nid: new\r\n"),
        ("\ufeffid: old", "\ufeffid: new"),
        ("{id: old, name: x}", "{id: new, name: x}"),
        ("- id: old", None),
        ("a: {id: old}", None),
        ("id: [old]", None),
        ("id: 'old", None),
    ],
)
def test_only_the_id_itself_is_replaced(text: str, wanted: str | None) -> None:
    assert with_id(text, "new") == wanted
