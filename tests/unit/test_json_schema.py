"""JSON Schemas are bounded in what they ask, and validations in their steps."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.errors import ExpressionFailed
from runfold.graph.loader import load_workflow
from runfold.values.json_schema import mismatches, schema_problem

FAN_OUT: dict[str, Any] = {
    "type": "object",
    "properties": {"a": {"$ref": "#/$defs/a0"}},
    "$defs": {
        **{f"a{i}": {"allOf": [{"$ref": f"#/$defs/a{i + 1}"}] * 2} for i in range(30)},
        "a30": {"type": "string"},
    },
}
DRAFT = "https://json-schema.org/draft/2020-12/schema"
COSTLY: dict[str, dict[str, Any]] = {
    "fan-out": FAN_OUT,
    "fan-out by condition": {
        "$defs": {
            **{
                f"a{i}": {name: {"$ref": f"#/$defs/a{i + 1}"} for name in ("if", "then", "not")}
                for i in range(20)
            },
            "a20": {},
        },
        "$ref": "#/$defs/a0",
    },
    "itself": {"$ref": "#"},
    "itself by a group": {"anyOf": [{"$ref": "#"}]},
    "evaluated again and again": {
        "$defs": {
            **{
                f"a{i}": {"unevaluatedProperties": False, "allOf": [{"$ref": f"#/$defs/a{i + 1}"}]}
                for i in range(20)
            },
            "a20": {},
        },
        "$ref": "#/$defs/a0",
    },
    "many parts": {"properties": {f"p{i}": {"type": "string"} for i in range(5_000)}},
    "large": {"description": "x" * 300_000},
    "a draft of its own inside": {"properties": {"a": {"$schema": DRAFT, "pattern": "(a+)+$"}}},
}


@pytest.mark.parametrize("name", COSTLY)
def test_what_asks_too_much_is_refused_before_any_value_is_seen(name: str) -> None:
    assert schema_problem(COSTLY[name])
    with pytest.raises(ExpressionFailed) as raised:
        mismatches({"a": "x"}, COSTLY[name])
    assert raised.value.code == "schema.too_costly"


def test_a_nested_schema_is_refused() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(100):
        schema = {"properties": {"a": schema}}
    assert "nested" in schema_problem(schema)


def test_the_check_of_a_document_names_the_node() -> None:
    node = {"id": "ask", "type": "human_review", "config": {"form": FAN_OUT}}
    found = load_workflow({"id": "w", "inputs": {}, "nodes": [node]}).findings
    assert any(one.path.startswith("nodes[0].config") and one.level == "error" for one in found)


@pytest.mark.parametrize("reference", [DRAFT, "http://127.0.0.1/x", "other.json#/a"])
def test_what_is_outside_is_not_looked_for(reference: str) -> None:
    assert reference in schema_problem({"properties": {"a": {"$ref": reference}}})
    with pytest.raises(ExpressionFailed) as raised:
        mismatches(1, {"$ref": reference})
    assert raised.value.code == "schema.invalid"


def test_a_reference_that_leads_nowhere_is_said() -> None:
    with pytest.raises(ExpressionFailed) as raised:
        mismatches(1, {"$ref": "#/$defs/gone"})
    assert raised.value.code == "schema.invalid"


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (list(range(100_000)), {"contains": {"const": -1}}),
        ([3] * 1_000, {"items": {"enum": list(range(1_000))}}),
        ({f"k{i}": 1 for i in range(50_000)}, {"patternProperties": {"x": {}, "y": {}, "z": {}}}),
        (["x"] * 200_000, {"items": {"type": "integer"}}),
        ("x" * 8_000_000, {"allOf": [{"type": "integer"}] * 900}),
    ],
)
def test_a_validation_that_takes_too_long_stops(value: Any, schema: dict[str, Any]) -> None:
    assert not schema_problem(schema)
    with pytest.raises(ExpressionFailed) as raised:
        mismatches(value, schema)
    assert raised.value.code == "schema.too_costly"


def test_unique_items_are_found_in_one_pass() -> None:
    items: list[Any] = [{"a": i, "b": [i]} for i in range(20_000)]
    assert mismatches(items, {"uniqueItems": True}) == []
    [one] = mismatches([*items, {"b": [7.0], "a": 7}], {"uniqueItems": True})
    assert one.message == "items 7 and 20000 are the same"


@pytest.mark.parametrize(
    "items",
    [[1, True], [0, False], [[1], [True]], [{}, []], ["1", 1], [{"a": None}, {}], ["true", True]],
)
def test_items_of_other_types_are_not_the_same(items: list[Any]) -> None:
    assert mismatches(items, {"uniqueItems": True}) == []


def test_patterns_take_linear_time_wherever_they_stand() -> None:
    text = "a" * 40 + "!"
    slow = "(a+)+$"
    recursive = {"$schema": DRAFT, "properties": {"x": {"$ref": "#"}, "p": {"pattern": slow}}}
    assert mismatches({"x": {"p": text}}, recursive)[0].path == "$.x.p"
    closed = {"patternProperties": {slow: {}}, "additionalProperties": False}
    assert mismatches({text: 1}, closed)
    assert mismatches({"aaa": 1}, closed) == []


@pytest.mark.parametrize(
    ("value", "schema", "paths"),
    [
        (
            {"left": {"left": None}},
            {"properties": {"left": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}},
            [],
        ),
        (
            {"a": [1, "x"]},
            {
                "$schema": "http://json-schema.org/draft-07/schema#",
                "properties": {"a": {"items": {"type": "integer"}}},
            },
            ["$.a[1]"],
        ),
        ({"a": 1, "b": 2}, {"properties": {"a": {}}, "additionalProperties": False}, ["$"]),
        (
            {"a": 1, "b": 2},
            {"properties": {"a": {}}, "additionalProperties": {"type": "string"}},
            ["$.b"],
        ),
        ({"a": 1}, {"required": ["b"], "properties": {"a": {"type": "string"}}}, ["$", "$.a"]),
        ({"a": 1}, {"properties": {"a": {}}, "unevaluatedProperties": False}, []),
    ],
)
def test_a_value_is_held_against_its_schema(
    value: Any, schema: dict[str, Any], paths: list[str]
) -> None:
    assert [one.path for one in mismatches(value, schema)] == paths


def test_a_property_may_be_called_as_a_schema_names_itself() -> None:
    schema = {"type": "object", "properties": {"$schema": {"type": "string"}}}
    assert schema_problem(schema) == ""
    assert mismatches({"$schema": "urn:x"}, schema) == []
    assert [one.path for one in mismatches({"$schema": 3}, schema)] == ["$['$schema']"]
    inner = {"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema"}
    assert "outermost" in schema_problem({"properties": {"a": inner}})
