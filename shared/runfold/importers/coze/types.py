"""Declared types of Coze: what they are here, and literals, which are read by them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runfold.importers.coze.fields import fraction, obj, parsed, plain, rows, whole

NAMES = {
    "string": "string",
    "integer": "integer",
    "float": "number",
    "number": "number",
    "boolean": "boolean",
    "object": "object",
    "list": "array",
}
_FILES = range(1, 13)
"""Values of `assistType` with which text is the address of a file."""
_DEEPEST = 20


def schema_of(variable: Any, depth: int = 0) -> dict[str, Any]:
    """The type of a variable, an input or a parameter as a small JSON Schema; empty: any."""
    declared = obj(variable)
    if "type" not in declared and "input" in declared:
        declared = obj(declared["input"])
    name = NAMES.get(plain(declared.get("type")))
    if name is None or is_file(declared) or depth > _DEEPEST:
        return {}
    if name == "array":
        items = schema_of(declared.get("schema"), depth + 1)
        return {"type": "array", "items": items} if items else {"type": "array"}
    if name == "object":
        inner = {key: schema_of(one, depth + 1) for key, one in members(declared.get("schema"))}
        return {"type": "object", "properties": inner} if inner else {"type": "object"}
    return {"type": name}


def short(schema: dict[str, Any]) -> Any:
    """A type as authors write it: its name alone, when there is no more to it."""
    return schema if len(schema) > 1 else schema.get("type", "any")


_ZEROS: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False}


def zero(declared: Any) -> Any:
    """What an input of a declared type is that is null; a list or an object stays null."""
    return _ZEROS.get(NAMES.get(plain(obj(declared).get("type")), ""))


def members(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The fields of an object's schema: a list of variables, or an object of them by name."""
    if isinstance(schema, list):
        for one in rows(schema):
            if plain(one.get("name")):
                yield plain(one["name"]), one
    elif isinstance(schema, dict) and schema.get("type") == "object" and "schema" in schema:
        yield from members(schema["schema"])
    elif isinstance(schema, dict):
        for name, one in schema.items():
            if isinstance(one, dict):
                yield name, one


def is_file(variable: Any) -> bool:
    """Whether a variable of type string is the address of a file."""
    return whole(obj(variable).get("assistType")) in _FILES


def differs(source: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether a value of one declared type has to be made to fit another."""
    one, other = source.get("type"), wanted.get("type")
    if one is None or other is None:
        return False
    if one != other:
        return (one, other) != ("integer", "number")
    if one == "array":
        return differs(source.get("items", {}), wanted.get("items", {}))
    properties = wanted.get("properties", {})
    inner = source.get("properties", {})
    return any(name in inner and differs(inner[name], kind) for name, kind in properties.items())


def literal(declared: Any, content: Any) -> Any:
    """The value that a literal stands for: text is read by the declared type."""
    match plain(obj(declared).get("type")):
        case "integer":
            number = fraction(content)
            exact = whole(content)
            return exact if exact is not None else None if number is None else int(number)
        case "float" | "number":
            exact = whole(content)
            return fraction(content) if exact is None else exact
        case "boolean":
            if isinstance(content, str):
                return {"true": True, "1": True, "false": False, "0": False}.get(content.lower())
            return content if isinstance(content, bool) else None
        case "object" | "list" if isinstance(content, str):
            return parsed(content)
        case "string" if content is not None and not isinstance(content, str):
            return plain(content) or content
        case _:
            return content
