"""Canvases that lie in other bytes as plain text, as in what the hosted product once exported.

Such a file is a container of its own in a zip: somewhere in it stands a name,
`workflow/NAME-draft.json`, and the canvas behind it.
"""

from __future__ import annotations

import json
import re

from runfold.importers.coze.shapes import shape_of

MOST_TRIES = 200
"""Places at which JSON seems to begin, and does not, after which no more are looked at."""
_BEGINS = re.compile(r'\{\s*"')
_NAMED = re.compile(rb"([^\x00-\x1f/\\\"':{}]{1,200}?)(?:-draft)?\.json")


def canvases_in(body: bytes) -> list[tuple[str, bytes]]:
    """The canvases in any bytes: name and JSON text of each."""
    found: list[tuple[str, bytes]] = []
    text = body.decode("latin-1")
    decoder = json.JSONDecoder()
    names = list(_NAMED.finditer(body))
    end, failed = 0, 0
    for begun in _BEGINS.finditer(text):
        start = begun.start()
        if start < end or failed > MOST_TRIES:
            continue
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            failed += 1
            continue
        if shape_of(value) is not None:
            before = [one for one in names if one.end() <= start]
            name = before[-1][1].decode("utf-8", "replace") if before else "workflow"
            found.append(
                (name.replace("\\", "/").rpartition("/")[2] or "workflow", body[start:end])
            )
    return found
