"""What is said of a limit's use, against the turns and places that were really given."""

from __future__ import annotations

import math

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from runfold.contracts.codec import encode
from runfold.contracts.protection import Algorithm, RateLimit
from runfold.executor.protection import limits, slots
from runfold.executor.protection.standing import in_slots, turns

START = 1_800_000_000.0
QUARTERS = st.lists(st.integers(0, 12), min_size=1, max_size=80)
"""Quarters of a pace between two calls: all times are sums of powers of two, and exact."""
RATES = st.sampled_from([1, 2, 4, 8])
BURSTS = st.integers(1, 9)
LATER = st.integers(0, 200)


def given_out(limit: RateLimit, quarters: list[int]) -> tuple[limits.State, list[float], float]:
    """The state after calls, as it is stored; when each that was granted begins; and the time."""
    state, now, begun = limits.empty(limit), START, []
    for gap in quarters:
        now += gap * limit.per / limit.rate / 4
        after, turn = limits.take_turn(limit, state, now, limit.wait)
        state = limits.owned(state, after, limit, "w", "n")
        begun += [turn.at] * turn.granted
    stored = msgspec.json.decode(encode(state), type=type(state))
    assert stored.owner is not None
    assert turns(stored.owner.limit, stored, now) == turns(limit, state, now)
    return stored, begun, now


def asked_then(limit: RateLimit, state: limits.State, now: float) -> float:
    return limits.take_turn(limit, state, now, math.inf)[1].at


@given(RATES, BURSTS, QUARTERS, LATER)
def test_of_a_token_bucket(rate: int, burst: int, quarters: list[int], later: int) -> None:
    limit = RateLimit(rate, burst=burst)
    state, begun, now = given_out(limit, quarters)
    now += later / rate / 4
    found = turns(limit, state, now)
    assert found.waiting == sum(at > now for at in begun)
    assert found.next_at == asked_then(limit, state, now)
    assert found.capacity == burst
    assert (found.used < burst) == (found.next_at == now), "one more may begin at once"
    tokens, last = float(burst), START
    for at in sorted(begun):
        if at <= now:
            tokens = min(burst, tokens + (at - last) * rate) - 1
            last = at
    tokens = min(burst, tokens + (now - last) * rate)
    if not found.waiting:
        assert found.used == burst - math.floor(tokens)


@given(RATES, BURSTS, QUARTERS, LATER)
def test_of_a_leaky_bucket(rate: int, burst: int, quarters: list[int], later: int) -> None:
    limit = RateLimit(rate, "leaky_bucket", burst=burst)
    state, begun, now = given_out(limit, quarters)
    now += later / rate / 4
    in_line = sum(at > now for at in begun)
    expected = (burst, in_line, in_line, asked_then(limit, state, now))
    assert turns(limit, state, now) == expected


@given(RATES, st.sampled_from([1.0, 4.0]), QUARTERS, LATER)
def test_of_a_fixed_window(rate: int, per: float, quarters: list[int], later: int) -> None:
    limit = RateLimit(rate, "fixed_window", per=per)
    state, begun, now = given_out(limit, quarters)
    now += later * per / rate / 4
    begins = now // per * per
    used = sum(begins <= at < begins + per for at in begun)
    waiting = sum(at >= begins + per for at in begun)
    assert turns(limit, state, now) == (rate, used, waiting, asked_then(limit, state, now))


@given(RATES, st.sampled_from([1.0, 4.0]), QUARTERS, LATER)
def test_of_a_sliding_window(rate: int, per: float, quarters: list[int], later: int) -> None:
    limit = RateLimit(rate, "sliding_window", per=per)
    state, begun, now = given_out(limit, quarters)
    now += later * per / rate / 4
    used = sum(now - per < at <= now for at in begun)
    waiting = sum(at > now for at in begun)
    assert turns(limit, state, now) == (rate, used, waiting, asked_then(limit, state, now))


def test_a_refused_call_is_nobody_s_turn() -> None:
    limit = RateLimit(1, per=60, wait=0, key="k" * 500)
    state = limits.empty(limit)
    after, _ = limits.take_turn(limit, state, START, 0)
    first = limits.owned(state, after, limit, "w", "first")
    again, turn = limits.take_turn(limit, first, START, 0)
    assert not turn.granted
    assert limits.owned(first, again, limit, "w", "second") is again
    assert again.owner is not None
    assert (again.owner.node, again.owner.key) == ("first", "k" * limits.SHOWN)


def test_states_of_an_earlier_release_are_taken_and_get_an_owner() -> None:
    algorithms: tuple[Algorithm, ...] = (
        *("token_bucket", "leaky_bucket", "fixed_window", "sliding_window"),
    )
    old = (b'{"due":1800000005.0}',) * 2 + (b'{"index":30000000}', b'{"begun":[1800000000.0]}')
    for algorithm, text in zip(algorithms, old, strict=True):
        limit = RateLimit(1, algorithm, per=60)
        state = msgspec.json.decode(text, type=type(limits.empty(limit)))
        assert state.owner is None
        after, turn = limits.take_turn(limit, state, START, 600)
        assert turn.granted
        owned = limits.owned(state, after, limit, "w", "n")
        assert owned.owner is not None
        # An earlier release reads the rest, and leaves the owner aside.
        assert msgspec.json.decode(encode(owned))["owner"]["node"] == "n"


def test_of_slots_those_count_that_are_still_said_to_be_there() -> None:
    state = slots.State()
    for number, who in enumerate("abc"):
        after, before = slots.enter(state, 2, START, who, since=START, kept=15, patience=6)
        state = slots.owned(state, after, "w", "n", 2)
        assert (before is None) == (number < 2)
    assert in_slots(state, START) == (2, 1)
    state, held = slots.stay(state, START + 10, "a", 15)
    assert held
    assert in_slots(state, START + 14) == (2, 0), "who stood in line has not asked again"
    assert in_slots(state, START + 16) == (1, 0), "who died is forgotten"
    back = slots.give_back(state, "c", START + 30)
    assert in_slots(back, START + 1) == (2, 1), "who was given back comes again"
    assert in_slots(back, START + 31) == (0, 0)
    first, before = slots.enter(back, 2, START + 16, "d", since=START + 9, kept=15, patience=6)
    assert (before, in_slots(first, START + 16)) == (None, (2, 1)), "and holds up nobody"
    again, before = slots.enter(first, 2, START + 16, "c", since=START, kept=15, patience=6)
    assert (before, again.away, in_slots(again, START + 16)) == (0, {}, (2, 1))
    left = slots.leave(state, "b")
    assert (left.workflow_id, left.node, left.limit) == ("w", "n", 2)
    assert slots.owned(left, left, "w", "other", 5) is left
