"""Values of PostgreSQL as JSON, and JSON values as what a prepared statement wants."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from runfold.values.files import is_file
from runfold.values.json_text import text_of, to_json
from runfold.values.operators import boolean_of, number_of
from runfold_executor_data.databases.failures import failed
from runfold_executor_data.databases.values import decimal_value, float_value, json_value

AS_TEXT = ("numeric", "date", "time", "timetz", "timestamp", "timestamptz", "interval")
"""Types that are read and written as PostgreSQL spells them: Python's have narrower ranges."""
_INTEGERS = frozenset(("int2", "int4", "int8", "oid"))
_FLOATS = frozenset(("float4", "float8"))
_JSON = frozenset(("json", "jsonb"))
_BITS = frozenset(("bit", "varbit"))
_MOMENTS = frozenset(("timestamp", "timestamptz"))
_MOMENT = re.compile(r"(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:([+-]\d\d)(:\d\d)?)?")
_NOT_FINITE = ("nan", "infinity", "-infinity", "inf", "-inf")

Store = Callable[[bytes, str], Awaitable[dict[str, Any]]]
"""Stores bytes under a column's name; what stands for them."""
Load = Callable[[Any], Awaitable[bytes]]


def element_name(name: str) -> str:
    """The type of an array's elements: asyncpg calls arrays `int4[]`."""
    return name.removesuffix("[]")


async def decoded(value: Any, type_name: str, column: str, store: Store) -> Any:
    """A value of a result as JSON."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return float_value(value)
        case str():
            return _text_decoded(value, type_name)
        case bytes():
            return await store(value, column)
        case list() | tuple() if not hasattr(value, "keys"):
            inner = element_name(type_name)
            return [await decoded(one, inner, column, store) for one in value]
        case _ if hasattr(value, "items"):
            return {name: await decoded(one, "", column, store) for name, one in value.items()}
        case _ if hasattr(value, "as_string"):
            return value.as_string()
        case _:
            return str(value)


def _text_decoded(value: str, type_name: str) -> Any:
    if type_name == "numeric":
        return decimal_value(value)
    if type_name in _JSON:
        return json_value(value)
    if type_name in _MOMENTS and (found := _MOMENT.fullmatch(value)):
        day, time, hours, minutes = found.groups()
        return f"{day}T{time}{hours or ''}{minutes or (':00' if hours else '')}"
    return value


async def encoded(value: Any, wanted: asyncpg.Type, source: str, place: str, load: Load) -> Any:
    """A JSON value as what a parameter of a type takes.

    Args:
        value: What a workflow gives.
        wanted: The type that PostgreSQL has found for it.
        source: For failures.
        place: The same: what it is called.
        load: Reads a file's bytes.

    Raises:
        NodeFailed: `db.value`, when it is none of that type.
    """
    if value is None:
        return None
    if wanted.kind == "array":
        if not isinstance(value, list):
            raise _unfit(source, place, wanted.name, value)
        inner = _Element(element_name(wanted.name))
        return [await _element(one, inner, source, place, load) for one in value]
    if wanted.name == "bytea":
        if not is_file(value):
            raise _unfit(source, place, "bytea, which takes a file,", value)
        return await load(value)
    return _plain(value, wanted.name, source, place)


class _Element:
    """The type of an array's elements, as far as it is needed."""

    kind = "scalar"

    def __init__(self, name: str) -> None:
        self.name = name


async def _element(value: Any, wanted: Any, source: str, place: str, load: Load) -> Any:
    if isinstance(value, list) and wanted.name not in _JSON:
        return [await _element(one, wanted, source, place, load) for one in value]
    return await encoded(value, wanted, source, place, load)


def _plain(value: Any, name: str, source: str, place: str) -> Any:
    if name in _JSON:
        return to_json(value)
    found: Any = None
    if name == "bool":
        found = boolean_of(value)
    elif name in _INTEGERS:
        number = number_of(value)
        is_whole = isinstance(number, int) or (number is not None and number.is_integer())
        found = int(number) if number is not None and is_whole else None
    elif name in _FLOATS:
        found = number_of(value)
        if found is None and isinstance(value, str) and value.strip().lower() in _NOT_FINITE:
            found = float(value)
        found = None if found is None else _as_float(found)
    elif name in _BITS:
        digits = text_of(value)
        found = asyncpg.BitString(digits) if digits and not digits.strip("01") else None
    else:
        # PostgreSQL reads the text, and says what is wrong with it.
        found = text_of(value)
    if found is None:
        raise _unfit(source, place, name, value)
    return found


def _as_float(number: float) -> float | None:
    try:
        return float(number)
    except OverflowError:
        return None


def _unfit(source: str, place: str, name: str, value: Any) -> Exception:
    number = f"the number {value:.6g}" if isinstance(value, float) else "a number of its size"
    what = {str: "text", bool: "a boolean", int: number, float: number}.get(type(value))
    shown = what or ("a list" if isinstance(value, list) else "an object")
    message = f"{place} is of type {name} and cannot be {shown}"
    return failed(source, "value", message, place=place)
