"""What differs between two writings, put into an original."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.exporters.merging import patched

RULE = {"id": "r-1", "value": "5", "more": True}


@pytest.mark.parametrize(
    ("original", "before", "now", "made"),
    [
        ({"a": 1, "x": 2}, {"a": 1}, {"a": 1}, {"a": 1, "x": 2}),
        ({"a": 1, "x": 2}, {"a": 1}, {"a": 3}, {"a": 3, "x": 2}),
        ({"a": 1, "x": 2}, {"a": 1}, {}, {"x": 2}),
        ({"x": 2}, {}, {"a": 1}, {"x": 2, "a": 1}),
        ({"x": 2}, {"a": 1}, {"a": 1, "b": 2}, {"x": 2, "b": 2}),
        # What the original spells otherwise stays, where nothing changed.
        ({"a": "1", "b": {"c": "2"}}, {"a": 1, "b": {"c": 2}}, {"a": 1, "b": {"c": 3}},
         {"a": "1", "b": {"c": 3}}),
        ([RULE], [{"id": "1", "value": "5"}], [{"id": "1", "value": "7"}],
         [{**RULE, "value": "7"}]),
        ([{"name": "a", "x": 1}, {"name": "b"}], [{"name": "a"}, {"name": "b"}],
         [{"name": "b", "y": 2}, {"name": "c"}, {"name": "a"}],
         [{"name": "b", "y": 2}, {"name": "c"}, {"name": "a", "x": 1}]),
        ([1, "2"], [1, 2], [1, 3], [1, 3]),
        ([1, "2"], [1, 2], [1, 2, 3], [1, 2, 3]),
        ("old", {"a": 1}, {"a": 2}, {"a": 2}),
    ],
)  # fmt: skip
def test_only_what_differs_is_put_in(original: Any, before: Any, now: Any, made: Any) -> None:
    assert patched(original, before, now) == made
