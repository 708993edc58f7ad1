"""What a tool's parameters leave to the model: the arguments that `$fromAI` asks for."""

from __future__ import annotations

import re
from typing import Any

from runfold.importers.n8n.mentions import texts_in

_ASKED = re.compile(
    r"\$fromAI\s*\(\s*(['\"`])(?P<name>(?:(?!\1)[^\\]|\\.)*)\1"
    r"(?:\s*,\s*(['\"`])(?P<told>(?:(?!\3)[^\\]|\\.)*)\3)?"
    r"(?:\s*,\s*(['\"`])(?P<type>\w*)\5)?"
    r"(?:[^()'\"`]|'[^']*'|\"[^\"]*\"|`[^`]*`)*\)",
    re.IGNORECASE,
)
"""`$fromAI('name', 'what it is', 'type', default)`."""
_MARK = re.compile(r"/\*(?:(?!/\*).)*?\*/", re.DOTALL)
_UNFIT = re.compile(r"[^A-Za-z0-9_]+")
_TYPES = {"number": "number", "boolean": "boolean", "json": "object", "string": "string"}


def arguments_of(parameters: Any) -> dict[str, dict[str, Any]]:
    """The arguments that texts ask for, as fields of a tool, by name."""
    found: dict[str, dict[str, Any]] = {}
    for text in texts_in(parameters):
        for asked in _ASKED.finditer(text):
            name = argument(asked["name"])
            kind = _TYPES.get((asked["type"] or "string").lower(), "string")
            field: dict[str, Any] = {"type": kind, "required": True}
            if asked["told"] and "{{" not in asked["told"]:
                field["description"] = asked["told"]
            found.setdefault(name, field)
    return found


def argument(name: str) -> str:
    """The name of an argument as a field can be called."""
    return _UNFIT.sub("_", name).strip("_") or "value"


def without_model(value: Any) -> Any:
    """Parameters in which what `$fromAI` asks for is read from the item: it has the arguments."""
    match value:
        case str() if "$fromai" in value.lower():
            text = _MARK.sub("", value)
            return _ASKED.sub(lambda asked: f"$json.{argument(asked['name'])}", text)
        case dict():
            return {key: without_model(one) for key, one in value.items()}
        case list():
            return [without_model(one) for one in value]
        case _:
            return value
