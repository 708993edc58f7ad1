"""Imports of Coze that were changed since, written as canvases of Coze again."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from runfold.errors import InvalidInputs
from runfold.exporters.exporting import export_of
from runfold.importers.coze.texts import loosely
from tests.support.export_changes import (
    changed_each,
    comes_back,
    differing,
    imported,
    nodes_of,
    values_in,
)
from tests.unit.test_import_coze_variants import all_kinds, variant

FOLDER = Path(__file__).parents[1] / "samples" / "import" / "coze"
FILES = sorted(path for path in FOLDER.glob("*.json") if path.name != "expected.json")


def change(one: Any) -> bool:
    """Change a text or a number of a node; whether it has one that a canvas has as it is."""
    config = one["config"]
    match one["type"]:
        case "template":
            config["template"] += " and more"
        case "answer":
            config["answer"] = f"So: {config['answer']}"
        case "llm" if config.get("prompt"):
            config["prompt"] += " Be brief."
        case "code" if config.get("language") != "javascript":
            config["code"] += "\n# changed\n"
        case "selector":
            member = next(iter(config["branches"][0]["condition"].values()))[0]
            if not isinstance(member, dict) or not isinstance(member.get("right"), int):
                return False
            member["right"] += 5
        case "loop" if isinstance(config.get("count"), int):
            config["count"] += 1
        case _:
            return False
    return True


def sample(name: str) -> Any:
    return imported((FOLDER / f"{name}.json").read_text())


def test_one_change_is_all_that_differs() -> None:
    tried, refused = 0, []
    for path in FILES:
        text = path.read_text()
        definition = imported(text)
        assert export_of(definition, "coze").document == text
        for node_id, now in changed_each(definition, change):
            tried += 1
            try:
                made = comes_back(now, "coze")
            except InvalidInputs:
                refused.append((path.stem, node_id))
                continue
            assert [one.result for one in made.report if one.result != "kept"] == ["written"]
            assert len(differing(values_in(text), values_in(made.document))) == 1
    assert tried >= 20
    # A batch over one node has its prompt with names of its own; a text is of two settings.
    assert len(refused) <= 3, refused


def test_a_template_reads_other_inputs_of_its_node() -> None:
    definition = sample("grade")
    told = next(one for one in definition["nodes"] if one["id"] == "110002")
    assert loosely(told["config"]["template"]) == "{{100001.name}}: excellent ({{100001.score}})"
    told["config"]["template"] = "{{100001.score}} of {{100001.name}}"
    assert "{{String2}} of {{String1}}" in export_of(definition, "coze").document
    told["config"]["template"] = "{{_['100001'].score|default(0, true)}} of {{_['100001'].name}}"
    assert "{{String2}} of {{String1}}" in comes_back(definition, "coze").document
    told["config"]["template"] = "{{110001.branch}}"
    with pytest.raises(InvalidInputs, match="no place for `template` as it is now"):
        export_of(definition, "coze")


def test_a_reference_leads_to_another_output() -> None:
    definition = sample("grade")
    chosen = next(one for one in definition["nodes"] if one["id"] == "110004")
    values = chosen["config"]["groups"]["text"]
    assert values[:2] == ["{{110002.output}}", "{{110003.output}}"]
    values[0] = "{{110003.output}}"
    made = comes_back(definition, "coze")
    places = differing(values_in((FOLDER / "grade.json").read_text()), values_in(made.document))
    assert len(places) == 1
    assert places[0].endswith("/content/blockID")


def test_titles_and_positions_are_written() -> None:
    definition = sample("loop_until_stop")
    for number, one in enumerate(nodes_of(definition)):
        if one["id"] in definition["origin"]["nodes"]:
            one |= {"name": f"Node {number}", "position": {"x": float(number), "y": 1.0}}
    comes_back(definition, "coze")


def test_connections_come_and_go() -> None:
    text = (FOLDER / "grade.json").read_text()
    definition = imported(text)
    edges = definition["edges"]
    moved = next(one for one in edges if one["source"] == "110001" and one["target"] == "110002")
    other = next(one for one in edges if one["source"] == "110001" and one["target"] == "110003")
    moved["target"], other["target"] = other["target"], moved["target"]
    again = imported(export_of(definition, "coze").document)
    assert sorted(map(str, again["edges"])) == sorted(map(str, edges))
    gone = copy.deepcopy(definition)
    gone["nodes"] = [one for one in gone["nodes"] if one["id"] != "110002"]
    gone["edges"] = [one for one in gone["edges"] if "110002" not in one.values()]
    left = values_in(export_of(gone, "coze", partial=True).document)
    assert "110002" not in [one["id"] for one in left["nodes"]]
    assert not [one for one in left["edges"] if "110002" in one.values()]


@pytest.mark.parametrize(
    ("node_id", "changed", "why"),
    [
        ("110002", {"type": "values", "config": {"outputs": {}}}, "are changed in Coze"),
        ("110002", {"retry": {"max_attempts": 3}}, "are changed in Coze"),
        ("110004", {"config": {"groups": {"text": ["{{110002.output}}"]}}}, "came or went"),
        ("110002", {"config": {"template": "{{110001.branch}}"}}, "no place for `template`"),
    ],
)
def test_what_the_canvas_has_no_place_for_is_refused(
    node_id: str, changed: dict[str, Any], why: str
) -> None:
    definition = sample("grade")
    one = next(one for one in definition["nodes"] if one["id"] == node_id)
    one |= changed
    with pytest.raises(InvalidInputs, match=why):
        export_of(definition, "coze")


def test_a_new_node_is_not_written() -> None:
    definition = sample("grade")
    new = {"id": "new", "type": "template", "config": {"template": "x"}}
    definition["nodes"].append(new)
    definition["edges"].append({"source": "110004", "target": "new"})
    with pytest.raises(InvalidInputs, match="add it in Coze"):
        export_of(definition, "coze")
    made = export_of(definition, "coze", partial=True)
    assert next(one.node for one in made.report if one.result == "not_exported") == "new"
    with pytest.raises(InvalidInputs, match="only what was imported"):
        export_of({"id": "w", "nodes": [new]}, "coze")


@pytest.mark.parametrize("seeds", [range(at, at + 10) for at in range(0, 20, 10)])
def test_odd_canvases_are_exported_or_refused(seeds: range) -> None:
    for seed in seeds:
        text = json.dumps(variant(seed) if seed else all_kinds())
        try:
            definition = imported(text)
        except AssertionError:
            continue  # no canvas any more
        if definition.get("origin", {}).get("format") != "coze":
            continue
        assert export_of(definition, "coze").document == text
        for one in nodes_of(definition):
            if one["type"] in ("template", "answer"):
                change(one)
            one["name"] = "Renamed"
        assert values_in(export_of(definition, "coze", partial=True).document)
