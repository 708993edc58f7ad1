"""The YAML of Coze's hosted product: what it says as a canvas, and the zip that it comes in."""

from __future__ import annotations

import copy
import io
import json
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from runfold.errors import InvalidInputs
from runfold.exporters.exporting import export_of
from runfold.importers.coze import IMPORTER
from runfold.importers.coze.written import TYPES, canvas_of, is_written
from runfold.importers.importer import Context
from runfold.importers.importing import PassedOver, SourceFile, import_files
from runfold.importers.report import Imported
from tests.support.coze_yaml import yaml_of

SAMPLE = Path(__file__).parents[1] / "samples" / "import" / "coze" / "written.yaml"
CANVASES = sorted(set(SAMPLE.parent.glob("*.json")) - {SAMPLE.parent / "expected.json"})


def document() -> dict[str, Any]:
    return yaml.safe_load(SAMPLE.read_text())


def node(type_: str, **parameters: Any) -> dict[str, Any]:
    """A workflow of a start, one other node and an end."""
    inner = {"id": "1", "type": type_, "title": "it", "parameters": parameters}
    start = {"id": "100001", "type": "start", "parameters": {}}
    last = {"id": "900001", "type": "end", "parameters": {"terminatePlan": "returnVariables"}}
    ends = [start, last]
    edges = [
        {"source_node": "100001", "target_node": "1"},
        {"source_node": "1", "target_node": "900001"},
    ]
    return {"schema_version": "1.0.0", "nodes": [ends[0], inner, ends[1]], "edges": edges}


def made(one: dict[str, Any]) -> dict[str, Any]:
    """The data of the other node as a canvas has it."""
    return canvas_of(one)["nodes"][1]["data"]


@pytest.mark.parametrize(
    ("declared", "variable"),
    [
        ({"type": "number"}, {"type": "float"}),
        ({"type": "time"}, {"type": "string", "assistType": 10000}),
        ({"type": "image", "value": None}, {"type": "string", "assistType": 2}),
        ({"type": "voice"}, {"type": "string", "assistType": 12}),
        ({"type": "integer", "value": 0}, {"type": "integer", "defaultValue": 0}),
        (
            {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "number"}}}},
            {
                "type": "list",
                "schema": {"type": "object", "schema": [{"name": "n", "type": "float"}]},
            },
        ),
    ],
)
def test_an_output_is_declared(declared: Any, variable: dict[str, Any]) -> None:
    outputs = made(node("code", node_outputs={"a": declared}))["outputs"]
    assert outputs == [{"name": "a", **variable}]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ({"type": "integer", "value": "5"}, {"type": "literal", "content": "5"}),
        (
            {"value": {"path": "a.b", "ref_node": "7"}},
            {"type": "ref", "content": {"source": "block-output", "blockID": "7", "name": "a.b"}},
        ),
        (
            {"value": {"path": "name", "source": "global_variable_user"}},
            {
                "type": "ref",
                "content": {
                    "source": "global_variable_user",
                    "path": ["name"],
                    "blockID": "",
                    "name": "",
                },
            },
        ),
        ({"type": "string", "value": {"content": ""}}, {"type": "literal", "content": ""}),
        (
            {"type": "string", "value": {"type": "literal", "content": "x"}},
            {"type": "literal", "content": "x"},
        ),
    ],
)
def test_a_value_is_written_down_or_refers(written: Any, value: dict[str, Any]) -> None:
    inputs = made(node("code", node_inputs=[{"name": "a", "input": written}]))["inputs"]
    assert inputs["inputParameters"][0]["input"]["value"] == value
    as_object = made(node("code", node_inputs={"a": written}))["inputs"]
    assert as_object["inputParameters"] == inputs["inputParameters"]


@pytest.mark.parametrize("type_", [*TYPES, "ltm_read", "ltm_write", "video_generation"])
def test_each_type_is_known(type_: str) -> None:
    imported = IMPORTER.read(node(type_), Context(name="flow"))
    assert [line.result for line in imported.report if line.result == "unsupported"] == []
    assert len(imported.report) == 3


