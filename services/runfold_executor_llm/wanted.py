"""What a model is told about the JSON that is wanted of it. Pure.

The schema goes out twice: as the response format, which a server may keep the model to, and in
words, since many servers take the parameter and pass over it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from runfold.values.json_text import to_json
from runfold_executor_llm.llm import response_format

_NAME = "value"
"""The member that holds a value which is not an object."""


class Wanted(NamedTuple):
    """A schema as it is sent."""

    schema: dict[str, Any]
    is_wrapped: bool
    """Whether the value is the one member of an object: servers take schemas of objects alone."""

    @property
    def form(self) -> dict[str, Any] | None:
        """The `response_format` to send."""
        return response_format(self.schema)[0]

    @property
    def instruction(self) -> str:
        """The same in words."""
        return in_words(self.schema)

    def unwrapped(self, value: Any) -> Any:
        """The value that a model meant."""
        if self.is_wrapped and isinstance(value, dict) and set(value) == {_NAME}:
            return value[_NAME]
        return value


def in_words(schema: dict[str, Any]) -> str:
    """What asks a model to keep to a schema."""
    return (
        "Answer with one JSON value that fits this JSON Schema, and nothing else. "
        f"JSON Schema: {to_json(schema)}"
    )


def wanted(schema: dict[str, Any]) -> Wanted:
    """A schema as servers take it: of an object."""
    kinds = schema.get("type")
    if kinds is None or kinds == "object" or (isinstance(kinds, list) and "object" in kinds):
        return Wanted(schema, is_wrapped=False)
    shared = {name: schema[name] for name in ("$defs", "definitions") if name in schema}
    inner = {name: part for name, part in schema.items() if name not in shared}
    whole = {
        **({"title": schema["title"]} if "title" in schema else {}),
        "type": "object",
        "properties": {_NAME: _moved(inner)},
        "required": [_NAME],
        "additionalProperties": False,
    }
    return Wanted({**whole, **_moved(shared)}, is_wrapped=True)


def _moved(part: Any) -> Any:
    """A part of a schema whose references to the root lead to where the root is now."""
    if isinstance(part, list):
        return [_moved(one) for one in part]
    if not isinstance(part, dict):
        return part
    moved = {name: _moved(inner) for name, inner in part.items()}
    ref = moved.get("$ref")
    if isinstance(ref, str) and ref.startswith("#"):
        is_shared = ref.startswith(("#/$defs/", "#/definitions/"))
        moved["$ref"] = ref if is_shared else f"#/properties/{_NAME}{ref[1:]}"
    return moved
