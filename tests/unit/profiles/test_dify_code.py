"""The profile `dify`: outputs of programs, checked against what is declared."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.errors import ExpressionFailed
from runfold.values.profiles import rules_of


def checked(given: dict[str, Any], **declared: Any) -> dict[str, Any]:
    outputs = rules_of("dify").outputs
    assert outputs is not None
    return outputs(given, declared)


def list_of(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


@pytest.mark.parametrize(
    ("value", "schema", "made"),
    [
        ("a", "string", "a"),
        ("a\0b", "string", "ab"),
        (1, "number", 1),
        (1.5, "number", 1.5),
        (True, "number", 1),
        (False, "number", 0),
        (True, "boolean", True),
        ({"a": [1, "b"]}, "object", {"a": [1, "b"]}),
        ([1, "b", None], "array", [1, "b", None]),
        (["a", None, "\0"], list_of("string"), ["a", None, ""]),
        ([1, True, 2.5], list_of("number"), [1, 1, 2.5]),
        ([True, None], list_of("boolean"), [True, None]),
        ([{"a": 1}, None], list_of("object"), [{"a": 1}, None]),
        ({"a": "x"}, {"type": "object", "properties": {"a": "string"}}, {"a": "x"}),
        ([{"a": True}], list_of({"type": "object", "properties": {"a": "number"}}), [{"a": 1}]),
        *((None, one, None) for one in ("string", "number", "boolean", "object", "array")),
        (object, "any", object),
    ],
)
def test_an_output_is_made_what_it_is_declared_as(value: Any, schema: Any, made: Any) -> None:
    found = checked({"x": value}, x=schema)["x"]
    assert (found, type(found)) == (made, type(made))


@pytest.mark.parametrize(
    ("given", "declared", "message"),
    [
        ({}, {"x": "string"}, "output 'x' is missing"),
        ({"x": "a", "y": 1}, {"x": "string"}, "output 'y' is not declared"),
        ({"x": 1}, {"x": "string"}, "output 'x' is integer, declared as string"),
        ({"x": "1"}, {"x": "number"}, "output 'x' is string, declared as number"),
        ({"x": 1}, {"x": "boolean"}, "output 'x' is integer, declared as boolean"),
        ({"x": []}, {"x": "object"}, "output 'x' is array, declared as object"),
        ({"x": {}}, {"x": "array"}, "output 'x' is object, declared as array"),
        ({"x": ["a", 1]}, {"x": list_of("string")}, r"output 'x\[1\]' is integer"),
        ({"x": [None]}, {"x": list_of("number")}, r"output 'x\[0\]' is null"),
        ({"x": [{"a": 1}, 1]}, {"x": list_of("object")}, r"output 'x\[1\]' is integer"),
        (
            {"x": {}},
            {"x": {"type": "object", "properties": {"child": "string"}}},
            "output 'x.child' is missing",
        ),
        ({"x": "a" * 400_001}, {"x": "string"}, "more than 400000 characters"),
        ({"x": ["a"] * 31}, {"x": list_of("string")}, "has 31 items, more than 30"),
        ({"x": [{}] * 31}, {"x": list_of("object")}, "has 31 items, more than 30"),
        ({"x": [1] * 1001}, {"x": list_of("number")}, "has 1001 items, more than 1000"),
        ({"x": 2**63}, {"x": "number"}, "out of the range"),
        ({"x": 1e-21}, {"x": "number"}, "more than 20 digits"),
        ({"x": {"a": {"b": {"c": {"d": {}}}}}}, {"x": "object"}, "nested deeper than 5"),
    ],
)
def test_an_output_that_is_not_what_was_declared_fails_the_node(
    given: dict[str, Any], declared: dict[str, Any], message: str
) -> None:
    with pytest.raises(ExpressionFailed, match=message) as raised:
        checked(given, **declared)
    assert (raised.value.code, raised.value.kind) == ("code.output_invalid", "output")


def test_what_is_still_within_the_bounds() -> None:
    checked({"x": ["a"] * 30}, x=list_of("string"))
    checked({"x": [1] * 1000}, x=list_of("number"))
    checked({"x": {"a": {"b": {"c": {"d": 1}}}}}, x="object")
    checked({"x": "a" * 400_000}, x="string")
