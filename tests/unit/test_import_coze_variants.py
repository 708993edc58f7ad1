"""Canvases of Coze that are not as they should be: always a definition that loads, and a report."""

from __future__ import annotations

import copy
import itertools
import json
import random
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from runfold.graph.loader import load_workflow
from runfold.importers.coze import IMPORTER
from runfold.importers.coze.canvas import read_canvas
from runfold.importers.coze.kinds import KINDS
from runfold.importers.coze.shapes import shape_of
from runfold.importers.importer import Context
from runfold.importers.importing import finished

SAMPLES = sorted((Path(__file__).parents[1] / "samples" / "import" / "coze").glob("*.json"))
ODD: tuple[Any, ...] = (
    *(None, "", 0, -1, True, [], {}, [None], {"type": None}, "{{", "{{a.b}}", "{% if %}", "名字"),
    *(1.5, "x" * 500, [[[]]], {"value": {"type": "ref", "content": None}}, 10**19),
)


@cache
def samples() -> tuple[Any, ...]:
    found = [json.loads(path.read_text()) for path in SAMPLES if path.name != "expected.json"]
    return (*found, all_kinds())


def parameter(name: str, block: str = "100001", path: str = "a") -> dict[str, Any]:
    content = {"source": "block-output", "blockID": block, "name": path}
    value = {"type": "ref", "content": content}
    return {"name": name, "input": {"type": "string", "value": value}}


def all_kinds() -> dict[str, Any]:
    """A canvas with a node of every type, one after the other."""
    types = [number for number in KINDS if number not in ("1", "2", "19", "29", "20")]
    inputs = [parameter(name) for name in ("input", "Query", "query", "String", "conversationName")]
    settings = {
        "inputParameters": inputs,
        "llmParam": [
            {"name": "prompt", "input": {"type": "string", "value": {"content": "{{input}}"}}}
        ],
        "settingOnError": {"processType": 2, "dataOnErr": '{"output": "none"}', "retryTimes": 2},
        "intents": [{"name": "one"}],
        "code": "async def main(args):\n    return {}",
        "language": 3,
        "sql": "select {{input}}",
        "workflowId": "77",
        "fcParam": {
            "workflowFCParam": {"workflowList": [{"workflow_id": "78"}]},
            "knowledgeFCParam": {"knowledgeList": [{"id": "5"}]},
            "pluginFCParam": {"pluginList": [{"plugin_id": "9", "api_name": "x"}]},
        },
        "timerParam": {"delay_duration": {"type": "literal", "content": 1}, "duration_unit": "m"},
        "datasetParam": [
            {"name": "datasetList", "input": {"type": "list", "value": {"content": ["5"]}}}
        ],
    }
    nodes: list[dict[str, Any]] = [
        {"id": "100001", "type": "1", "data": {"outputs": [{"name": "a", "type": "string"}]}}
    ]
    nodes += [
        {
            "id": f"{200000 + number}",
            "type": type_,
            "data": {"inputs": settings, "outputs": [{"name": "output", "type": "object"}]},
        }
        for number, type_ in enumerate(types)
    ]
    end = {"inputParameters": [parameter("o", f"{200000 + len(types) - 1}", "output.x")]}
    nodes.append({"id": "900001", "type": "2", "data": {"inputs": end}})
    edges = [
        {"sourceNodeID": one["id"], "targetNodeID": other["id"]}
        for one, other in itertools.pairwise(nodes)
    ]
    return {"nodes": nodes, "edges": edges}


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a value: what it is in, and its key."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(inside):
        yield value, key
        if isinstance(inner, dict | list):
            yield from places(inner)


def variant(seed: int) -> Any:
    chance = random.Random(seed)
    document = copy.deepcopy(chance.choice(samples()))
    for _ in range(chance.randint(1, 12)):
        where, key = chance.choice(list(places(document)) or [(document, "nodes")])
        match chance.randint(0, 4):
            case 0 if isinstance(where, dict):
                where.pop(key, None)
            case 1 if isinstance(where, list):
                chance.shuffle(where)
            case 2 if isinstance(where, list):
                where.append(copy.deepcopy(where[key % len(where)]))
            case _:
                where[key] = copy.deepcopy(chance.choice(ODD))
    return document


def read(document: Any) -> Any:
    imported = IMPORTER.read(document, Context(name="variant"))
    findings = load_workflow(
        {key: value for key, value in imported.definition.items() if key != "origin"}
    ).findings
    return imported, [one for one in findings if one.level == "error"]


def test_every_type_of_nodes_is_there() -> None:
    imported, errors = read(all_kinds())
    assert not errors
    assert {line.result for line in imported.report} == {"mapped", "approximated"}
    assert len(imported.report) == len(all_kinds()["nodes"])


@pytest.mark.parametrize("seed", range(100))
def test_a_canvas_that_is_odd_is_read_all_the_same(seed: int) -> None:
    document = variant(seed)
    began = time.monotonic()
    IMPORTER.recognises(document)
    imported = finished(IMPORTER.read(document, Context(name="variant")), json.dumps(document))
    assert time.monotonic() - began < 2
    shape = shape_of(document)
    canvas = read_canvas(shape.canvas if shape else {})
    lines = [line.node for line in imported.report if line.type != "document"]
    assert sorted(lines) == sorted([*canvas.blocks, *(one for one, _, _ in canvas.broken)])
    definition = {key: value for key, value in imported.definition.items() if key != "origin"}
    assert not [one for one in load_workflow(definition).findings if one.level == "error"]


@pytest.mark.parametrize("around", ["", "21", "28"])
def test_every_type_fits_into_each_place(around: str) -> None:
    outer = "loop" if around == "21" else "batch"
    for number in KINDS:
        if number in ("1", "21", "28", "31"):
            continue
        settings = copy.deepcopy(all_kinds()["nodes"][1]["data"]["inputs"])
        settings |= {"answer_type": "option", "options": [{"name": "a"}, {"name": "b"}]}
        settings |= {
            "method": "split",
            "content": {"value": {"type": "literal", "content": "{{x}}"}},
        }
        lists = {"type": "list", "schema": {"type": "object", "schema": [{"name": "a"}]}}
        inner = {
            "id": "5",
            "type": number,
            "data": {"inputs": settings, "outputs": [{"name": "output", **lists}]},
        }
        start = {"id": "100001", "type": "1", "data": {"outputs": [{"name": "a", "type": "list"}]}}
        middle, edges = inner, [("100001", "5"), ("5", "900001")]
        if around:
            each = parameter("item1")
            each["input"] |= {"type": "list"}
            body = [
                {
                    "sourceNodeID": "4",
                    "targetNodeID": "5",
                    "sourcePortID": f"{outer}-function-inline-output",
                },
                {"sourceNodeID": "5", "targetNodeID": "4"},
            ]
            read_from = parameter("output", "5", "output")
            data = {"inputs": {"inputParameters": [each]}, "outputs": [read_from]}
            middle = {"id": "4", "type": around, "data": data, "blocks": [inner], "edges": body}
            edges = [("100001", "4"), ("4", "900001")]
        end = {"inputParameters": [parameter("o", middle["id"], "output.a")]}
        nodes = [start, middle, {"id": "900001", "type": "2", "data": {"inputs": end}}]
        wired = [{"sourceNodeID": one, "targetNodeID": other} for one, other in edges]
        imported, errors = read({"nodes": nodes, "edges": wired})
        assert not errors, (number, errors)
        assert "unsupported" not in {line.result for line in imported.report}
