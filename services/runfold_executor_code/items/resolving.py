"""Parameters with their expressions evaluated, one for each item."""

from __future__ import annotations

from typing import Any


def has_expressions(value: Any) -> bool:
    """Whether any text in a value begins with `=`."""
    match value:
        case str():
            return value.startswith("=")
        case dict():
            return any(has_expressions(inner) for inner in value.values())
        case list():
            return any(has_expressions(inner) for inner in value)
        case _:
            return False
