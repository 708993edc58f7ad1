"""Parameters of n8n's nodes, read without trust in their shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold_executor_code.items.javascript_values import is_nan, number, text


def at(value: Any, *keys: str, default: Any = None) -> Any:
    """What lies inside, key by key; the default where something is not there, or null."""
    for key in keys:
        if not isinstance(value, Mapping):
            return default
        value = value.get(key)
    return default if value is None else value


def rows(value: Any, *keys: str) -> list[dict[str, Any]]:
    """The objects of a list that lies inside."""
    found = at(value, *keys, default=[])
    if isinstance(found, Mapping):
        found = [found]
    return [dict(one) for one in found if isinstance(one, Mapping)] if _is_list(found) else []


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def options_of(written: Mapping[str, Any]) -> dict[str, Any]:
    """The parameter `options`."""
    found = written.get("options")
    return dict(found) if isinstance(found, Mapping) else {}


def word(value: Any, default: str = "") -> str:
    """A text; the default for anything that is none."""
    return value if isinstance(value, str) and value else default


def words(value: Any, default: str = "") -> str:
    """A value as text; the default for null."""
    return default if value is None else text(value)


def flag(value: Any, *, default: bool = False) -> bool:
    """Whether a switch is on."""
    if value is None:
        return default
    return value is True or value in ("true", 1)


def count(value: Any, default: int) -> int:
    """A whole number; the default for anything that is none."""
    found = number(value) if value is not None else default
    if is_nan(found) or abs(found) > 10**15:
        return default
    return int(found)
