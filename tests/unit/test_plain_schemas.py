"""Schemas in the form that generators of clients read without loss."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runfold_gateway.http.schemas import plain


class Tagged(msgspec.Struct, tag="tagged_one"):
    anything: list[Any]
    values: dict[str, Any] = {}
    pair: tuple[int, str] = (1, "")


@pytest.mark.parametrize(
    ("schema", "form"),
    [
        ({"type": "array"}, {"type": "array", "items": {}}),
        ({"type": "array", "items": {"type": "string"}}, None),
        ({"type": "object"}, {"type": "object", "additionalProperties": {}}),
        ({"type": "object", "properties": {"a": {}}, "required": ["a"]}, None),
        ({"enum": ["a"]}, {"type": "string", "const": "a"}),
        ({"enum": ["a", "b"]}, None),
        ({"default": {"type": "array"}, "enum": [1]}, None),
        ({"oneOf": [{"type": "array"}]}, {"oneOf": [{"type": "array", "items": {}}]}),
        (
            {"properties": {"default": {"type": "array"}, "type": {"type": "object"}}},
            {
                "properties": {
                    "default": {"type": "array", "items": {}},
                    "type": {"type": "object", "additionalProperties": {}},
                }
            },
        ),
    ],
)
def test_what_may_be_left_out_is_said(schema: dict[str, Any], form: dict[str, Any] | None) -> None:
    assert plain(schema) == (schema if form is None else form)


def test_a_struct_of_msgspec() -> None:
    _, components = msgspec.json.schema_components((Tagged,))
    properties = plain(components)["Tagged"]["properties"]
    assert properties["type"] == {"type": "string", "const": "tagged_one"}
    assert properties["anything"] == {"type": "array", "items": {}}
    assert properties["values"]["additionalProperties"] == {}
    assert properties["values"]["default"] == {}
    assert "items" in properties["pair"] or "prefixItems" in properties["pair"]
