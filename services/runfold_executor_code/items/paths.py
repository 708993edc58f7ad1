"""Fields of items by their paths: `user.emails[0].address`.

A field whose name has dots in it wins over a path that reads the same.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

from runfold_executor_code.items.javascript_values import MISSING, text

_PART = re.compile(
    r"[^.\[\]]+"
    r"|\[(?:(-?\d+(?:\.\d+)?)|([\"'])((?:(?!\2)[^\\]|\\.)*?)\2)\]"
    r"|(?=(?:\.|\[\])(?:\.|\[\]|$))"
)
_ESCAPED = re.compile(r"\\(\\)?")
_DANGEROUS = frozenset(("__proto__", "prototype", "constructor"))
_MOST = 100_000
"""The largest index that a path may make a list for."""


@lru_cache(maxsize=2048)
def parts_of(path: str) -> tuple[str, ...]:
    """The names and indexes in a path."""
    found = [""] if path.startswith(".") else []
    for match in _PART.finditer(path):
        index, _quote, quoted = match.groups()
        if index is not None:
            found.append(index)
        elif quoted is not None:
            found.append(_ESCAPED.sub(r"\1", quoted))
        else:
            found.append(match.group().strip("[]"))
    return tuple(found)


def found(value: Any, path: str, *, dotted: bool = True) -> Any:
    """What lies at a path; `MISSING` where nothing does.

    Args:
        value: An object, or a list.
        path: Where to look.
        dotted: Whether dots and brackets lead inside; the path is a name otherwise.
    """
    if isinstance(value, Mapping) and path in value:
        return value[path]
    if not dotted:
        return MISSING
    at = value
    for part in parts_of(path):
        at = _member(at, part)
        if at is MISSING:
            return MISSING
    return at if parts_of(path) else MISSING


def _member(value: Any, part: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(part, MISSING)
    if isinstance(value, list | str):
        if part == "length":
            return len(value)
        if part.isdecimal() and int(part) < len(value):
            return value[int(part)]
    return MISSING


def put(value: dict[str, Any], path: str, one: Any, *, dotted: bool = True) -> None:
    """Set what lies at a path, with the objects and lists on the way. `value` is changed."""
    if not dotted or path in value:
        value[path] = one
        return
    parts = parts_of(path) or (path,)
    if _DANGEROUS & set(parts):
        return
    at: Any = value
    for part, following in pairwise(parts):
        inner = _member(at, part)
        if not isinstance(inner, dict | list):
            inner = [] if following.isdecimal() else {}
            _set(at, part, inner)
        at = inner
    _set(at, parts[-1], one)


def _set(at: Any, part: str, one: Any) -> None:
    if isinstance(at, dict):
        at[part] = one
    elif isinstance(at, list) and part.isdecimal() and int(part) < _MOST:
        at.extend([None] * (int(part) + 1 - len(at)))
        at[int(part)] = one


def removed(value: dict[str, Any], path: str, *, dotted: bool = True) -> None:
    """Remove what lies at a path. `value` is changed."""
    if path in value or not dotted:
        value.pop(path, None)
        return
    parts = parts_of(path)
    at: Any = value
    for part in parts[:-1]:
        at = _member(at, part)
    if not parts:
        return
    if isinstance(at, dict):
        at.pop(parts[-1], None)
    elif isinstance(at, list) and parts[-1].isdecimal() and int(parts[-1]) < len(at):
        at[int(parts[-1])] = None


def copied(value: Any) -> Any:
    """A copy all the way down."""
    return copy.deepcopy(value)


def names_in(written: Any) -> list[str]:
    """The names in a parameter: a text with commas, or a list."""
    if isinstance(written, list):
        return [text(one).strip() for one in written if text(one).strip()]
    if not isinstance(written, str):
        return []
    return [one.strip() for one in written.split(",") if one.strip()]
