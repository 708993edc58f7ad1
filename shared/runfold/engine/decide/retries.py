"""Whether another attempt follows a failed one, and after which delay."""

from __future__ import annotations

import hashlib

from runfold.errors import Failure
from runfold.graph.definition import Retry


def should_retry(policy: Retry, failure: Failure, attempt: int) -> bool:
    """Whether another attempt follows a failed one.

    The author's `retry_on` names the kinds of failures that are retried; without it the failure's
    own `retryable` decides. Kinds in `give_up_on` are never retried.

    Args:
        policy: The node's.
        failure: Why the attempt failed.
        attempt: Its number, from 1.
    """
    if attempt >= policy.max_attempts or failure.kind in policy.give_up_on:
        return False
    if policy.retry_on:
        return failure.kind in policy.retry_on
    return failure.retryable


_NOT_THE_BACKUPS = frozenset(
    ("reference", "expression", "code", "poison", "cancelled", "human", "internal")
)
"""Kinds of failures that have nothing to do with what a backup stands in for."""


def should_use_backup(policy: Retry, failure: Failure) -> bool:
    """Whether a node's backup is worth an attempt, when no other attempt follows."""
    return failure.kind not in _NOT_THE_BACKUPS and failure.kind not in policy.give_up_on


def delay_after(policy: Retry, failure: Failure, attempt: int, seed: str) -> float:
    """Seconds of back-off after a failed attempt.

    They grow exponentially up to `max_delay`, are never less than the other side asked for, and are
    spread by `jitter`.

    Args:
        policy: The node's.
        failure: Why the attempt failed.
        attempt: Its number, from 1.
        seed: What the spread is made from: deciding again gives the same delay.
    """
    delay = min(policy.delay * policy.backoff ** (attempt - 1), policy.max_delay)
    if policy.jitter:
        delay *= 1 - policy.jitter * spread(seed)
    return max(delay, failure.retry_after or 0.0)


def spread(seed: str) -> float:
    """A number from 0 to 1 that is the same for the same seed."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big") / 2**32
