"""Findings say where in the author's text something stands, and which node it is about."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from runfold.graph.definition import Finding
from runfold.graph.loader import load_workflow
from runfold.graph.reading.places import JsonPlaces, Place, YamlPlaces

YAML = """\
# A comment before it.
id: order
inputs: {}
nodes:
  - id: first
    type: template
    config:
      template: |
        {{ghost.output}}
      tempo: 3
  - id: each
    type: iteration
    config:
      items: [1]
      nodes:
        - {id: call, type: code, config: {cod: "result = 1"}}
  - id: fan
    type: parallel
    config:
      branches:
        web: {nodes: [{id: get, type: tmplate}]}
  - {id: greet, type: sub_workflow, config: {workflow: greeting}}
workflows:
  greeting:
    nodes:
      - {id: end, type: end, config: {outputz: 1}}
edges:
  - {source: first, target: each}
  - {source: each, target: nowhere}
  - {source: each, target: fan}
  - {source: fan, target: greet}
"""


def found(source: Any) -> list[Finding]:
    return [one for one in load_workflow(source).findings if one.level == "error"]


def places(source: Any) -> list[tuple[str, str, str, int, int]]:
    return [(one.code, one.path, one.node, one.line, one.column) for one in found(source)]


EXPECTED = [
    ("reference.unknown", "nodes[0].config.template", "first", 8, 7),
    ("config.unknown_key", "nodes[0].config.tempo", "first", 10, 7),
    ("config.missing", "nodes[1].config.nodes[0].config.code", "each/call", 16, 34),
    ("config.unknown_key", "nodes[1].config.nodes[0].config.cod", "each/call", 16, 43),
    ("node.unknown_type", "nodes[2].config.branches.web.nodes[0].type", "fan[web]/get", 21, 33),
    ("config.unknown_key", "workflows.greeting.nodes[0].config.outputz", "greeting:end", 26, 39),
    ("edge.dangling", "edges[1].target", "", 29, 20),
]


def test_findings_come_in_the_order_of_the_text_with_line_column_and_node() -> None:
    assert places(YAML) == EXPECTED
    assert places(YAML.encode()) == EXPECTED


def test_json_has_the_same_places_by_its_own_lines() -> None:
    import yaml

    text = json.dumps(yaml.safe_load(YAML), indent=1)
    lines = text.splitlines()
    for one, expected in zip(found(text), EXPECTED, strict=True):
        assert (one.code, one.path, one.node) == expected[:3]
        step = one.path.rpartition(".")[2]
        there = lines[one.line - 1][one.column - 1 :]
        # What is missing has the nearest place: the key of the configuration it is missing in.
        assert there.startswith(f'"{"config" if one.code == "config.missing" else step}"')


def test_an_object_has_no_lines() -> None:
    import yaml

    loaded = found(yaml.safe_load(YAML))
    assert sorted(one.path for one in loaded) == sorted(path for _, path, *_ in EXPECTED)
    assert {one.line for one in loaded} == {0}
    assert "line" not in msgspec.to_builtins(loaded[0])


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ('{\n "id": "x",\n "nodes": [}', 3, 12),
        ('{\n "id": "x",\n "a": 1, "b": {"c": 1,\n  "c": 2}}', 4, 3),
        ("id: x\nnodes:\n  - id: [a\n", 4, 1),
        ("id: x\nid: y\n", 2, 1),
        (b"id: \xc3\xa9\nname: a\xff", 2, 8),
        ("id: x\nnodes:\n  - {id: a, type: template, config: {template: .nan}}\n", 3, 38),
        ('{"nodes": [{"id": "a",\n "type": "noop", "name": "\\ud800"}]}', 2, 18),
        ("[1, 2]", 1, 1),
        ("", 0, 0),
    ],
)
def test_what_cannot_be_read_has_a_place(source: str | bytes, line: int, column: int) -> None:
    (one,) = found(source)
    assert one.code.startswith("document.")
    assert (one.line, one.column) in {(line, column), (1, 1) if not line else (line, column)}


def test_keys_with_dots_merged_keys_and_aliases_are_found() -> None:
    text = """\
common: &common
  a.b: {c: 1}
  d: 2
it:
  <<: *common
  d: 3
again: *common
list: [[1, 2], [3]]
"""
    there = YamlPlaces(text)
    assert there.of("it.a.b.c") == Place(2, 9)
    assert there.of("it.d") == Place(6, 3)
    assert there.of("again.d") == Place(3, 3)
    assert there.of("list[1][0]") == Place(8, 17)
    assert there.of("list[1][7].x") == Place(8, 16)
    assert there.of("it.nothing.at.all") == Place(4, 1)
    assert there.of("") == Place(1, 1)
    text = '{"a.b": {"c": [1,\n {"d\\u0065": true}]}}'
    assert JsonPlaces(text).of("a.b.c[1].de") == Place(2, 3)
    assert JsonPlaces(text).of("a.b.c[9]") == Place(1, 10)


def test_a_mapping_that_holds_itself_ends() -> None:
    assert YamlPlaces("a: &a\n  b: *a\n").of("a" + ".b" * 200).line == 2
    assert YamlPlaces("a: &a\n  <<: *a\n  b: 1\n").of("a.b") == Place(3, 3)


def test_deep_text_has_the_nearest_place() -> None:
    text = "[" * 90 + "]" * 90
    assert JsonPlaces(text).of("[0]" * 89).line == 1
