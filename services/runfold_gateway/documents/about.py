"""What the gateway says of itself."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """How much is taken."""

    body: int
    """Bytes of a request's body."""
    file: int
    """Bytes of a file."""
    body_seconds: float
    """Seconds within which a body has to come."""
    wait_seconds: float
    """The longest `wait` for a run's end."""
    page: int
    """Runs, reviews or letters of one page."""
    idempotency_key: int
    """Characters of an `Idempotency-Key`."""
    depth: int
    """How deep JSON may be nested."""


class About(msgspec.Struct, frozen=True):
    """The gateway itself."""

    name: str
    version: str
    key_needed: bool
    """Whether requests need `Authorization: Bearer KEY`."""
    features: list[str]
    """The parts that this API has: the tags of its document."""
    limits: Limits
