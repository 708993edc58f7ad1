"""Old events in today's shape, so that a log is readable for ever.

Schema 1 is the first, so there is nothing to lift yet: a body that today's decoder refuses is
lifted here before it is called undecodable. Recorded logs in `tests/replay` keep this honest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from runfold.contracts.json_reader import WIRE, read_json
from runfold.errors import Undecodable

UPCASTERS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""`(type, schema)` → the function that lifts such a body to schema + 1."""


def upcast_event(body: bytes) -> bytes | None:
    """The body lifted to the newest schema, or None when no upcaster knows it."""
    try:
        fields = read_json(body, bounds=WIRE)
    except Undecodable:
        return None
    if not isinstance(fields, dict):
        return None
    lifted = False
    while (step := UPCASTERS.get((fields.get("type", ""), fields.get("schema", 1)))) is not None:
        fields = step(fields)
        lifted = True
    return msgspec.json.encode(fields) if lifted else None
