"""Declared types: whether a value has one, and how typed text is converted to one.

The names are JSON Schema's, and `file` and `files` for file values and lists of them. A boolean is
not a number, a whole float counts as an integer, and NaN and infinity have no type at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, get_args

from runfold.contracts.json_reader import read_json
from runfold.errors import ExpressionFailed, Undecodable
from runfold.values.files import is_file

JsonTypeName = Literal["any", "string", "number", "integer", "boolean", "object", "array"]
TypeName = Literal[
    "any", "string", "number", "integer", "boolean", "object", "array", "file", "files"
]
JSON_TYPE_NAMES: tuple[str, ...] = get_args(JsonTypeName)
TYPE_NAMES: tuple[str, ...] = get_args(TypeName)
FILE, FILES = "file", "files"

_TRUE = frozenset(("true", "yes", "on", "1"))
_FALSE = frozenset(("false", "no", "off", "0"))
_MOST_DIGITS = 4000
"""Of a whole number that is read from text; JSON is read and written with little more."""


def _is_number(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return _is_number(value) and (isinstance(value, int) or value.is_integer())


_MATCHES: dict[str, Callable[[Any], bool]] = {
    "any": lambda _value: True,
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": _is_integer,
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list | tuple),
    FILE: is_file,
    FILES: lambda value: isinstance(value, list | tuple) and all(map(is_file, value)),
}


def matches(value: Any, type_name: str) -> bool:
    """Whether a JSON value is of a declared type. An unknown type name matches nothing."""
    check = _MATCHES.get(type_name)
    return check is not None and check(value)


def cast(value: Any, type_name: str) -> Any:
    """The value as the declared type, unless something would be lost by it.

    Text becomes numbers, booleans, objects and arrays where it spells one, as it must for values
    typed on a command line; numbers and booleans become text.

    Raises:
        ExpressionFailed: `type.mismatch`, when it cannot be; the value is not in the message.
    """
    if matches(value, type_name):
        whole_float = type_name == "integer" and isinstance(value, float)
        return int(value) if whole_float else value
    try:
        return _CASTS[type_name](value)
    except (KeyError, ValueError, TypeError, InvalidOperation, Undecodable) as error:
        message = f"{kind_name(value)} is not usable as {type_name}"
        if isinstance(error, Undecodable) and error.code not in _SHOWS_VALUES:
            message += f": {error.message}"
        raise ExpressionFailed(
            message, code="type.mismatch", kind="input", details={"type": type_name}
        ) from error


def kind_name(value: Any) -> str:
    """A value's type in the words of JSON Schema, for messages."""
    if value is None:
        return "null"
    order = ("boolean", "integer", "number", "string", "array", "object")
    return next((name for name in order if matches(value, name)), type(value).__name__)


def _to_string(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if _is_number(value):
        return str(value)
    raise TypeError


def _to_number(value: Any) -> int | float:
    text = _text(value)
    try:
        return int(text)
    except ValueError:
        number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _to_integer(value: Any) -> int:
    # Not by way of a float, which has no place for all digits of "9007199254740993.0".
    number = Decimal(_text(value))
    if not number.is_finite() or number.adjusted() > _MOST_DIGITS or number != int(number):
        raise ValueError
    return int(number)


def _to_boolean(value: Any) -> bool:
    text = _text(value).lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError


def _json_of(wanted: type) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        found = read_json(_text(value))
        if not isinstance(found, wanted):
            raise TypeError
        return found

    return convert


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value.strip()


_SHOWS_VALUES = ("json.invalid", "json.unexpected_type")

_CASTS: dict[str, Callable[[Any], Any]] = {
    "string": _to_string,
    "number": _to_number,
    "integer": _to_integer,
    "boolean": _to_boolean,
    "object": _json_of(dict),
    "array": _json_of(list),
}
