"""Values as JavaScript sees them, paths, dates and patterns: what operations of items rest on."""

from __future__ import annotations

import math
from typing import Any

import pytest

from runfold_executor_code.items.collation import collation_key
from runfold_executor_code.items.dates import milliseconds, moment_of
from runfold_executor_code.items.fields import Unfit, converted, parsed
from runfold_executor_code.items.javascript_values import (
    MISSING,
    at_most,
    json_text,
    less,
    number,
    same,
    strictly_equal,
    text,
    truthy,
)
from runfold_executor_code.items.paths import found, put, removed
from runfold_executor_code.items.patterns import found_in, pattern_of, replaced
from runfold_executor_code.items.step import StepFailed


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "null"),
        (True, "true"),
        (1, "1"),
        (1.0, "1"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (1.5e-7, "1.5e-7"),
        (0.000001, "0.000001"),
        (-0.0, "0"),
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
        ([1, None, [2, "x"]], "1,,2,x"),
        ({"a": 1}, "[object Object]"),
        (2**60, "1152921504606847000"),
        (MISSING, "undefined"),
    ],
)
def test_text_of_values(value: Any, written: str) -> None:
    assert text(value) == written


@pytest.mark.parametrize(
    ("value", "read"),
    [("", 0), (" 12 ", 12), ("1e3", 1000), ("0x1f", 31), (".5", 0.5), ("-2.50", -2.5), (None, 0)],
)
def test_numbers_of_texts(value: Any, read: float) -> None:
    assert number(value) == read


@pytest.mark.parametrize("value", ["1,000", "12px", "1_000", {}, [1, 2], "0x", MISSING, "+-1"])
def test_what_is_no_number(value: Any) -> None:
    assert math.isnan(number(value))


def test_truth_equality_and_order() -> None:
    assert truthy([])
    assert truthy({})
    assert truthy("0")
    assert not truthy("")
    assert not truthy(0)
    assert not truthy(math.nan)
    assert not truthy(None)
    assert strictly_equal(1, 1.0)
    assert not strictly_equal(1, "1")
    assert not strictly_equal(1, True)
    assert strictly_equal(None, None)
    assert not strictly_equal([], [])
    assert same([{"a": 1}], [{"a": 1}])
    assert not same({"a": None}, {})
    assert not same([1], [True])
    assert less("10", "9")
    assert less(9, "10")
    assert less(None, 1)
    assert not less("x", 1)
    assert at_most("a", "a")
    assert not at_most("x", 1)
    assert json_text({"a": [1.0, math.nan, "ä"], "b": None}) == '{"a":[1,null,"ä"],"b":null}'
    assert sorted(["b", "A", "a", "ä", "_", "1", "B"], key=collation_key) == [
        *("_", "1", "a", "A", "ä", "b", "B")
    ]


def test_paths_read_write_and_remove() -> None:
    json: dict[str, Any] = {"a": {"b": [{"c": 1}]}, "x.y": 2, "n": None}
    assert found(json, "a.b[0].c") == 1 == found(json, "['a'].b.0.c")
    assert found(json, "x.y") == 2
    assert found(json, "n") is None
    assert found(json, "n.m") is MISSING
    assert found(json, "a.b", dotted=False) is MISSING
    put(json, "a.list[1].d", 3)
    assert json["a"]["list"] == [None, {"d": 3}]
    put(json, "x.y", 4)
    put(json, "p.q", 5, dotted=False)
    assert json["x.y"] == 4
    assert json["p.q"] == 5
    removed(json, "a.b[0].c")
    removed(json, "nothing.here")
    assert json["a"]["b"] == [{}]
    put(json, "__proto__.polluted", 1)
    assert "__proto__" not in json


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("2024-05-06", 1714946400000),
        ("2024-05-06T10:00:00Z", 1714989600000),
        ("2024-05-06T10:00:00.250+02:00", 1714982400250),
        ("2024-05-06 10:00", 1714982400000),
        ("20240506T100000Z", 1714989600000),
        ("2024-W19-1", 1714946400000),
        ("2024-127", 1714946400000),
        ("Mon, 06 May 2024 10:00:00 GMT", 1714989600000),
        ("May 6, 2024 10:00 am", 1714982400000),
        ("5/6/2024", 1714946400000),
        ("Mon May 06 2024 10:00:00 GMT+0200 (CEST)", 1714982400000),
        (1714989600000, 1714989600000),
    ],
)
def test_dates_in_a_time_zone(value: Any, at: int) -> None:
    moment = moment_of(value, "Europe/Vienna")
    assert moment is not None
    assert milliseconds(moment) == at


@pytest.mark.parametrize(
    "value", ["", "yesterday", "2024-13-01", "2024-02-30", None, True, [], 1e30]
)
def test_what_is_no_date(value: Any) -> None:
    assert moment_of(value) is None


@pytest.mark.parametrize(
    ("value", "kind", "made"),
    [
        ("5", "number", 5),
        ("true", "boolean", True),
        (0, "boolean", False),
        ("['a', 1]", "array", ["a", 1]),
        ("{a: 'it''s', b: [1,],}", "object", None),
        ("{a: 'x', b: [1,],}", "object", {"a": "x", "b": [1]}),
        (None, "number", None),
    ],
)
def test_values_fit_the_type_of_a_field(value: Any, kind: str, made: Any) -> None:
    result = converted(value, kind)
    assert isinstance(result, Unfit) if made is None and value is not None else result == made


def test_values_that_do_not_fit() -> None:
    assert isinstance(converted("x", "number"), Unfit)
    assert isinstance(converted("5", "number", strict=True), Unfit)
    assert isinstance(converted("maybe", "boolean"), Unfit)
    assert isinstance(converted("{}", "array"), Unfit)
    assert parsed("no object") is None


def test_patterns_with_slashes_flags_and_groups() -> None:
    assert found_in(pattern_of("/^AB+/i"), "abb")
    assert not found_in(pattern_of("^AB"), "abb")
    assert found_in(pattern_of(r"\u0041\/b"), "A/b")
    once = replaced(pattern_of("(?<first>a)(b)?"), "ab ab", "[$<first>$2$$$3$&]", once=True)
    assert once == "[ab$$3ab] ab"
    assert replaced(pattern_of("a"), "aXa", "-", once=False) == "-X-"
    with pytest.raises(StepFailed, match="cannot be used"):
        pattern_of("(?=a)b")
