"""One attempt on its way through the protections, and how that may end early."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

import msgspec

from runfold.contracts.protection import Breaker, Protection, RateLimit
from runfold.contracts.tasks import Hold, Task
from runfold.errors import Failure
from runfold.executor.node import NodeExecutor, Outcome
from runfold.executor.protection.keys import Keys
from runfold.graph.definition import OUT

Came = Outcome | Failure
Next = Callable[["Call"], Awaitable[Came]]
"""What a protection lets its calls through to."""


class Call(NamedTuple):
    """One attempt that is to be let through."""

    task: Task
    protection: Protection
    executor: NodeExecutor
    keys: Keys
    since: float
    """When it first asked, by the log's clock."""
    place: float
    """The turn it took before it was given back; 0: none."""
    begin: Callable[[], Awaitable[Came]]


class Later(Exception):
    """The attempt cannot begin soon: its task is to be given back."""

    def __init__(self, hold: Hold) -> None:
        super().__init__(hold)
        self.hold = hold


class Refused(Exception):
    """The attempt is not made: what it comes to instead."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def breaker_open(call: Call, wait: float) -> Refused:
    """The breaker lets no call through."""
    message = (
        f"node {call.task.node_id!r} was not run: its circuit breaker is open because what it "
        f"calls kept failing; try again in {wait:.1f} s, or give the breaker a fallback"
    )
    failure = Failure(
        code="breaker.open", message=message, kind="server", retryable=True, retry_after=wait
    )
    return Refused(failure)


def limit_exceeded(call: Call, limit: RateLimit, wait: float) -> Refused:
    """There is no turn within the time that the call may wait."""
    message = (
        f"node {call.task.node_id!r} was not run: its rate limit of {limit.rate:g} in "
        f"{limit.per:g} s has no turn within the {limit.wait:g} s that it may wait; "
        f"try again in {wait:.1f} s"
    )
    failure = Failure(
        code="rate_limit.exceeded",
        message=message,
        kind="rate_limit",
        retryable=True,
        retry_after=wait,
    )
    return Refused(failure)


def fallback(call: Call, policy: Breaker) -> Outcome | None:
    """What the node gives while its breaker is open, if its author said so."""
    value = policy.fallback
    if value is msgspec.UNSET:
        return None
    outputs = dict(value) if isinstance(value, dict) else {}
    outputs.setdefault("output", value)
    outputs["fallback"] = True
    ports = call.executor.kind.ports(call.task.config)
    return Outcome(outputs, OUT if OUT in ports else ports[-1], served_by="fallback")
