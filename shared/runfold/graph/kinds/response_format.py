"""A response format that is an object: a JSON Schema, or OpenAI's form with one in it."""

from __future__ import annotations

from typing import Any

from runfold.values.json_schema import schema_problem
from runfold.values.references import is_computed

NOT_SCHEMAS = ("text", "json_object")
"""Types of formats that have no schema."""


def named_format(wanted: dict[str, Any]) -> tuple[Any, Any]:
    """The object with name and schema as OpenAI spells it, and the schema, none of them checked.

    Args:
        wanted: A schema, or a format of type `json_schema`.
    """
    if wanted.get("type") != "json_schema":
        return {}, wanted
    inner = wanted.get("json_schema", {k: v for k, v in wanted.items() if k != "type"})
    return inner, inner.get("schema", {}) if isinstance(inner, dict) else None


def format_problem(wanted: dict[str, Any]) -> str:
    """Why an object cannot be a response format; empty when it can."""
    if wanted.get("type") in NOT_SCHEMAS:
        return ""
    inner, schema = named_format(wanted)
    if not isinstance(inner, dict):
        return "json_schema is to be an object with `name` and `schema`"
    if not isinstance(inner.get("name") or "", str):
        return "the name of a json_schema is to be text"
    if not isinstance(schema, dict):
        return "the schema of a json_schema is to be an object"
    return schema_problem(schema)


def is_fixed(value: Any) -> bool:
    """Whether a value is the same once it is rendered: nothing in it is a template."""
    if is_computed(value):
        return False
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(is_fixed(one) for one in inner)
