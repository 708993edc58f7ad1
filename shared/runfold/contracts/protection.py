"""How a node is protected, and protects what it calls. Written in definitions, carried by tasks."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Algorithm = Literal["token_bucket", "fixed_window", "sliding_window", "leaky_bucket"]

ServedBy = Literal["", "cache", "idempotency", "fallback"]
"""What a result came from instead of an execution of its own; empty: it was executed."""
LONGEST_WAIT = 3600.0
"""Seconds that `wait: true` stands for."""
DAY = 86_400.0


class Breaker(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """When calls are refused because what they go to does not answer."""

    failures: int = 5
    """Failures in a row that open it."""
    open_for: float = 30.0
    """Seconds for which it refuses all calls."""
    half_open_calls: int = 1
    """Calls that are let through at a time to find out whether it may close."""
    successes: int = 1
    """Of those, how many in a row close it."""
    key: str = ""
    """A template; nodes of a group with the same key share a breaker. Empty: the node's own."""
    fallback: Any = msgspec.UNSET
    """What the node gives instead of failing; an object gives its keys."""


class RateLimit(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How many calls may begin in a time."""

    rate: float
    """Calls in each `per`."""
    algorithm: Algorithm = "token_bucket"
    per: float = 1.0
    """Seconds."""
    burst: int = 0
    """Of a token bucket: calls that may begin at once; of a leaky bucket: calls that may be in
    line. 0: as many as `rate`."""
    key: str = ""
    """A template; nodes of a group with the same key and numbers share a limit."""
    wait: float = LONGEST_WAIT
    """Seconds that a call may wait for its turn; 0: it fails at once."""

    @property
    def most(self) -> int:
        """`burst`, or what it is when none is given."""
        return self.burst or max(1, int(self.rate))


class Cache(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """For how long a result stands for the next calls of the same key."""

    ttl: float
    """Seconds."""
    key: str = ""
    """A template; empty: the node's type and its configuration as it is rendered."""


class Protection(msgspec.Struct, frozen=True, omit_defaults=True):
    """All of a node's, in the order in which a call passes them."""

    cache: Cache | None = None
    idempotency_key: str = ""
    breaker: Breaker | None = None
    rate_limit: RateLimit | None = None
    concurrency: int = 0
    """Attempts of the node at a time; 0: no limit."""
