"""Imports of n8n that were changed since, written as workflows of n8n again."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest

from runfold.errors import InvalidInputs
from runfold.exporters.exporting import export_of
from tests.support.export_changes import (
    changed_each,
    comes_back,
    differing,
    imported,
    nodes_of,
    plain,
    values_in,
)
from tests.support.n8n_documents import flow, node
from tests.unit.test_import_n8n_variants import SAMPLES, variant

FILES = sorted(path for path in SAMPLES.glob("*.json") if path.name != "expected.json")
FLOW = flow(
    node("Start", "manualTrigger"),
    node("Ask", "slack", 2, parameters={"channel": "#a", "text": "={{ $json.q }}"}),
    node("Check", "if", 2, parameters={"conditions": {"conditions": []}}),
    node("Yes", "set", 3.4, parameters={"assignments": {"assignments": []}}),
    node("No", "noOp"),
    node("Last", "code", 2, parameters={"jsCode": "return $input.all()"}),
    node("Note", "stickyNote", parameters={"content": "why"}),
    links="Start > Ask\nAsk > Check\nCheck > Yes\nCheck.1 > No\nYes > Last\nNo > Last",
    meta={"instanceId": "kept"},
)


def change(one: Any) -> bool:
    """Change the program or a parameter of a step; whether it has what n8n has."""
    if one["type"] != "items" or one["config"]["operation"] == "trigger":
        return False
    config = one["config"]
    if "jsCode" in config.get("parameters", {}):
        config["parameters"]["jsCode"] = "return [{ json: { changed: true } }];"
    elif config["operation"] in ("set", "if", "switch", "filter", "sort", "limit", "aggregate"):
        config["parameters"].setdefault("options", {})["ignoreCase"] = True
    else:
        return False
    config.setdefault("settings", {})["execute_once"] = True
    return True


def test_one_change_is_all_that_differs() -> None:
    tried = 0
    for path in FILES:
        text = path.read_text()
        definition = imported(text)
        assert export_of(definition, "n8n").document == text
        for node_id, now in changed_each(definition, change):
            tried += 1
            made = comes_back(now, "n8n")
            name = definition["origin"]["nodes"][node_id]
            written = [one.node for one in made.report if one.result != "kept"]
            assert written == [name]
            places = differing(values_in(text), values_in(made.document))
            at = [one["name"] for one in values_in(text)["nodes"]].index(name)
            assert places
            assert all(place.startswith(f"/nodes/{at}/") for place in places)
    assert tried >= 8


def test_nodes_and_connections_come_and_go() -> None:
    definition = imported(json.dumps(FLOW))
    by_id = {one["id"]: one for one in definition["nodes"]}
    new = copy.deepcopy(by_id["Yes"])
    new |= {"id": "Extra", "name": "Extra", "position": {"x": 7, "y": 8}}
    new["config"] |= {"operation": "limit", "version": 1, "node": "Extra"}
    new["config"] |= {"parameters": {"maxItems": 2}, "inputs": copy.deepcopy(_from("Yes", 0))}
    sources = by_id["Last"]["config"]["inputs"][0]
    sources[[one["node"] for one in sources].index("Yes")] = _from("Extra", 0)[0][0]
    definition["nodes"].append(new)
    edges = definition["edges"]
    edges[:] = [one for one in edges if (one["source"], one["target"]) != ("Yes", "Last")]
    edges += [{"source": "Yes", "target": "Extra"}, {"source": "Extra", "target": "Last"}]
    made = export_of(definition, "n8n")
    document = values_in(made.document)
    assert document["meta"] == {"instanceId": "kept"}
    assert document["nodes"][:-1] == FLOW["nodes"]
    assert document["nodes"][-1]["type"] == "n8n-nodes-base.limit"
    assert document["nodes"][-1]["parameters"] == {"maxItems": 2}
    assert document["connections"]["Yes"]["main"] == [[_to("Extra")]]
    assert document["connections"]["Extra"]["main"] == [[_to("Last")]]
    again = imported(made.document)
    assert {one["id"]: one for one in again["nodes"]} == {
        one["id"]: one for one in plain(definition)["nodes"]
    }
    gone = export_of(_without(definition, "No"), "n8n", partial=True)
    left = values_in(gone.document)
    assert "No" not in [one["name"] for one in left["nodes"]]
    assert left["connections"]["Check"]["main"][1] == []


def _from(name: str, output: int) -> list[list[dict[str, Any]]]:
    reads = {key: "{{" + f"{name}.{what}.{output}" + "}}" for key, what in _WHAT.items()}
    return [[{**reads, "node": name, "output": output}]]


_WHAT = {"items": "ports", "links": "links"}


def _to(name: str) -> dict[str, Any]:
    return {"node": name, "type": "main", "index": 0}


def _without(definition: Any, node_id: str) -> Any:
    made = copy.deepcopy(definition)
    made["nodes"] = [one for one in made["nodes"] if one["id"] != node_id]
    made["edges"] = [one for one in made["edges"] if node_id not in one.values()]
    for one in nodes_of(made):
        inputs = one.get("config", {}).get("inputs", ())
        for sources in inputs:
            sources[:] = [each for each in sources if each.get("node") != node_id]
    return made


@pytest.mark.parametrize(
    ("node_id", "key", "value", "why"),
    [
        ("Start", "parameters", {"trigger": "webhook"}, "no parameter of n8n"),
        ("Ask", "parameters", {"text": "x"}, "no parameter of n8n"),
        ("Last", "operation", "sort", "no parameter of n8n"),
    ],
)
def test_what_n8n_has_no_parameter_of_is_refused(
    node_id: str, key: str, value: Any, why: str
) -> None:
    definition = imported(json.dumps(FLOW))
    one = next(one for one in definition["nodes"] if one["id"] == node_id)
    one["config"][key] = value
    with pytest.raises(InvalidInputs, match=why) as caught:
        export_of(definition, "n8n")
    assert [each["node"] for each in caught.value.details["nodes"]] == [node_id]
    left = values_in(export_of(definition, "n8n", partial=True).document)
    assert node_id not in [each["name"] for each in left["nodes"]]
    assert node_id not in left["connections"]


def test_the_parameters_of_a_service_are_written() -> None:
    definition = imported(json.dumps(FLOW))
    asked = next(
        one for one in definition["nodes"] if one.get("config", {}).get("operation") == "resolve"
    )
    asked["config"]["parameters"]["text"] = "={{ $json.other }}"
    made = values_in(comes_back(definition, "n8n").document)
    assert differing(FLOW, made) == ["/nodes/1/parameters/text"]


def test_an_edge_without_items_is_said() -> None:
    definition = imported(json.dumps(FLOW))
    definition["edges"].append({"source": "Start", "target": "Last"})
    with pytest.raises(InvalidInputs, match="the edge from 'Start': no items come by it"):
        export_of(definition, "n8n")


def test_what_never_was_of_n8n_is_not_written() -> None:
    document = {"id": "w", "nodes": [{"id": "t", "type": "template", "config": {"template": "x"}}]}
    with pytest.raises(InvalidInputs, match="only what was imported from n8n"):
        export_of(document, "n8n")


@pytest.mark.parametrize("seeds", [range(at, at + 10) for at in range(0, 20, 10)])
def test_odd_documents_are_exported_or_refused(seeds: range) -> None:
    for seed in seeds:
        rng = random.Random(seed)
        text = json.dumps(variant(json.loads(rng.choice(FILES).read_text()), rng))
        try:
            definition = imported(text)
        except AssertionError:
            continue  # no workflow any more
        if definition.get("origin", {}).get("format") != "n8n":
            continue
        assert export_of(definition, "n8n").document == text
        for one in nodes_of(definition):
            one["position"] = {"x": 1, "y": 2}
            if one["type"] == "items":
                one["retry"] = {"max_attempts": 4}
        assert values_in(export_of(definition, "n8n", partial=True).document)
