"""How much a JSON value is, without writing it down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EACH = 16
"""What a value counts beside the characters of its text."""


def size_of(value: Any, most: int) -> int:
    """Characters of all text in a value, and `EACH` for each value; counting ends over `most`.

    A part that is there twice counts twice, as it would when the value is written.
    """
    if isinstance(value, str):
        return EACH + len(value)
    size = EACH
    left = [value]
    while left and size <= most:
        one = left.pop()
        if isinstance(one, Mapping):
            size += sum(len(key) for key in one if isinstance(key, str))
            inner: list[Any] = list(one.values())
        elif isinstance(one, list | tuple):
            inner = list(one)
        else:
            continue
        size += EACH * len(inner)
        size += sum(len(text) for text in inner if isinstance(text, str))
        left += [part for part in inner if isinstance(part, Mapping | list | tuple)]
    return size
