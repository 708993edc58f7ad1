"""Conditions: every operator, groups, spellings, and what the checks say."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.values.conditions import (
    condition_findings,
    evaluate,
    has_expression,
    is_structured,
)
from runfold.values.operators import OPERATORS, SPELLINGS, UNARY
from runfold.values.references import lookup_in

VALUES: dict[str, Any] = {
    "n": 5,
    "text": "hello world",
    "number": "1.5",
    "list": ["a", 2, True],
    "object": {"key": 1},
    "null": None,
    "blank": "",
    "yes": True,
    "no": False,
    "word": "False",
    "said": "true",
    "huge": "1e400",
}
LOOKUP = lookup_in(VALUES)
MISSING = "gone"

ROWS: list[tuple[str, str, Any, bool]] = [
    ("n", "equals", 5, True),
    ("n", "equals", "5.0", True),
    ("number", "equals", 1.5, True),
    ("text", "equals", "hello", False),
    ("yes", "equals", 1, False),
    ("yes", "equals", "true", True),
    ("yes", "equals", "yes", False),
    ("yes", "not_equals", " True ", False),
    ("said", "equals", True, True),
    ("said", "equals", False, False),
    ("word", "equals", False, True),
    ("said", "equals", "True", False),
    ("blank", "equals", False, False),
    ("said", "in", [1, True], True),
    ("huge", "equals", 1, False),
    ("huge", ">", 1, False),
    ("null", "equals", None, True),
    ("gone", "equals", None, False),
    ("n", "not_equals", 6, True),
    ("gone", "not_equals", 1, True),
    ("number", ">", 1, True),
    ("n", ">", 5, False),
    ("text", ">", "abc", True),
    ("text", ">", 1, False),
    ("gone", ">", 0, False),
    ("n", ">=", 5, True),
    ("n", ">=", "5.1", False),
    ("number", "<", 2, True),
    ("n", "<", 5, False),
    ("n", "<=", 5, True),
    ("null", "<=", 5, False),
    ("text", "contains", "wor", True),
    ("list", "contains", "2", True),
    ("list", "contains", 1, False),
    ("object", "contains", "key", True),
    ("gone", "contains", "", False),
    ("text", "not_contains", "x", True),
    ("gone", "not_contains", "x", True),
    ("text", "starts_with", "hell", True),
    ("n", "starts_with", "5", False),
    ("text", "ends_with", "world", True),
    ("text", "ends_with", "hello", False),
    ("text", "matches", "^h.*d$", True),
    ("text", "matches", "^x", False),
    ("text", "matches", "(", False),
    ("n", "in", [4, 5], True),
    ("text", "in", "say hello world", True),
    ("gone", "in", [None], False),
    ("n", "not_in", [4], True),
    ("gone", "not_in", [1], True),
    ("list", "all_of", ["a", 2], True),
    ("list", "all_of", ["a", "z"], False),
    ("gone", "all_of", [], False),
    ("blank", "empty", None, True),
    ("gone", "empty", None, True),
    ("null", "empty", None, True),
    ("no", "empty", None, False),
    ("text", "not_empty", None, True),
    ("gone", "not_empty", None, False),
    ("null", "is_null", None, True),
    ("gone", "is_null", None, False),
    ("n", "not_null", None, True),
    ("gone", "not_null", None, False),
    ("null", "exists", None, True),
    ("gone", "exists", None, False),
    ("gone", "not_exists", None, True),
    ("n", "not_exists", None, False),
    ("yes", "is_true", None, True),
    ("word", "is_true", None, False),
    ("gone", "is_true", None, False),
    ("no", "is_false", None, True),
    ("word", "is_false", None, True),
    ("gone", "is_false", None, False),
    ("list", "length_eq", 3, True),
    ("text", "length_gt", 10, True),
    ("list", "length_gte", "3", True),
    ("object", "length_lt", 2, True),
    ("blank", "length_lte", 0, True),
    ("gone", "length_lte", 9, False),
    ("n", "length_eq", 1, False),
]


@pytest.mark.parametrize(("name", "operator", "right", "expected"), ROWS)
def test_operators(name: str, operator: str, right: Any, expected: bool) -> None:
    condition = {"left": f"{{{{{name}}}}}", "operator": operator, "right": right}
    assert evaluate(condition, LOOKUP) is expected


def test_every_operator_has_a_row_that_holds_and_one_that_does_not() -> None:
    holds = {operator for _, operator, _, expected in ROWS if expected}
    assert holds == set(OPERATORS)
    assert set(OPERATORS) >= UNARY
    assert set(SPELLINGS.values()) <= set(OPERATORS)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spellings(spelling: str) -> None:
    condition = {"field": {"ref": "n"}, "operator": spelling, "value": 5}
    canonical = {"left": "{{n}}", "operator": SPELLINGS[spelling], "right": 5}
    assert evaluate(condition, LOOKUP) is evaluate(canonical, LOOKUP)


def holding(*, value: bool) -> dict[str, Any]:
    return {"left": "{{n}}", "operator": "equals", "right": 5 if value else 6}


YES, NO = holding(value=True), holding(value=False)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"and": [YES, YES]}, True),
        ({"and": [YES, NO]}, False),
        ({"or": [NO, YES]}, True),
        ({"or": [NO, NO]}, False),
        ({"and": [YES, {"or": [NO, {"and": [YES, YES]}]}]}, True),
        ({"logic": "OR", "conditions": [NO, YES]}, True),
        ({"logic": "and", "conditions": [NO, YES]}, False),
        ({"conditions": [YES, NO]}, False),
        ([YES, YES], True),
        ({"and": []}, True),
        (True, True),
        ({"left": "{{n}}", "operator": "no such"}, False),
        (None, False),
    ],
)
def test_groups(condition: Any, expected: bool) -> None:
    assert evaluate(condition, LOOKUP) is expected


def test_both_sides_may_be_references() -> None:
    condition = {"left": "{{n}}", "operator": "equals", "right": "{{n}}"}
    assert evaluate(condition, LOOKUP)
    assert evaluate({**condition, "left": "{{text|length}}", "right": 11}, LOOKUP)


def test_text_is_recognised() -> None:
    assert has_expression({"condition": "{{score}} > 0.8"})
    assert has_expression({"branches": [{"condition": YES}, {"condition": "n > 1"}]})
    assert not has_expression({"branches": [{"condition": YES}], "condition": YES})
    assert not has_expression({"prompt": "x"})
    assert is_structured(YES)
    assert not is_structured("n > 1")


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (YES, []),
        ("{{score}} > 0.8", []),
        ("score >", ["not a Python expression"]),
        ("", ["empty"]),
        ({"left": "{{n}}", "operator": "~", "right": 1}, ["unknown operator '~'"]),
        ({"left": "{{n}}", "right": 1}, ["no operator"]),
        ({"operator": "exists"}, ["no left side"]),
        ({"left": "n", "operator": "exists"}, ["constant"]),
        ({"left": "{{n}}", "operator": "equals"}, ["needs a right side"]),
        ({"left": "{{n}}", "operator": "exists", "rigth": 1}, ["unknown key 'rigth'"]),
        ({"logic": "xor", "conditions": [YES]}, ["unknown logic 'xor'"]),
        ({"and": [YES, {"or": ["n > 1"]}]}, ["[1][0]: expression text"]),
        (7, ["not 7"]),
    ],
)
def test_findings(condition: Any, words: list[str]) -> None:
    found = condition_findings(condition)
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))
