"""Values within settings: which of them changed, and all that a node of a canvas has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runfold.exporters.writing import NotMappable

Way = tuple[str | int, ...]


def changes(before: Any, now: Any, way: Way = ()) -> Iterator[tuple[Way, Any, Any]]:
    """The places at which two settings have another value, and both values.

    Raises:
        NotMappable: Something came or went, for which the canvas has no place.
    """
    if isinstance(before, dict) and isinstance(now, dict):
        if set(before) != set(now):
            name = min(set(before) ^ set(now))
            where = ".".join(str(step) for step in (*way, name))
            message = f"`{where}` came or went: only values that the canvas has are changed"
            raise NotMappable(message)
        for key in before:
            yield from changes(before[key], now[key], (*way, key))
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for at, pair in enumerate(zip(before, now, strict=True)):
            yield from changes(*pair, (*way, at))
    elif before != now or type(before) is not type(now):
        if isinstance(before, dict | list) or isinstance(now, dict | list):
            where = ".".join(str(step) for step in way)
            message = f"`{where}` has more or fewer members than the canvas: change it in Coze"
            raise NotMappable(message)
        yield way, before, now


def places_in(value: Any) -> Iterator[tuple[Any, str | int, Any]]:
    """Every value that is no object and no list: what holds it, where, and itself."""
    members: Any = enumerate(value) if isinstance(value, list) else ()
    if isinstance(value, dict):
        members = value.items()
    for key, one in list(members):
        if isinstance(one, dict | list):
            yield from places_in(one)
        else:
            yield value, key, one


def references_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every reference to an output of a node: `{source, blockID, name}`."""
    if isinstance(value, dict):
        if "blockID" in value and "name" in value:
            yield value
        for one in value.values():
            yield from references_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from references_in(one)


def put(value: Any, way: Way, new: Any) -> None:
    """Set what is at a place inside a value."""
    for step in way[:-1]:
        value = value[step]
    value[way[-1]] = new
