from __future__ import annotations

from typing import Any

import pytest

from runfold.errors import InvalidRequest
from runfold.values.metadata_filters import Condition, Fact, Group, facts_of, parse_filter


def test_filters_are_read_in_all_spellings() -> None:
    year = Condition("year", "≥", ("2020",), (2020.0,))
    assert parse_filter({"field": "year", "operator": ">=", "value": 2020}) == year
    dify = {
        "logical_operator": "or",
        "conditions": [
            {"name": "year", "comparison_operator": "≥", "value": "2020"},
            {"name": "tags", "comparison_operator": "not in", "value": "a, b"},
        ],
    }
    assert parse_filter(dify) == Group("or", (year, Condition("tags", "not in", ("a", "b"), ())))
    nested = {"and": [{"or": [{"field": "x", "operator": "is_empty"}]}]}
    inner = Group("or", (Condition("x", "empty", (), ()),))
    assert parse_filter(nested) == Group("and", (inner,))
    assert parse_filter([{"left": "a", "operator": "is", "right": True}]) == Group(
        "and", (Condition("a", "is", ("true",), ()),)
    )
    for nothing in (None, {}, []):
        assert parse_filter(nothing) is None


def deep(levels: int) -> Any:
    return {"and": [deep(levels - 1)]} if levels else {"field": "a", "operator": "empty"}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("year > 3", "an object"),
        ({"and": []}, "at least one"),
        ({"and": "x"}, "list of conditions"),
        ({"logical_operator": "xor", "conditions": [1]}, "'and' or 'or'"),
        ([{"field": "a", "operator": "like", "value": "x"}], r"filter\[0\].*unknown operator"),
        ({"field": "a", "operator": None, "value": "x"}, "unknown operator"),
        ({"field": "", "operator": "is", "value": "x"}, "field is the name"),
        ({"field": 3, "operator": "is", "value": "x"}, "field is the name"),
        ({"field": "a\0b", "operator": "is", "value": "x"}, "field is the name"),
        ({"field": "a", "operator": "is"}, "needs a value"),
        ({"field": "a", "operator": "is", "value": {"$ne": 1}}, "needs a value"),
        ({"field": "a", "operator": ">", "value": "soon"}, "numbers and dates"),
        ({"field": "a", "operator": "<", "value": True}, "numbers and dates"),
        ({"field": "a", "operator": "in", "value": 3}, "needs a list"),
        ({"field": "a", "operator": "in", "value": ["x"] * 501}, "500 is the most"),
        ([{"field": "a", "operator": "empty"}] * 101, "more than 100"),
        ({"and": [{"or": [{"field": "a", "operator": "empty"}] * 60}] * 2}, "more than 100"),
        ([{"field": "a", "operator": "in", "value": ["x"] * 400}] * 3, "more than 1000 values"),
        (deep(30), "deeper than 10"),
    ],
)
def test_what_is_no_filter_is_refused_with_its_place(value: Any, said: str) -> None:
    with pytest.raises(InvalidRequest, match=said) as refused:
        parse_filter(value)
    assert refused.value.code == "knowledge.filter_invalid"


def test_metadata_is_read_as_facts() -> None:
    metadata = {
        "title": " Käse ",
        "year": 2020,
        "score": 0.5,
        "whole": 3.0,
        "draft": False,
        "tags": ["a", "b", None, ["c"]],
        "day": "2024-05-01",
        "none": None,
        "nested": {"x": 1},
        "huge": 10**400,
    }
    facts = facts_of(metadata)
    assert facts[:7] == [
        Fact("title", "Käse", None),
        Fact("year", "2020", 2020.0),
        Fact("score", "0.5", 0.5),
        Fact("whole", "3", 3.0),
        Fact("draft", "false", None),
        Fact("tags", "a", None),
        Fact("tags", "b", None),
    ]
    assert facts[7:] == [Fact("day", "2024-05-01", 1714521600.0), Fact("huge", str(10**400), None)]


@pytest.mark.parametrize("metadata", [{"": 1}, {"a" * 256: 1}, {"a\0": 1}, {"a": ["x"] * 501}])
def test_metadata_that_is_too_much_is_refused(metadata: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="metadata") as refused:
        facts_of(metadata)
    assert refused.value.code == "knowledge.document_invalid"
