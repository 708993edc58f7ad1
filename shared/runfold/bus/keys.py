"""Which keys a bucket can have. Every bus holds to the same rule, which is NATS's."""

from __future__ import annotations

import re

from runfold.errors import InvalidRequest

LONGEST = 1024
"""Characters of a key. A longer one would fill the line of the protocol, and end the connection."""

_KEY = re.compile(r"[-/_=A-Za-z0-9]+(\.[-/_=A-Za-z0-9]+)*")


def is_key(text: str) -> bool:
    """Whether a bucket can have such a key; no other is ever there."""
    return len(text) <= LONGEST and _KEY.fullmatch(text) is not None


def checked_key(text: str) -> str:
    """Return a key unchanged when a bucket can have it.

    Raises:
        InvalidRequest: When it cannot; the message has the rule.
    """
    if not is_key(text):
        shown = text if len(text) <= 80 else f"{text[:80]}…"  # noqa: PLR2004 -- a line
        message = (
            f"{shown!r} cannot be a key: up to {LONGEST} of letters, digits and - / _ =, in parts "
            "with single dots between them"
        )
        raise InvalidRequest(message, code="kv.key")
    return text
