"""The profile `coze`: text, references, operators and outputs of programs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runfold.errors import ExpressionFailed
from runfold.values.conditions import condition_findings, evaluate
from runfold.values.paths import lookup_in
from runfold.values.profiles import rules_of
from runfold.values.templates import render, render_text

VALUES: dict[str, Any] = {
    "n": {"list": [{"k": "first"}, {"k": "second"}], "none": None, "empty": [], "text": "a"}
}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("a", "a"),
        (True, "true"),
        (1, "1"),
        (1.0, "1"),
        (2.5, "2.5"),
        (["1", 2, None], '["1",2,null]'),
        ({"b": 1.0, "a": "ü"}, '{"a":"ü","b":1}'),
        ([], "[]"),
        ({}, "{}"),
    ],
)
def test_a_value_in_text(value: Any, text: str) -> None:
    assert render_text("<{{v}}>", lookup_in({"v": value}), profile="coze") == f"<{text}>"


def test_what_was_skipped_is_nothing_in_text_and_null_elsewhere() -> None:
    lookup = lookup_in(VALUES)
    assert render_text("[{{skipped.x}}{{n.none}}{{n.gone}}]", lookup, profile="coze") == "[]"
    given = {"a": "{{skipped.x}}", "b": "{{n.gone.deeper}}"}
    assert render(given, lookup, profile="coze") == {"a": None, "b": None}


def test_a_key_of_a_list_is_one_of_its_first_item() -> None:
    lookup = lookup_in(VALUES)
    assert render("{{n.list.k}}", lookup, profile="coze") == "first"
    assert render_text("{{n.list[1].k}}", lookup, profile="coze") == "second"


@pytest.mark.parametrize("reference", ["{{n.empty.k}}", "{{n.list[7]}}", "{{n.none[0]}}"])
def test_an_item_that_is_not_there_fails_the_node(reference: str) -> None:
    with pytest.raises(ExpressionFailed) as raised:
        render_text(f"a {reference}", lookup_in(VALUES), profile="coze")
    assert raised.value.code == "reference.no_item"


@pytest.mark.parametrize(
    ("left", "operator", "right", "expected"),
    [
        (10, "equals", 10, True),
        (10, "equals", 10.0, True),
        (10, "equals", 20, False),
        ("test", "equals", "test", True),
        (None, "equals", None, True),
        (None, "equals", "", False),
        ("", "equals", None, False),
        (None, "not_equals", None, False),
        (None, "not_equals", 1, True),
        ("test", "not_equals", "xyz", True),
        ([1, 2, 3], "length_gt", 2, True),
        ("test", "length_gt", 2, True),
        ([1, 2, 3], "length_gte", 3, True),
        ([1, 2, 3], "length_lt", 4, True),
        ([1, 2, 3], "length_lte", 3, True),
        (None, "length_gt", 0, False),
        (None, "length_gte", 0, True),
        (None, "length_gte", 1, False),
        (None, "length_lt", 1, True),
        (None, "length_lt", 0, False),
        (None, "length_lte", 0, True),
        ("test", "contains", "es", True),
        ([1, 2, 3], "contains", 2, True),
        ({"key1": 1}, "contains", "key1", True),
        ({"key1": 1}, "contains", "key2", False),
        (None, "contains", "a", False),
        ("test2", "not_contains", "xyz", True),
        ([1, 2], "not_contains", 2, False),
        ({"key1": 1}, "not_contains", "key2", True),
        (None, "not_contains", "a", False),
        *((one, "empty", None, True) for one in (None, "", "None", 0, 0.0, False, [], {})),
        *((one, "not_empty", None, True) for one in ("a", "none", 1, True, [0], {"a": None})),
        (True, "is_true", None, True),
        (False, "is_true", None, False),
        (None, "is_true", None, False),
        (False, "is_false", None, True),
        (True, "is_false", None, False),
        (None, "is_false", None, True),
        (10, ">", 5, True),
        (10.5, ">", 5, True),
        (10, ">=", 10, True),
        (10, "<", 15, True),
        (10, "<=", 10, True),
        (None, ">", 0, False),
        (None, ">=", 0, False),
        (None, "<", 0, True),
        (None, "<=", 0, True),
        (1, ">", None, True),
        (1, "<=", None, False),
        (None, ">=", None, True),
        (None, "<", None, False),
        (None, "<=", None, True),
    ],
)
def test_an_operator(left: Any, operator: str, right: Any, expected: bool) -> None:
    condition = {"left": "{{v.x}}", "operator": operator, "right": right}
    assert condition_findings(condition, "coze") == []
    assert evaluate(condition, lookup_in({"v": {"x": left}}), "coze") is expected


def test_a_side_that_was_skipped_is_null() -> None:
    condition = {"left": "{{skipped.x}}", "operator": "equals", "right": "{{skipped.y}}"}
    assert evaluate(condition, lookup_in({}), "coze") is True


def test_outputs_of_programs_are_made_to_fit() -> None:
    declared = {
        "key0": "integer",
        "key1": {"type": "array", "items": "string"},
        "key2": {"type": "array", "items": "number"},
        "key3": {"type": "object", "properties": {"a": "string", "b": "number"}},
        "gone": "object",
        "wrong": "integer",
        "true": "boolean",
    }
    given = {
        "key0": "11231123",
        "key1": ["hello", 7],
        "key2": [123, "345"],
        "key3": '{"a": 1}',
        "wrong": "seven",
        "true": "true",
        "undeclared": 1,
    }
    outputs = rules_of("coze").outputs
    assert outputs is not None
    assert outputs(given, declared) == {
        "key0": 11231123,
        "key1": ["hello", "7"],
        "key2": [123, 345],
        "key3": {"a": "1", "b": None},
        "gone": None,
        "wrong": None,
        "true": True,
    }


def test_items_that_are_joined_are_written_as_text_is() -> None:
    lookup = lookup_in({"v": [{"b": 1.0, "a": None}, None, True, "x"]})
    written = "{{v|join('-')}} {{(w or [])|join(',')}}"
    assert render_text(written, lookup, profile="coze") == '{"a":null,"b":1}--true-x '


@pytest.mark.parametrize(
    ("given", "types", "rows"),
    [
        ([{"a": 1, "b": 2}], '{"a": "integer"}', [{"a": 1}]),
        ([{"a": 1}], '{"a": "string", "b": "integer"}', [{"a": "1", "b": None}]),
        ([{"a": 0}, {"a": "true"}], '{"a": "boolean"}', [{"a": False}, {"a": True}]),
        ([{"a": "7"}, {"a": True}], '{"a": "integer"}', [{"a": 7}, {"a": 1}]),
        ([{"a": '["1", 2]'}], '{"a": ["integer"]}', [{"a": [1, 2]}]),
        ([{"a": 1}, {"a": "x"}], '{"a": "integer"}', []),
        ([{"a": 1, "b": None, "c": True}], "{}", [{"a": "1", "b": "", "c": "true"}]),
        (None, '{"a": "integer"}', []),
    ],
)
def test_rows_are_of_declared_columns_and_types(given: Any, types: str, rows: Any) -> None:
    written = "{{v|rows(" + types + ")|tojson}}"
    assert json.loads(render_text(written, lookup_in({"v": given}), profile="coze")) == rows
