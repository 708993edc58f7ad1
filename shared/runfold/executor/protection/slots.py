"""A bulkhead: who is in one of the slots, and who stands in line for one. Pure.

Slots and places in line expire: who is still there says so, and who died is forgotten. Of those in
line the one goes first that has waited longest, wherever it waits.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from msgspec.structs import replace

LONGEST_LINE = 1000
"""Who stands in line: any more only ask, and come in when the line has got shorter."""


class Waiting(NamedTuple):
    """A place in line."""

    since: float
    until: float
    """When it is forgotten."""


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """What all who share the slots know."""

    holding: dict[str, float] = {}
    """Who is in, and until when unless it says that it still is."""
    line: dict[str, Waiting] = {}
    away: dict[str, float] = {}
    """Who was given back and comes again, and when it is forgotten: for people who look after the
    node. No slot is kept free for one who is away."""
    workflow_id: str = ""
    """Whose node it is, for people who look after it."""
    node: str = ""
    limit: int = 0
    """How many slots there are, as who came in or in line last had it."""


def enter(
    state: State,
    limit: int,
    now: float,
    who: str,
    *,
    since: float,
    kept: float,
    patience: float,
) -> tuple[State, int | None]:
    """Take a slot, or a place in line.

    Args:
        state: As it is.
        limit: How many slots there are.
        now: Unix seconds.
        who: Who asks; may ask again.
        since: When it first did.
        kept: Seconds for which a slot is its own.
        patience: Seconds for which a place in line is.

    Returns:
        The state after, and how many are before it in line; None: it has a slot.
    """
    holding = {one: until for one, until in state.holding.items() if until > now}
    line = {one: place for one, place in state.line.items() if place.until > now}
    away = {one: until for one, until in state.away.items() if until > now and one != who}
    place = line.pop(who, None)
    before = sum((other.since, one) < (since, who) for one, other in line.items())
    if who in holding or before < limit - len(holding):
        holding |= {who: now + kept}
        return replace(state, holding=holding, line=line, away=away), None
    if place is None or place.until < now + patience / 2:
        place = Waiting(since, now + patience)
        if len(line) >= LONGEST_LINE:
            return state, before
    elif len(line) + 1 == len(state.line) and len(holding) == len(state.holding):
        return state, before  # it said so lately: nothing to write
    return replace(state, holding=holding, line={**line, who: place}, away=away), before


def stay(state: State, now: float, who: str, kept: float) -> tuple[State, bool]:
    """Say that one who is in still is; whether the slot was still its own."""
    if who not in state.holding:
        return state, False
    return replace(state, holding={**state.holding, who: now + kept}), True


def leave(state: State, who: str) -> State:
    """Give up a slot or a place in line."""
    if who not in state.holding and who not in state.line:
        return state
    holding = {one: until for one, until in state.holding.items() if one != who}
    line = {one: place for one, place in state.line.items() if one != who}
    return replace(state, holding=holding, line=line)


def give_back(state: State, who: str, until: float) -> State:
    """Give up a place in line for a moment; unless it comes again, it is known until a time."""
    line = {one: place for one, place in state.line.items() if one != who}
    return replace(state, line=line, away={**state.away, who: until})


def owned(before: State, after: State, workflow_id: str, node: str, limit: int) -> State:
    """The state after, with whose node it is; what did not change is not written."""
    if after == before:
        return after
    return replace(after, workflow_id=workflow_id, node=node, limit=limit)
