"""Layouts as they are stored. What one says is in `runfold.graph.layouts`."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.errors import InvalidRequest, PayloadTooLarge
from runfold.graph.layouts import Layout

LARGEST = 1024 * 1024
"""Bytes of a layout as it is stored. A broker with a smaller limit for messages takes less."""


def layout_of(body: Any) -> bytes:
    """A layout that a client sent, as it is stored.

    Args:
        body: JSON values.

    Raises:
        InvalidRequest: `layout.invalid`, with the place of what does not fit.
        PayloadTooLarge: `layout.too_large`.
    """
    try:
        stored = msgspec.json.encode(msgspec.convert(body, Layout))
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"the layout does not fit: {error}", code="layout.invalid") from error
    if len(stored) > LARGEST:
        message = f"a layout has at most {LARGEST:,} bytes, this one has {len(stored):,}"
        details = {"size": len(stored), "limit": LARGEST}
        raise PayloadTooLarge(message, code="layout.too_large", details=details)
    return stored


def read_layout(stored: bytes) -> Layout:
    """A layout that was stored."""
    return msgspec.json.decode(stored, type=Layout)
