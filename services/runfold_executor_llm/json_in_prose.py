"""Finds a JSON object among other words of an answer. Pure.

Models that know no response format like to say "Sure! Here it is:" first. An object is taken only
when it is the one the answer has: of two, neither is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from runfold.contracts.json_reader import read_json
from runfold.errors import NodeFailed, Undecodable
from runfold_executor_llm.reasoning import behind_thoughts
from runfold_executor_llm.structured import read_value

_PART = re.compile(r'[{}]|"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
"""What decides where an object ends; brackets in a string do not."""
_MOST = 20
"""Places at which an object may begin that are tried."""
_STEPS = 300_000
"""Braces and strings that are looked at in all: a text may be nothing but opening braces."""
_LONGEST = 200_000
"""Characters of a text that is searched."""


def value_in(text: str, finish_reason: str) -> Any:
    """The JSON value that an answer is, or the one object in it.

    Args:
        text: The answer; thoughts in it are passed over.
        finish_reason: Of the answer, for the message when it has none.

    Raises:
        NodeFailed: `llm.invalid_json`.
    """
    try:
        return read_value(text, finish_reason)
    except NodeFailed as refused:
        found = list(_objects(behind_thoughts(text)))
        if len(found) == 1:
            return found[0]
        if found:
            refused.message = f"the answer has {len(found)} JSON objects, and one is wanted"
        raise


def first_object(text: str) -> dict[str, Any] | None:
    """The first JSON object of an answer, with other words around it or not; None for none.

    Args:
        text: The answer; thoughts in it are passed over.
    """
    return next(_objects(behind_thoughts(text)), None)


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The outermost objects of a text, each once."""
    seen: list[Any] = []
    at = tried = 0
    steps = count(1)
    while tried < _MOST and len(text) <= _LONGEST and (begin := text.find("{", at)) >= 0:
        tried += 1
        end = _end_of(text, begin, steps)
        value = None if end is None else _read(text[begin:end])
        at = begin + 1 if value is None or end is None else end
        if value is not None and value not in seen:
            seen.append(value)
            yield value


def _end_of(text: str, begin: int, steps: Iterator[int]) -> int | None:
    """Where the object that begins at a place ends; None when it does not, or was not found."""
    depth = 0
    for part in _PART.finditer(text, begin):
        if next(steps) > _STEPS:
            return None
        depth += {"{": 1, "}": -1}.get(part[0], 0)
        if depth == 0:
            return part.end()
    return None


def _read(text: str) -> dict[str, Any] | None:
    try:
        value = read_json(text)
    except Undecodable:
        return None
    return value if isinstance(value, dict) else None
