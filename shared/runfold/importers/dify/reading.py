"""Reads values of a document that may be of any type: never raises, and gives what can be used."""

from __future__ import annotations

import json
import math
from typing import Any


def text_at(data: Any, *names: str, default: str = "") -> str:
    """The first of several members that is text, or a number or truth value as text."""
    for name in names:
        value = data.get(name) if isinstance(data, dict) else None
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str | int | float):
            return str(value)
    return default


def object_at(data: Any, name: str) -> dict[str, Any]:
    """A member that is an object; else an empty one. Names that are no text are left out."""
    value = data.get(name) if isinstance(data, dict) else None
    if not isinstance(value, dict):
        return {}
    return {key: inner for key, inner in value.items() if isinstance(key, str)}


def list_at(data: Any, name: str) -> list[Any]:
    """A member that is a list; else an empty one."""
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, list) else []


def objects_at(data: Any, name: str) -> list[dict[str, Any]]:
    """What is an object in a member that is a list, or an object of objects by name."""
    value = data.get(name) if isinstance(data, dict) else None
    if isinstance(value, dict):
        value = list(value.values())
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def flag_at(data: Any, name: str, *, default: bool = False) -> bool:
    """A member that is a truth value, or spells one."""
    value = data.get(name) if isinstance(data, dict) else None
    if isinstance(value, str):
        return value.strip().lower() in ("true", "1", "yes")
    return bool(value) if isinstance(value, bool | int | float) else default


def number_at(data: Any, *names: str) -> float | int | None:
    """The first of several members that is a number, or spells one."""
    for name in names:
        found = number_of(data.get(name)) if isinstance(data, dict) else None
        if found is not None:
            return found
    return None


def number_of(value: Any) -> float | int | None:
    """A value as a number; None when it is none."""
    if isinstance(value, str):
        try:
            value = float(value.strip()[:40])
        except ValueError:
            return None
        value = int(value) if math.isfinite(value) and value.is_integer() else value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None


def whole_at(data: Any, name: str, default: int, *, least: int = 1, most: int = 1_000_000) -> int:
    """A member that is a whole number, kept between two bounds."""
    found = number_at(data, name)
    return default if found is None else max(least, min(most, int(found)))


def selector_of(value: Any) -> tuple[str, ...]:
    """A selector: `[node, name, …]`, also where it is written as text, `node.name`."""
    if isinstance(value, str):
        plain = value.strip().strip("{}").strip("#").strip()
        return tuple(part for part in plain.split(".") if part)
    if not isinstance(value, list):
        return ()
    parts = [str(one) for one in value if isinstance(one, str | int | float)]
    return tuple(part for part in parts if part) if len(parts) == len(value) else ()


def selector_at(data: Any, *names: str) -> tuple[str, ...]:
    """The first of several members that is a selector."""
    for name in names:
        found = selector_of(data.get(name)) if isinstance(data, dict) else ()
        if found:
            return found
    return ()


def json_in(value: Any) -> Any:
    """What text says in JSON; None when it says nothing."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None
