"""Which keys and values a bucket can have. Every bus holds to the same rules, which are NATS's."""

from __future__ import annotations

import re

from runfold.errors import InvalidRequest, PayloadTooLarge

LONGEST = 1024
"""Characters of a key. A longer one would fill the line of the protocol, and end the connection."""
HEADERS = 512
"""Bytes of a message that a value leaves to its headers. A message that is over the broker's limit
with them would end the connection."""

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


def check_value(key: str, value: bytes, message_limit: int) -> None:
    """Check the size of a value that is to be written.

    Args:
        key: Where it goes.
        value: The value.
        message_limit: The most bytes of a message that the broker takes.

    Raises:
        PayloadTooLarge: It is over the limit; `details` has `size` and `limit`.
    """
    limit = message_limit - HEADERS
    if len(value) > limit:
        message = (
            f"key {key!r}: a value of {len(value)} bytes is over the limit of {limit}; make it "
            "smaller, or raise max_payload of the NATS server"
        )
        raise PayloadTooLarge(message, details={"size": len(value), "limit": limit})
