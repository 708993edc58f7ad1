"""`extract` → parameter-extractor."""

from __future__ import annotations

from typing import Any

from runfold.exporters.dify.errors import write_errors
from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.dify.kinds.models import write_model
from runfold.exporters.dify.room import Room
from runfold.exporters.writing import NotMappable, Writing
from runfold.graph.definition import Node
from runfold.graph.kinds.extract import TAKEN
from runfold.importers.dify.flow import Path

_TYPES = {"string": "string", "number": "number", "integer": "number", "boolean": "bool"}
_ELEMENTS = ("string", "number", "object", "boolean")


def _write(writing: Writing, room: Room) -> None:
    config = writing.config
    write_model(writing)
    writing.put("query", "text", lambda: room.selector(config.get("text")))
    writing.put("parameters", "fields", lambda: _parameters(config.get("fields", {})))
    writing.put("instruction", "instructions", lambda: room.text(config.get("instructions", "")))
    is_calling = config.get("mode") == "function_calling"
    writing.put("reasoning_mode", "mode", lambda: "function_call" if is_calling else "prompt")
    write_errors(writing, retries=False)


def _parameters(fields: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for name, field in fields.items():
        one: dict[str, Any] = {
            "name": plain(name),
            "type": _type(name, field),
            "description": field.get("description", ""),
            "required": bool(field.get("required")),
        }
        if field.get("enum"):
            one["options"] = list(field["enum"])
        found.append(one)
    return found


def _type(name: str, field: dict[str, Any]) -> str:
    type_ = field.get("type", "string")
    if field.get("enum"):
        return "select"
    if type_ == "array" and field.get("items", "any") in _ELEMENTS:
        return f"array[{field['items']}]"
    if type_ not in _TYPES:
        message = f"Dify has no parameter of type {type_!r}, as {name!r} is"
        raise NotMappable(message)
    return _TYPES[type_]


def plain(name: str) -> str:
    """A field as Dify calls it: an import adds `_` to names that mean something here."""
    without = name.removesuffix("_")
    return without if without in TAKEN else name


def _spell(node: Node, path: Path) -> Path | None:
    fields = node.config.get("fields")
    if isinstance(fields, dict) and path[0] in fields:
        return (plain(path[0]), *path[1:])
    return path if path[0] in ("__is_success", "__reason") else None


KIND = WrittenKind(type="parameter-extractor", write=_write, spell=_spell)


def _gathers(writing: Writing, room: Room) -> None:
    del room
    for key in writing.config:
        writing.refuse(key, "it gathers what another node finds: change that one")


RESULT = WrittenKind(
    type="parameter-extractor",
    write=_gathers,
    spell=lambda _node, path: (plain(path[0]), *path[1:]),
)
"""What an import puts behind one, and what bears its outputs."""
