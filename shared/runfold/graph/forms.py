"""Forms that people fill in: from what an author writes to one JSON Schema.

    {name: {type: string, required: true}, size: {type: integer, default: 3}}      fields by name
    {type: object, properties: {name: {type: string}}, required: [name]}           JSON Schema

Fields that a form does not have are refused, as surplus run inputs are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runfold.values.json_schema import schema_problem
from runfold.values.references import is_computed
from runfold.values.types import JSON_TYPE_NAMES

_SCHEMA_KEYS = ("properties", "$ref", "allOf", "anyOf", "oneOf")


def form_schema(form: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of the values a form asks for; empty when it asks for none."""
    if not form or is_schema(form):
        return form
    fields = {name: _field(written) for name, written in form.items()}
    required = [
        name
        for name, written in form.items()
        if isinstance(written, dict) and written.get("required") is True
    ]
    schema = {"type": "object", "properties": fields, "additionalProperties": False}
    return schema | ({"required": required} if required else {})


def is_schema(form: dict[str, Any]) -> bool:
    """Whether a form is written as a JSON Schema, and not as fields by name."""
    written = any(isinstance(form.get(key), dict | list | str) for key in _SCHEMA_KEYS)
    return form.get("type") == "object" or (written and "type" not in form)


def defaults_of(schema: dict[str, Any]) -> dict[str, Any]:
    """Values of the fields that have a default, for those that are not filled in."""
    fields = schema.get("properties")
    return {
        name: field["default"]
        for name, field in (fields.items() if isinstance(fields, dict) else ())
        if isinstance(field, dict) and "default" in field
    }


def field_types(form: Any) -> dict[str, str]:
    """The fields of a form by name with their types, as far as they are written down."""
    if not isinstance(form, dict):
        return {}
    fields = form_schema(form).get("properties")
    return {
        name: field["type"] if isinstance(field.get("type"), str) else "any"
        for name, field in (fields.items() if isinstance(fields, dict) else ())
        if isinstance(field, dict)
    }


def form_problems(form: Any) -> Iterator[str]:
    """What is wrong with a form as written; parts that are computed may yet become right."""
    if not isinstance(form, dict) or has_computed(form):
        return
    problem = schema_problem(form_schema(form))
    if problem:
        yield f"this is no form and no JSON Schema: {problem}"


def has_computed(value: Any) -> bool:
    """Whether rendering changes any part of a value."""
    if is_computed(value):
        return True
    if isinstance(value, dict):
        return any(map(has_computed, value.values()))
    return isinstance(value, list) and any(map(has_computed, value))


def _field(written: Any) -> Any:
    if isinstance(written, str) and written in JSON_TYPE_NAMES:
        written = {"type": written}
    if not isinstance(written, dict):
        return written
    field = dict(written)
    if isinstance(field.get("required"), bool):
        del field["required"]
    if field.get("type") == "any":
        del field["type"]
    return field
