"""What a program returned, as JSON: or what about it is none, and where."""

from __future__ import annotations

import math
from datetime import date, time
from decimal import Decimal
from typing import Any, NoReturn

import msgspec

from runfold.errors import NodeFailed

_MAX_DEPTH = 200
_MAX_INTEGER = 2**63


def plain(value: Any, path: str = "result", depth: int = 0) -> Any:
    """The value as plain JSON: tuples become lists, dates ISO text, number keys text.

    Raises:
        NodeFailed: `code.output_invalid`, naming the path.
    """
    if depth == _MAX_DEPTH:
        _refuse(path, "is nested too deep")
    if isinstance(value, dict):
        return {
            _key(key, path): plain(inner, f"{path}[{key!r}]", depth + 1)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [plain(inner, f"{path}[{at}]", depth + 1) for at, inner in enumerate(value)]
    if isinstance(value, set | frozenset):
        members = [plain(member, f"{path}{{…}}", depth + 1) for member in value]
        return sorted(members, key=msgspec.json.encode)
    return _scalar(value, path)


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


def _key(key: Any, path: str) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, bool) or not isinstance(key, int | float):
        _refuse(path, f"has a key {key!r}: keys are text")
    return str(key)


def _called(value: Any) -> str:
    name = getattr(value, "name", None)
    return f"a {name}" if isinstance(name, str) else f"of type {type(value).__name__}"


def _refuse(path: str, reason: str) -> NoReturn:
    message = f"{path} {reason}"
    raise NodeFailed(message, code="code.output_invalid", kind="output", details={"path": path})


def measured(value: Any, limit: int) -> Any:
    """The value, when its JSON is within the limit.

    Raises:
        NodeFailed: `code.output_invalid`, naming size and limit.
    """
    size = len(msgspec.json.encode(value))
    if size > limit:
        message = f"the code's output has {size} bytes as JSON; the limit is {limit}"
        details = {"size": size, "limit": limit}
        raise NodeFailed(message, code="code.output_invalid", kind="output", details=details)
    return value
