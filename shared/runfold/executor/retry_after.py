"""Reads how long a server asks its clients to wait."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

LONGEST = 3600.0
"""Seconds; a server that asks for more is asked again after this."""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by `retry-after-ms` or `retry-after`, or None when there is no such wish.

    A date is measured against the response's own `date`, so that clocks need not agree.

    Args:
        headers: Of the response; looked up in lower case.
    """
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        seconds = _number(headers.get(name, ""))
        if seconds is not None:
            return min(seconds / scale, LONGEST)
    due, now = _date(headers.get("retry-after", "")), _date(headers.get("date", ""))
    if due is None or now is None:
        return None
    return min(max((due - now).total_seconds(), 0.0), LONGEST)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _date(text: str) -> datetime | None:
    try:
        value = parsedate_to_datetime(text)
    except ValueError:
        return None
    return value if value.tzinfo is not None else None
