"""Rate limits: when the next call may begin, for each of the four algorithms. Pure.

A call takes its turn when it asks: the state after says that the turn is taken, so those who wait
are in line and none overtakes. What is refused changes nothing.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple, assert_never

import msgspec

from runfold.contracts.protection import Algorithm, RateLimit

SHOWN = 100
"""Characters of a key's template that an owner has."""
EXACT = 1e-6
"""Seconds below which Unix times as floats are not told apart for sure."""


class Owner(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whose call took the newest turn, and by which numbers: for people who look after limits."""

    workflow_id: str
    node: str
    rate: Annotated[float, msgspec.Meta(gt=0)]
    per: Annotated[float, msgspec.Meta(gt=0)]
    most: Annotated[int, msgspec.Meta(gt=0)]
    algorithm: Algorithm = "token_bucket"
    key: str = ""
    """The template by which nodes share it, shortened; never what it came to."""

    @property
    def limit(self) -> RateLimit:
        """The numbers."""
        return RateLimit(self.rate, self.algorithm, self.per, self.most)


class _Owned(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    owner: Owner | None = None
    """None: an executor of an earlier release wrote it."""


class Bucket(_Owned, frozen=True, omit_defaults=True):
    """Of a token bucket and of a leaky one."""

    due: float = 0.0
    """When the bucket will be full again, or empty: each call moves it by `per / rate`."""


class Window(_Owned, frozen=True, omit_defaults=True):
    """The newest window in which calls begin. Windows begin at whole multiples of `per`."""

    index: int = 0
    count: int = 0


class History(_Owned, frozen=True, omit_defaults=True):
    """When the newest calls begin, the oldest first."""

    begun: tuple[float, ...] = ()


State = Bucket | Window | History


class Turn(NamedTuple):
    """When a call begins, or that it does not."""

    at: float
    """Unix seconds; of a refused call: when it may ask again."""
    granted: bool = True


def empty(limit: RateLimit) -> State:
    """The state before any call."""
    match limit.algorithm:
        case "token_bucket" | "leaky_bucket":
            return Bucket()
        case "fixed_window":
            return Window()
        case "sliding_window":
            return History()
        case _:
            assert_never(limit.algorithm)


def take_turn(limit: RateLimit, state: State, now: float, wait: float) -> tuple[State, Turn]:
    """The next turn, when it comes within `wait` seconds and there is room in line."""
    at, after = _next(limit, state, now)
    patience = wait
    if limit.algorithm == "leaky_bucket":
        patience = min(wait, limit.most * limit.per / limit.rate)
    if at - now > patience + EXACT:
        return state, Turn(at - patience, granted=False)
    return after, Turn(at)


def owned(before: State, after: State, limit: RateLimit, workflow_id: str, node: str) -> State:
    """The state after, with whose turn it was; what did not change is not written."""
    if after == before:
        return after
    key = limit.key[:SHOWN]
    owner = Owner(workflow_id, node, limit.rate, limit.per, limit.most, limit.algorithm, key)
    return msgspec.structs.replace(after, owner=owner)


def _next(limit: RateLimit, state: State, now: float) -> tuple[float, State]:
    """When the next call may begin, and the state once it does."""
    pace = limit.per / limit.rate
    match state:
        case Bucket(due=due):
            # A token bucket may run ahead of its pace by a burst, a leaky one never.
            ahead = (limit.most - 1) * pace if limit.algorithm == "token_bucket" else 0.0
            at = max(now, due - ahead)
            return at, Bucket(max(due, at) + pace)
        case Window(index=index, count=count):
            present = int(now // limit.per)
            if index < present:
                index, count = present, 0
            if count >= limit.rate:
                index, count = index + 1, 0
            return max(now, index * limit.per), Window(index, count + 1)
        case History(begun=begun):
            most = int(limit.rate)
            at = now if len(begun) < most else max(now, begun[-most] + limit.per)
            kept = tuple(time for time in begun[-most:] if time > now - limit.per)
            return at, History((*kept, at)[-most:])
        case _:
            assert_never(state)
