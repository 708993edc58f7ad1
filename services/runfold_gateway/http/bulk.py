"""What a request about many things may name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from runfold.errors import InvalidRequest

K = TypeVar("K", str, int)

MOST = 500
"""Things that one request may be about."""


def checked_ids(field: str, ids: Sequence[K]) -> list[K]:
    """The ids of a request, each once, in their order.

    Raises:
        InvalidRequest: `request.too_many` over `MOST`, `request.none` for none.
    """
    found = list(dict.fromkeys(ids))
    if not found:
        raise InvalidRequest(f"`{field}` is empty: name at least one", code="request.none")
    if len(found) > MOST:
        message = f"`{field}` has {len(found)}: name at most {MOST} at a time"
        raise InvalidRequest(message, code="request.too_many", details={"most": MOST})
    return found
