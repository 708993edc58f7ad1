"""Templates of Jinja2, as Dify renders them: Python's spelling of values, and its filters."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from runfold.errors import ExpressionFailed
from runfold.values.template_filters import MAX_LENGTH, too_long

METHODS = frozenset(("format", "join", "replace"))
"""Methods that a template may call beside those of every template: they make text of any length."""
_WIDEST = 10_000
_HTML = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "'": "\\u0027"}


def program(template: str) -> str:
    """A template of Jinja2, which drops one line end at the end."""
    return template.removesuffix("\n")


def printed(value: Any) -> str:
    """A value that Jinja2 prints."""
    return value if isinstance(value, str) else str(value)


class _Whole:
    """A number without a fraction that is a float: the template engine takes its `.0` away."""

    __slots__ = ("number",)

    def __init__(self, number: float) -> None:
        self.number = number

    def __str__(self) -> str:
        return repr(self.number)

    __repr__ = __str__

    def __bool__(self) -> bool:
        return bool(self.number)


def handed(value: Any) -> Any:
    """A value as a template is given it that only prints: 2.0 stays "2.0"."""
    match value:
        case float() if value.is_integer():
            return _Whole(value)
        case dict():
            return {key: handed(inner) for key, inner in value.items()}
        case list():
            return [handed(inner) for inner in value]
        case _:
            return value


def _join(value: Any, separator: Any = "", attribute: Any = None) -> str:
    items = list(value)
    if attribute is not None:
        items = [item.get(attribute, "") if isinstance(item, dict) else "" for item in items]
    between, texts = printed(separator), [printed(item) for item in items]
    if sum(map(len, texts)) + len(between) * len(texts) > MAX_LENGTH:
        raise too_long(MAX_LENGTH)
    return between.join(texts)


def _replace(value: Any, old: Any, new: Any, count: Any = None) -> str:
    text, before, after = printed(value), printed(old), printed(new)
    if len(text) + text.count(before) * max(len(after) - len(before), 0) > MAX_LENGTH:
        raise too_long(MAX_LENGTH)
    return text.replace(before, after, -1 if count is None else int(count))


def _number(value: Any) -> float:
    if isinstance(value, _Whole):
        return value.number
    message = f"a {type(value).__name__} is not JSON"
    raise TypeError(message)


def _to_json(value: Any, indent: Any = None) -> str:
    """JSON with its keys in order, whose signs of HTML are escaped."""
    try:
        text = json.dumps(value, default=_number, indent=indent, sort_keys=True)
    except (TypeError, ValueError, RecursionError) as error:
        message = f"a value cannot be written as JSON: {error}"
        raise ExpressionFailed(message) from error
    return "".join(_HTML.get(sign, sign) for sign in text)


def _center(value: Any, width: Any = 80) -> str:
    return printed(value).center(min(int(width), _WIDEST))


def _word_count(value: Any) -> int:
    return len(printed(value).split())


FILTERS: dict[str, Callable[..., Any]] = {
    "join": _join,
    "replace": _replace,
    "string": printed,
    "tojson": _to_json,
    "center": _center,
    "wordcount": _word_count,
}
"""Filters that differ from those of every template, or that only Jinja2 has."""
