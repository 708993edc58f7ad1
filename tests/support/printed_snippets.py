"""Snippets of JSON that a guide prints: with comments, and text in the quotes of Go."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_COMMENT = re.compile(r"(?<!:)//[^\n]*")
_RAW = re.compile(r"`([^`]*)`")


def snippets(text: str, marker: str) -> Iterator[dict[str, Any]]:
    """Every object that a text prints and that has a key."""
    plain = _RAW.sub(lambda found: json.dumps(found[1]), text)
    decoder = json.JSONDecoder()
    end = 0
    for begun in re.finditer(r"^\{", plain, re.MULTILINE):
        if begun.start() < end:
            continue
        try:
            value, _ = decoder.raw_decode(_COMMENT.sub("", plain[begun.start() :]))
        except ValueError:
            continue
        end = begun.start() + 1
        if isinstance(value, dict) and marker in value:
            yield value
