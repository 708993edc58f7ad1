"""Values made to fit the type of a field, as Edit Fields and conditions do it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from runfold_executor_code.items.dates import moment_of
from runfold_executor_code.items.javascript_values import (
    is_nan,
    is_number,
    json_text,
    number,
    said,
    text,
)


class Unfit(msgspec.Struct, frozen=True):
    """A value that does not fit."""

    message: str


_KEY = re.compile(r"([{,]\s*)([A-Za-z_$][\w$]*)(\s*:)")
_TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'")
_COMMA = re.compile(r",(\s*[}\]])")


def converted(
    value: Any, kind: str, *, strict: bool = False, texts: bool = False, zone: str = "UTC"
) -> Any:
    """A value of a type, or `Unfit`.

    Args:
        value: Any value; null fits every type.
        kind: string, number, boolean, dateTime, array or object; any other takes all.
        strict: Whether a value of another type does not fit; it is converted otherwise.
        texts: Whether values are made texts; they are left as they are otherwise.
        zone: Where times without an offset are.
    """
    if value is None:
        return None
    make = _MAKE.get(kind.lower())
    if kind.lower() == "datetime":
        found = moment_of(value, zone) if not is_number(value) else moment_of(text(value), zone)
        return found if found is not None else _unfit(value, kind)
    if make is None or (kind == "string" and not texts):
        return value
    if strict and not _FITS[kind.lower()](value):
        return _unfit(value, kind)
    made = make(value)
    return _unfit(value, kind) if made is _NONE else made


def _unfit(value: Any, kind: str) -> Unfit:
    return Unfit(f"expects a {kind} but we got {said(value)}")


_NONE = object()


def _text(value: Any) -> Any:
    return json_text(value) if isinstance(value, list | Mapping) else text(value)


def _number(value: Any) -> Any:
    found = number(value)
    return _NONE if is_nan(found) else found


def _boolean(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        if value.lower() in ("true", "false"):
            return value.lower() == "true"
        if not value.strip():
            return _NONE
    found = number(value)
    return bool(found) if found in (0, 1) else _NONE


def _list(value: Any) -> Any:
    if isinstance(value, list):
        return value
    written = text(value)
    for attempt in (written, written.replace("'", '"')):
        try:
            found = json.loads(attempt)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, list):
            return found
    return _NONE


def _object(value: Any) -> Any:
    if isinstance(value, Mapping):
        return value
    if isinstance(value, list):
        return _NONE
    found = parsed(text(value))
    return found if isinstance(found, dict) else _NONE


def parsed(written: str) -> Any:
    """JSON, or an object as JavaScript writes it; None for another text."""
    relaxed = _TEXT.sub(lambda one: json.dumps(one[1].replace("\\'", "'")), written)
    relaxed = _COMMA.sub(r"\1", _KEY.sub(r'\1"\2"\3', relaxed))
    for attempt in (written, relaxed):
        try:
            return json.loads(attempt)
        except (ValueError, RecursionError):
            continue
    return None


_MAKE: Mapping[str, Callable[[Any], Any]] = {
    "string": _text,
    "number": _number,
    "boolean": _boolean,
    "array": _list,
    "object": _object,
}
_FITS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": is_number,
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, Mapping | list),
}
