"""What a program returned, as JSON: or what about it is not JSON, and where.

A few lines can return a value that stands for billions: parts may be in it many times. So values
and characters are counted while they are copied, and copying ends at the limit.
"""

from __future__ import annotations

import math
from datetime import date, time
from decimal import Decimal
from typing import Any, NoReturn

import msgspec

from runfold.contracts.json_reader import VALUE
from runfold.errors import NodeFailed

MAX_DEPTH = VALUE.depth - 8
"""Objects and lists within each other; an output stands in a few of its own."""
_MAX_INTEGER = 2**63
TWICE = "has two keys that are the same as text"
_SHOWN = 200
"""Characters shown of a path or a key."""
_EACH = 2
"""Bytes that a value takes at least, with what separates it from the next."""


def plain(value: Any, limit: int) -> Any:
    """The value as plain JSON: tuples become lists, dates ISO text, number keys text.

    Args:
        value: What a program returned.
        limit: Bytes of JSON it may have.

    Raises:
        NodeFailed: `code.output_invalid`, naming the path, or size and limit.
    """
    copy = _Copy(limit).of(value, "result", 0)
    size = len(msgspec.json.encode(copy))
    if size > limit:
        raise _too_large(limit, f"the code's output has {size} bytes as JSON")
    return copy


class _Copy:
    """Copies a value, counting as it goes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._left = limit

    def of(self, value: Any, path: str, depth: int) -> Any:
        self._spend(_EACH)
        if depth == MAX_DEPTH:
            _refuse(path, f"is nested more than {MAX_DEPTH} deep")
        if isinstance(value, dict):
            made = {
                self._key(key, path): self.of(inner, f"{path}[{_shown(repr(key))}]", depth + 1)
                for key, inner in value.items()
            }
            return made if len(made) == len(value) else _refuse(path, TWICE)
        if isinstance(value, list | tuple):
            return [self.of(one, f"{path}[{at}]", depth + 1) for at, one in enumerate(value)]
        if isinstance(value, set | frozenset):
            members = [self.of(member, f"{path}{{…}}", depth + 1) for member in value]
            return sorted(members, key=msgspec.json.encode)
        if isinstance(value, str):
            self._spend(len(value))
        return _scalar(value, path)

    def _key(self, key: Any, path: str) -> str:
        if isinstance(key, bool) or not isinstance(key, str | int | float):
            _refuse(path, f"has a key {_shown(repr(key))}: keys are text")
        text = str(key)
        self._spend(len(text))
        return text

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise _too_large(self._limit)


def _scalar(value: Any, path: str) -> Any:
    match value:
        case None | bool() | str():
            return value
        case int():
            return (
                value
                if -_MAX_INTEGER <= value < 2 * _MAX_INTEGER
                else _refuse(path, "is too large")
            )
        case float():
            return (
                value if math.isfinite(value) else _refuse(path, f"is {value}, which JSON has not")
            )
        case Decimal():
            return _scalar(float(value), path)
        case date() | time():
            return value.isoformat()
        case _:
            return _refuse(path, f"is {_called(value)}, which is no JSON value")


def _called(value: Any) -> str:
    name = getattr(value, "name", None)
    return f"a {name}" if isinstance(name, str) else f"of type {type(value).__name__}"


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def refused(path: str, reason: str) -> str:
    """The message about a part of the output that is no JSON."""
    return f"{_shown(path)} {reason}"


def too_large(limit: int, what: str = "the code's output is too large") -> str:
    """The message about an output of too many bytes."""
    return f"{what}: the limit is {limit} bytes, and a part that is there twice counts twice"


def _refuse(path: str, reason: str) -> NoReturn:
    details = {"path": _shown(path)}
    message = refused(path, reason)
    raise NodeFailed(message, code="code.output_invalid", kind="output", details=details)


def _too_large(limit: int, what: str = "the code's output is too large") -> NodeFailed:
    message = too_large(limit, what)
    details = {"limit": limit}
    return NodeFailed(message, code="code.output_invalid", kind="output", details=details)
