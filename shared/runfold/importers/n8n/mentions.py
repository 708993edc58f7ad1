"""Which other nodes the expressions and programs of a node name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

_CALLED = re.compile(
    r"""\$(?:\(|items\(|node\s*\[|getNode\()\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)"""
)
"""`$('Name')`, `$items("Name")`, `$node["Name"]`."""
_DOTTED = re.compile(r"\$node\.([\w$]+)")
_PARAMETERS = re.compile(r"\.(?:params|parameter)\b|\$parameter")
_ESCAPED = re.compile(r"\\(.)")
_FROM_AI = re.compile(r"\$fromAI\s*\(", re.IGNORECASE)


def texts_in(value: Any) -> Iterator[str]:
    """All texts in a value."""
    match value:
        case str():
            yield value
        case dict():
            for one in value.values():
                yield from texts_in(one)
        case list():
            for one in value:
                yield from texts_in(one)
        case _:
            return


def names_in(value: Any) -> list[str]:
    """Names of the nodes that a value's texts read, in order of appearance."""
    found: dict[str, None] = {}
    for text in texts_in(value):
        if "$" not in text:
            continue
        for groups in _CALLED.findall(text):
            found[_ESCAPED.sub(r"\1", next((one for one in groups if one), ""))] = None
        for name in _DOTTED.findall(text):
            found[name] = None
    return list(found)


def reads_parameters(value: Any) -> bool:
    """Whether a value's texts read the parameters of nodes."""
    return any(_PARAMETERS.search(text) for text in texts_in(value))


_RUN = re.compile(
    r"""\.(?:all|first|last)\(\s*[^\s(),]+\s*,|\$items\((?:"[^"]*"|'[^']*'|[^(),]+),[^(),]*,"""
)
"""`$('Name').all(output, run)`, `$items("Name", output, run)`."""


def reads_runs(value: Any) -> bool:
    """Whether a value's texts ask for one of several runs of a node."""
    return any(_RUN.search(text) for text in texts_in(value))


def asks_model(value: Any) -> bool:
    """Whether a value leaves something to a model, by `$fromAI`."""
    return any(_FROM_AI.search(text) for text in texts_in(value))


def has_secret(value: Any) -> bool:
    """Whether a value holds what looks like a live key."""
    return any(_SECRET.search(text) for text in texts_in(value))


_SECRET = re.compile(
    r"\b(?:sk-[A-Za-z0-9_-]{20,}|xox[abp]-[A-Za-z0-9-]{10,}|gh[pousr]_[A-Za-z0-9]{30,}"
    r"|AIza[A-Za-z0-9_-]{30,}|AKIA[A-Z0-9]{16}|Bearer\s+(?!\{)[A-Za-z0-9._-]{24,}"
    r"|\d{8,10}:AA[A-Za-z0-9_-]{30,}|eyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,})"
)


def names_of_many(values: Iterable[Any]) -> list[str]:
    """The same of several values, each name once."""
    return list(dict.fromkeys(name for value in values for name in names_in(value)))
