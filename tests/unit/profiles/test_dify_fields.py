"""What Dify makes of what a model found: values recorded from its engine, graphon 0.8.0."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.graph.kinds.extract import Field
from runfold.values.profiles import rules_of

LETTER = {"a": Field(), "n": Field(type="number")}
COLOUR = {"c": Field(enum=["r", "g"])}


def listed(items: Any) -> dict[str, Field]:
    return {"l": Field(type="array", items=items)}


@pytest.mark.parametrize(
    ("fields", "said", "outputs", "is_success"),
    [
        (LETTER, {"a": "x", "n": 1.5}, {"a": "x", "n": 1.5}, 1),
        (LETTER, None, {"a": "", "n": 0}, 0),
        (LETTER, {"a": "x"}, {"a": "x", "n": 0}, 0),
        (LETTER, {"a": "x", "n": 2, "z": 1}, {"a": "x", "n": 2}, 0),
        (LETTER, {"a": None, "n": None}, {"a": "", "n": 0}, 0),
        (LETTER, {"a": 5, "n": 2.0}, {"a": "", "n": 2.0}, 0),
        (LETTER, {"a": "", "n": "12"}, {"a": "", "n": 12}, 0),
        (LETTER, {"a": "", "n": "1.5"}, {"a": "", "n": 1.5}, 0),
        (LETTER, {"a": "", "n": "abc"}, {"a": "", "n": 0}, 0),
        ({"b": Field(type="boolean")}, {"b": "true"}, {"b": False}, 0),
        ({"b": Field(type="boolean")}, {"b": 1}, {"b": True}, 0),
        ({"b": Field(type="boolean")}, {"b": True}, {"b": True}, 1),
        (COLOUR, {"c": "r"}, {"c": "r"}, 1),
        (COLOUR, {"c": "blue"}, {"c": "blue"}, 0),
        ({"a": Field(required=True)}, {"x": "1"}, {"a": ""}, 0),
        (listed("string"), {"l": ["p"]}, {"l": ["p"]}, 1),
        (listed("string"), {"l": "x"}, {"l": []}, 0),
        (listed("string"), {"l": ["x", 1, None]}, {"l": ["x"]}, 0),
        (listed("number"), {"l": ["1", "2.5", 3, "x"]}, {"l": [1, 2.5, 3]}, 0),
        (listed("number"), {"l": [1, 2.5]}, {"l": [1, 2.5]}, 1),
        (listed("object"), {"l": [{"a": 1}, 2]}, {"l": [{"a": 1}]}, 0),
        (listed("boolean"), {"l": [True, 1]}, {"l": [True]}, 0),
        (listed("any"), {"l": []}, {"l": []}, 1),
    ],
)
def test_fields_are_made_to_fit_and_it_is_said_whether_they_did(
    fields: dict[str, Field],
    said: dict[str, Any] | None,
    outputs: dict[str, Any],
    is_success: int,
) -> None:
    rules = rules_of("dify")
    assert rules is not None
    assert rules.found is not None
    found = rules.found(fields, said)
    assert bool(found.pop("__reason")) == (not is_success)
    assert found.pop("__is_success") == is_success
    assert found == outputs