@pytest.mark.parametrize(
    "other",
    [
        {"nodes": [{"id": "1", "type": "code", "parameters": {}}], "edges": []},
        {"schema_version": 1, "nodes": [{"id": "1", "type": "code", "config": {}}]},
        {"nodes": [{"id": "1", "type": "n8n-nodes-base.if", "parameters": {}}], "edges": []},
    ],
)
def test_other_documents_are_left_to_others(other: dict[str, Any]) -> None:
    assert not is_written(other)


def test_a_zip_has_the_workflow_and_those_that_it_calls() -> None:
    main = node("subflow", workflowId="77", node_inputs=[])
    main |= {"name": "main", "id": 76}
    called = node("code", code="x", language=3) | {"name": "called", "id": 77}
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("Workflow-main-draft-1/MANIFEST.yml", "type: Workflow\nmain: {id: 76}\n")
        for one in (main, called):
            archive.writestr(
                f"Workflow-main-draft-1/workflow/{one['name']}-draft.yaml", yaml.safe_dump(one)
            )
    manifest, *found = import_files([SourceFile("main", body.getvalue())])
    assert isinstance(manifest, PassedOver)
    assert all(isinstance(one, Imported) for one in found)
    assert [one.definition["name"] for one in found if isinstance(one, Imported)] == [
        "main",
        "called",
    ]
    first = found[0]
    assert isinstance(first, Imported)
    call = next(one for one in first.definition["nodes"] if one["type"] == "sub_workflow")
    assert call["config"]["workflow"] == "called"


def test_it_comes_back_as_it_was_and_is_not_written_changed() -> None:
    (imported,) = import_files([SourceFile("written", SAMPLE.read_bytes())])
    assert isinstance(imported, Imported)
    assert export_of(imported.definition, "coze").document == SAMPLE.read_text()
    imported.definition["nodes"][0]["name"] = "Begin"
    with pytest.raises(InvalidInputs, match="canvas of Coze"):
        export_of(imported.definition, "coze")


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, one in members:
        found.append((*way, key))
        if isinstance(one, dict | list):
            found += places(one, (*way, key))
    return found


@pytest.mark.parametrize("seed", range(8))
def test_anything_may_stand_anywhere(seed: int) -> None:
    draw, whole = random.Random(seed), document()
    ways = places(whole)
    for _ in range(6):
        changed = copy.deepcopy(whole)
        for way in draw.sample(ways, 2):
            held = changed
            for step in way[:-1]:
                held = held[step] if isinstance(held, dict | list) else {}
            if isinstance(held, dict):
                held[way[-1]] = draw.choice((None, 7, "x", True, [], {}, [1], {"value": {}}))
        if IMPORTER.recognises(changed):
            IMPORTER.read(changed, Context(name="flow"))


@pytest.mark.parametrize("path", CANVASES, ids=lambda path: path.stem)
def test_a_canvas_says_the_same_in_either_form(path: Path) -> None:
    canvas = json.loads(path.read_text())
    read = [IMPORTER.read(one, Context(name="it")) for one in (canvas, yaml_of(canvas))]
    first, second = ({**one.definition, "origin": None} for one in read)
    assert second == first


def test_a_node_may_have_no_parameters_and_its_type_capitals() -> None:
    ends = [{"id": "1", "type": "START"}, {"id": "2", "type": "end"}]
    written = {"nodes": ends, "edges": [{"source_node": "1", "target_node": "2"}]}
    assert is_written(written)
    assert [one["type"] for one in canvas_of(written)["nodes"]] == ["1", "2"]


def test_the_output_of_a_loop_may_be_the_reference_itself() -> None:
    inner = {"path": "output", "ref_node": "2"}
    loop = node("loop", node_outputs={"all": {"type": "list", "items": {"type": "string"}}})
    loop["nodes"][1]["parameters"]["node_outputs"]["all"]["value"] = inner
    [output] = canvas_of(loop)["nodes"][1]["data"]["outputs"]
    assert output["name"] == "all"
    assert output["input"]["type"] == "list"
    assert output["input"]["value"]["content"]["blockID"] == "2"


def test_a_default_may_be_called_default_value() -> None:
    given = {"n": {"type": "integer", "default_value": 3}}
    [output] = canvas_of(node("code", node_outputs=given))["nodes"][1]["data"]["outputs"]
    assert output["defaultValue"] == 3
