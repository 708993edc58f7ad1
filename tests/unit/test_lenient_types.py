"""Values made to fit a declared type."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold.values.lenient import TYPES, fitted, schema_problems

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "type_", "made"),
    [
        ("95", "integer", 95),
        (" 7 ", "integer", 7),
        ("9.5", "integer", None),
        ("1_0", "integer", None),
        (3.9, "integer", 3),
        (True, "integer", None),
        ("9.5", "number", 9.5),
        ("nan", "number", None),
        ("true", "boolean", True),
        ("0", "boolean", False),
        ("yes", "boolean", None),
        (1, "boolean", None),
        (7, "string", "7"),
        (7.0, "string", "7"),
        (False, "string", "false"),
        ({"b": 1, "a": [2]}, "string", '{"a":[2],"b":1}'),
        ('{"a": 1}', "object", {"a": 1}),
        ("[1]", "object", None),
        ("{", "object", None),
        ('["a"]', "array", ["a"]),
        ("a", "array", []),
        (None, "integer", None),
        ([1], "any", [1]),
    ],
)
def test_a_value_fits_or_is_null(value: Any, type_: str, made: Any) -> None:
    found = fitted(value, type_)
    assert (found, type(found)) == (made, type(made))


@pytest.mark.parametrize(
    ("value", "items", "made"),
    [
        ([123, "345"], "number", [123, 345]),
        (["hello", "7", None], "integer", [7, None]),
        (["a", {"x": 1}], "object", [None, {"x": 1}]),
        ('["1"]', "integer", [1]),
    ],
)
def test_items_that_do_not_fit_are_left_out(value: Any, items: str, made: Any) -> None:
    assert fitted(value, {"type": "array", "items": items}) == made


@given(JSON, st.sampled_from(TYPES))
def test_what_fits_stays_as_it_is(value: Any, type_: str) -> None:
    once = fitted(value, {"type": type_, "items": {"type": type_}, "properties": {"p": "string"}})
    again = fitted(once, {"type": type_, "items": {"type": type_}, "properties": {"p": "string"}})
    assert repr(once) == repr(again)


def test_a_declared_type_says_what_is_wrong_with_it() -> None:
    assert not list(schema_problems({"type": "array", "items": {"properties": {"a": "string"}}}))
    assert len(list(schema_problems({"type": "object", "properties": {"a": "float"}}))) == 1
    assert len(list(schema_problems({"properties": []}))) == 1
    deep: Any = "string"
    for _ in range(40):
        deep = {"type": "array", "items": deep}
    assert len(list(schema_problems(deep))) == 1
