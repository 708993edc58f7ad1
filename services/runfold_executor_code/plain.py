"""What a program returned, as JSON: or what about it is none, and where."""

from __future__ import annotations

import math
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import msgspec

from runfold.errors import NodeFailed

_MAX_DEPTH = 200
_MAX_INTEGER = 2**63


def plain(value: Any, path: str = "result", depth: int = 0) -> Any:
    """The value as plain JSON: tuples become lists, dates ISO text, other keys text.

    Raises:
        NodeFailed: `code.output_invalid`, naming the path.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if -_MAX_INTEGER <= value < 2 * _MAX_INTEGER else _refuse(path, "is too large")
    if isinstance(value, float):
        return value if math.isfinite(value) else _refuse(path, f"is {value}, which JSON has not")
    if isinstance(value, Decimal):
        return plain(float(value), path, depth)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if depth == _MAX_DEPTH:
        return _refuse(path, "is nested too deep")
    if isinstance(value, dict):
        return {
            _key(key, path): plain(inner, f"{path}[{key!r}]", depth + 1)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [plain(inner, f"{path}[{at}]", depth + 1) for at, inner in enumerate(value)]
    if isinstance(value, set | frozenset):
        inner = [plain(item, f"{path}{{…}}", depth + 1) for item in value]
        return sorted(inner, key=msgspec.json.encode)
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


def _refuse(path: str, reason: str) -> Any:
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
