"""Whether a failed attempt is followed by another, and how long after."""

from __future__ import annotations

import hashlib

from runfold.errors import Failure
from runfold.graph.definition import Retry


def should_retry(policy: Retry, failure: Failure, attempt: int) -> bool:
    """Whether attempt number `attempt`, which failed so, is not the last.

    An author's `retry_on` says which kinds; without it the failure itself does. What is in
    `give_up_on` is not retried whatever else is said.
    """
    if attempt >= policy.max_attempts or failure.kind in policy.give_up_on:
        return False
    if policy.retry_on:
        return failure.kind in policy.retry_on
    return failure.retryable


def delay_after(policy: Retry, failure: Failure, attempt: int, seed: str) -> float:
    """Seconds to wait after failed attempt number `attempt`.

    Exponential up to `max_delay`, never less than the other side asked for, and spread by `jitter`
    from a seed, so that whoever decides it again decides the same.
    """
    delay = min(policy.delay * policy.backoff ** (attempt - 1), policy.max_delay)
    if policy.jitter:
        spread = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big") / 2**32
        delay *= 1 - policy.jitter * spread
    return max(delay, failure.retry_after or 0.0)
