"""Filters of ours in templates, and the count of what a rendering prints.

`replace` and `join` know the size of their result beforehand; what is printed is counted as it is
printed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runfold.errors import ExpressionFailed
from runfold.values.json_text import text_of, to_json

NUMBER_FILTER = "factor_"
"""Name of the filter put on both sides of `*`."""

MAX_LENGTH = 400_000
"""Characters a rendered text may have unless the caller says otherwise."""


class Budget:
    """Characters that one rendering may still print."""

    __slots__ = ("left", "limit")

    def __init__(self, limit: int) -> None:
        """Start with `limit` characters."""
        self.limit = limit
        self.left = limit

    def spend(self, size: int) -> None:
        """Count printed characters.

        Raises:
            ExpressionFailed: `template.too_long`, when there were too many.
        """
        self.left -= size
        if self.left < 0:
            raise too_long(self.limit)


def too_long(limit: int) -> ExpressionFailed:
    """The error of a text over the limit."""
    return ExpressionFailed(
        f"the rendered text is longer than {limit} characters",
        code="template.too_long",
        kind="limit",
        details={"limit": limit},
    )


def factor(value: Any) -> Any:
    """Insist on a number, for `*`."""
    if isinstance(value, int | float):
        return value
    message = f"'*' multiplies numbers, and {_kind(value)} is not one"
    raise ExpressionFailed(message)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names: dict[type, str] = {str: "text", list: "a list", dict: "an object"}
    return names.get(type(value), "this value")


def replace(value: Any, old: Any, new: Any) -> str:
    """`text|replace(old, new)`."""
    text, before, after = text_of(value), text_of(old), text_of(new)
    size = len(text) + text.count(before) * max(len(after) - len(before), 0)
    if size > MAX_LENGTH:
        raise too_long(MAX_LENGTH)
    return text.replace(before, after)


def join(value: Any, separator: Any = "", attribute: Any = None) -> str:
    """`list|join(", ")`; with `attribute`, of that key of each item."""
    items = list(value)
    if attribute is not None:
        items = [item.get(attribute) if isinstance(item, dict) else None for item in items]
    between = text_of(separator)
    texts = [text_of(item) for item in items]
    if sum(map(len, texts)) + len(between) * len(texts) > MAX_LENGTH:
        raise too_long(MAX_LENGTH)
    return between.join(texts)


FILTERS: dict[str, Callable[..., Any]] = {
    NUMBER_FILTER: factor,
    "replace": replace,
    "join": join,
    "string": text_of,
    "tojson": to_json,
}
"""Filters of ours, over the engine's."""
