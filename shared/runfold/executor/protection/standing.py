"""How much of a limit is in use at a moment, for people who look after it. Pure."""

from __future__ import annotations

import math
from typing import NamedTuple, assert_never

from runfold.contracts.protection import RateLimit
from runfold.executor.protection import slots
from runfold.executor.protection.limits import Bucket, History, State, Window, take_turn

NEAR = 1e-6
"""Calls below which a share of one is a matter of how floats are rounded."""


class Turns(NamedTuple):
    """How a rate limit stands."""

    capacity: int
    """Calls that may begin at once, or in one window; of a leaky bucket, calls in line."""
    used: int
    """How many of those are taken."""
    waiting: int
    """Turns that were taken and have not come."""
    next_at: float
    """Unix seconds at which a call that asks now may begin."""


def turns(limit: RateLimit, state: State, now: float) -> Turns:
    """How a rate limit stands at a time."""
    _, following = take_turn(limit, state, now, math.inf)
    return Turns(*_taken(limit, state, now), following.at)


def _taken(limit: RateLimit, state: State, now: float) -> tuple[int, int, int]:
    """The capacity, and how much of it is used and waits."""
    match state:
        case Bucket(due=due):
            ahead = (due - now) * limit.rate / limit.per
            if limit.algorithm == "leaky_bucket":
                # The newest turn came a pace before it is due, and is not in line once it has.
                in_line = _whole(ahead - 1)
                return limit.most, in_line, in_line
            return limit.most, min(limit.most, _whole(ahead)), _whole(ahead - limit.most)
        case Window(index=index, count=count):
            most, present = int(limit.rate), int(now // limit.per)
            if index <= present:
                return most, count if index == present else 0, 0
            # Calls wait for a later window only when all before it are full.
            return most, most, (index - present - 1) * most + count
        case History(begun=begun):
            recent = sum(now - limit.per < one <= now for one in begun)
            # Each turn that waits is one `per` behind another, which may be forgotten already.
            later = [math.ceil((one - now) / limit.per - NEAR) for one in begun if one > now]
            most = int(limit.rate)
            return most, min(most, recent + len(later)), sum(later)
        case _:
            assert_never(state)


def _whole(calls: float) -> int:
    return max(0, math.ceil(calls - NEAR))


class InSlots(NamedTuple):
    """Who is in a node's slots."""

    holding: int
    waiting: int


def in_slots(state: slots.State, now: float) -> InSlots:
    """Who is in slots at a time, and who stands in line; those are forgotten who died."""
    holding = sum(until > now for until in state.holding.values())
    in_line = {who for who, place in state.line.items() if place.until > now}
    in_line |= {who for who, until in state.away.items() if until > now}
    return InSlots(holding, len(in_line))
