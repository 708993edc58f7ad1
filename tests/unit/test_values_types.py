"""Declared types: what matches, and what text becomes."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.errors import ExpressionFailed
from runfold.values.types import TYPE_NAMES, cast, matches

SAMPLES: dict[str, Any] = {
    "string": "x",
    "number": 1.5,
    "integer": 7,
    "boolean": True,
    "object": {"a": 1},
    "array": [1],
}


@pytest.mark.parametrize("type_name", SAMPLES)
def test_each_sample_matches_its_type_alone(type_name: str) -> None:
    value = SAMPLES[type_name]
    fitting = {name for name in TYPE_NAMES if matches(value, name)}
    extra = {"number"} if type_name == "integer" else set()
    assert fitting == {"any", type_name, *extra}
    assert not matches(value, "no such type")


@pytest.mark.parametrize(
    ("value", "type_name", "expected"),
    [
        ("7", "integer", 7),
        ("7.0", "integer", 7),
        ("9007199254740993.0", "integer", 9007199254740993),
        ("1e23", "integer", 10**23),
        ("123456789012345678901234567890", "integer", 123456789012345678901234567890),
        (7.0, "integer", 7),
        ("1.5", "number", 1.5),
        ("yes", "boolean", True),
        ("0", "boolean", False),
        ('{"a": 1}', "object", {"a": 1}),
        ("[1]", "array", [1]),
        (7, "string", "7"),
        (True, "string", "true"),
        (None, "any", None),
    ],
)
def test_cast(value: Any, type_name: str, expected: Any) -> None:
    result = cast(value, type_name)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("value", "type_name"),
    [
        ("x", "integer"),
        ("1.5", "integer"),
        ("nan", "number"),
        ("1e400", "number"),
        ("-inf", "number"),
        ("inf", "integer"),
        ("nan", "integer"),
        ("1e99999", "integer"),
        (float("nan"), "number"),
        (float("inf"), "number"),
        ('{"a": NaN}', "object"),
        ("[1e400]", "array"),
        ("[" * 200 + "]" * 200, "array"),
        (True, "number"),
        (1, "boolean"),
        ("[1]", "object"),
        ({}, "string"),
        (None, "string"),
        ("x", "no such type"),
    ],
)
def test_what_does_not_fit_is_refused(value: Any, type_name: str) -> None:
    with pytest.raises(ExpressionFailed) as raised:
        cast(value, type_name)
    assert raised.value.code == "type.mismatch"


def test_the_reason_is_told_and_the_value_is_not() -> None:
    with pytest.raises(ExpressionFailed, match="NaN at byte 15") as raised:
        cast('{"key": 1, "a":NaN}', "object")
    with pytest.raises(ExpressionFailed) as raised:
        cast("{hidden", "object")
    assert raised.value.message == "string is not usable as object"
