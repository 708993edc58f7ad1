"""What the demo model takes out of a text: only what is written there as `name: value`. Pure.

So a question that asks for what is missing can be tried without a model: `name: Ann, size: 3` has
two fields, and null stands for every other. When a single field is asked for, a short text is it.
"""

from __future__ import annotations

import re
from typing import Any

from runfold.errors import ExpressionFailed
from runfold.values.types import cast

_LONGEST = 80
"""Characters of a text that may as a whole be the one field asked for."""
_VALUE = r"([^,;\n]+?)(?=[,;\n]|\.\s|\.?\s*$)"
"""Up to a comma or the end of a sentence."""


def asks_fields(schema: Any) -> bool:
    """Whether every property may be null: then what a text does not say is wanted as null."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict) or not properties:
        return False
    return all(_is_nullable(field) for field in properties.values())


def said_fields(properties: dict[str, Any], text: str) -> dict[str, Any]:
    """The fields that a text says, and null for the others."""
    found = {name: _said(name, field, text) for name, field in properties.items()}
    if len(found) == 1 and len(text) <= _LONGEST:
        name, field = next(iter(properties.items()))
        found[name] = _fitting(field, text.strip()) if found[name] is None else found[name]
    return found


def _is_nullable(field: Any) -> bool:
    if not isinstance(field, dict):
        return False
    kind = field.get("type")
    return "null" in kind if isinstance(kind, list) else None in field.get("enum", ())


def _said(name: str, field: dict[str, Any], text: str) -> Any:
    words = re.escape(name).replace("_", "[ _-]")
    said = re.search(rf"\b{words}\s*(?:[:=]|\bis\b)\s*{_VALUE}", text, re.IGNORECASE)
    return None if said is None else _fitting(field, said[1].strip(" ."))


def _fitting(field: dict[str, Any], said: str) -> Any:
    """What was said as a value that the field's schema allows; None: it is none."""
    kinds = field.get("type", ["string"])
    kind = next((one for one in kinds if one != "null"), "string")
    try:
        value = cast(said, kind)
    except ExpressionFailed:
        return None
    choices = field.get("enum")
    return value if value != "" and (not choices or value in choices) else None
