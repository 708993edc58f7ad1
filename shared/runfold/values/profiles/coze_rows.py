"""Rows of a table, as Coze's database nodes give them: of declared columns and types alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold.values.lenient import fitted

_UNFIT = object()


def rows(value: Any, types: Any = None) -> list[dict[str, Any]]:
    """`list|rows({"age": "integer", "tags": ["string"]})`: rows with these columns.

    A column that a row does not have is null, one that is not declared is left out. Without types
    every column is text. There are no rows in null, and none when one value cannot be of its type.

    Args:
        value: The rows as a source gave them.
        types: Type of a column by its name; of a list, the type of its items in a list.
    """
    declared = dict(types) if isinstance(types, Mapping) else {}
    listed = value if isinstance(value, list | tuple) else ()
    made = [_row(one, declared) for one in listed if isinstance(one, Mapping)]
    unfit = any(inner is _UNFIT for row in made for inner in row.values())
    return [] if unfit else made


def _row(row: Mapping[str, Any], declared: dict[str, Any]) -> dict[str, Any]:
    if not declared:
        return {name: "" if one is None else _cast(one, "string") for name, one in row.items()}
    return {name: _cast(row.get(name), type_) for name, type_ in declared.items()}


def _cast(value: Any, type_: Any) -> Any:
    match value, type_:
        case None, _:
            return None
        case bool(), "integer" | "number":
            return int(value)
        case int() | float(), "boolean":
            return bool(value)
        case _, [item]:
            found = fitted(value, {"type": "array"})
            made = [_cast(one, item) for one in found]
            return _UNFIT if any(one is _UNFIT for one in made) else made
        case _, str():
            made = fitted(value, type_)
            return _UNFIT if made is None else made
        case _:
            return value
