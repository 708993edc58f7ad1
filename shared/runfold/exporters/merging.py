"""What changed, put into an original; the rest of it stays as it was."""

from __future__ import annotations

from typing import Any

_NAMES = ("id", "case_id", "variable", "key", "name", "label", "role")
"""Members that tell the objects of a list apart, in the order in which they are tried."""


def patched(original: Any, before: Any, now: Any) -> Any:
    """The original with what differs between two writings of it.

    Args:
        original: What stands in the document.
        before: What is written for the definition as it was imported.
        now: What is written for the definition as it is.
    """
    if before == now:
        return original
    if isinstance(original, dict) and isinstance(before, dict) and isinstance(now, dict):
        return _object(original, before, now)
    if isinstance(original, list) and isinstance(before, list) and isinstance(now, list):
        return _list(original, before, now)
    return now


def _object(original: dict[str, Any], before: dict[str, Any], now: dict[str, Any]) -> Any:
    made = {}
    for key, value in original.items():
        if key in now:
            made[key] = patched(value, before.get(key), now[key]) if key in before else now[key]
        elif key not in before:
            made[key] = value
    fresh = (key for key in now if key not in original)
    return made | {key: now[key] for key in fresh if key not in before or before[key] != now[key]}


def _list(original: list[Any], before: list[Any], now: list[Any]) -> list[Any]:
    key = _told_apart_by(original, before, now)
    if key:
        originals = {one[key]: one for one in original}
        befores = {one[key]: one for one in before}
        return [
            patched(originals[one[key]], befores[one[key]], one)
            if one[key] in originals and one[key] in befores
            else one
            for one in now
        ]
    if len(original) == len(before) == len(now):
        return [patched(*three) for three in zip(original, before, now, strict=True)]
    return now


def _told_apart_by(original: list[Any], before: list[Any], now: list[Any]) -> str:
    """The member that names the objects of the lists, none twice, and of two alike; or nothing."""
    for name in _NAMES:
        if all(_is_told_apart(one, name) for one in (original, before, now)):
            known = {one[name] for one in original}
            if all(one[name] in known for one in before):
                return name
    return ""


def _is_told_apart(values: list[Any], name: str) -> bool:
    named = [one.get(name) for one in values if isinstance(one, dict)]
    return (
        len(named) == len(values)
        and all(isinstance(one, str) for one in named)
        and len(set(named)) == len(named)
    )
