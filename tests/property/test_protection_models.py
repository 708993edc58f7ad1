"""Limits, breaker and slots against plain models of them, on a clock of our own."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import deque
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfold.contracts.protection import Breaker, RateLimit
from runfold.executor.protection import breaker, limits, once, slots

CLOSE = 1e-5
START = 1_800_000_000.0
GAPS = st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=120)
RATES = st.integers(1, 12)
PERS = st.sampled_from([0.1, 1.0, 2.5])


def granted(limit: RateLimit, gaps: list[float]) -> list[tuple[float, limits.Turn]]:
    """When each call asked, and the turn that it got."""
    state, now, got = limits.empty(limit), START, []
    for gap in gaps:
        now += gap * limit.per / limit.rate
        state, turn = limits.take_turn(limit, state, now, limit.wait)
        got.append((now, turn))
    return got


def begun(got: list[tuple[float, limits.Turn]]) -> list[float]:
    return [turn.at for _, turn in got if turn.granted]


def check_order(got: list[tuple[float, limits.Turn]], limit: RateLimit) -> None:
    """Nobody overtakes, nobody begins before it asks, nobody waits for longer than it may."""
    times = begun(got)
    assert times == sorted(times)
    for asked, turn in got:
        if turn.granted:
            assert asked <= turn.at <= asked + limit.wait + CLOSE
        else:
            assert turn.at > asked


class TokenModel:
    """Tokens in a bucket, counted as they drip in; it may be in debt to those in line."""

    def __init__(self, limit: RateLimit) -> None:
        self.limit = limit
        self.speed = limit.rate / limit.per
        self.tokens = float(limit.most)
        self.at = START

    def ask(self, now: float) -> float | None:
        self.tokens = min(self.limit.most, self.tokens + (now - self.at) * self.speed)
        self.at = now
        wait = max(0.0, (1 - self.tokens) / self.speed)
        if wait > self.limit.wait + CLOSE / 2:
            return None
        self.tokens -= 1
        return now + wait


@given(RATES, PERS, st.integers(1, 20), st.sampled_from([0.0, 0.5, 60.0]), GAPS)
def test_a_token_bucket_is_what_its_model_is(
    rate: int, per: float, burst: int, wait: float, gaps: list[float]
) -> None:
    limit = RateLimit(rate, per=per, burst=burst, wait=wait)
    got = granted(limit, gaps)
    check_order(got, limit)
    model = TokenModel(limit)
    for asked, turn in got:
        expected = model.ask(asked)
        if expected is None or not turn.granted:
            # Whether a wait is just too long, two ways of counting may see differently.
            if (expected is None) != (not turn.granted):
                assert abs((turn.at if turn.granted else expected or 0) - asked - wait) < CLOSE
                return
        else:
            assert abs(turn.at - expected) < CLOSE
    times = begun(got)
    for first in range(len(times)):
        for last in range(first, len(times)):
            most = burst + (times[last] - times[first] + CLOSE) * rate / per
            assert last - first + 1 <= most + CLOSE


@given(RATES, PERS, st.integers(1, 20), GAPS)
def test_a_leaky_bucket_keeps_its_pace_and_its_line_short(
    rate: int, per: float, burst: int, gaps: list[float]
) -> None:
    limit = RateLimit(rate, "leaky_bucket", per=per, burst=burst)
    got = granted(limit, gaps)
    check_order(got, limit)
    times = begun(got)
    for before, after in itertools.pairwise(times):
        assert after - before >= per / rate - CLOSE
    for index, (asked, turn) in enumerate(got):
        waiting = sum(1 for one in begun(got[:index]) if one > asked + CLOSE)
        if turn.granted:
            assert waiting <= burst
        else:
            assert waiting >= burst - 1


@given(RATES, PERS, st.sampled_from([0.0, 0.5, 60.0]), GAPS)
def test_a_fixed_window_has_so_many_and_is_used_up(
    rate: int, per: float, wait: float, gaps: list[float]
) -> None:
    limit = RateLimit(rate, "fixed_window", per=per, wait=wait)
    got = granted(limit, gaps)
    check_order(got, limit)
    windows: dict[int, int] = {}
    for asked, turn in got:
        # The first window with room is the one that is given, or none is.
        window = int(asked // per)
        while windows.get(window, 0) >= rate:
            window += 1
        at = max(asked, window * per)
        if turn.granted:
            assert turn.at == at
            windows[window] = windows.get(window, 0) + 1
            assert windows[window] <= rate
        else:
            assert at - asked > wait


@given(RATES, PERS, st.sampled_from([0.0, 0.5, 60.0]), GAPS)
def test_a_sliding_window_never_has_more_wherever_it_is_laid(
    rate: int, per: float, wait: float, gaps: list[float]
) -> None:
    limit = RateLimit(rate, "sliding_window", per=per, wait=wait)
    got = granted(limit, gaps)
    check_order(got, limit)
    times: list[float] = []
    for asked, turn in got:
        at = asked if len(times) < rate else max(asked, times[-rate] + per)
        if turn.granted:
            assert turn.at == at
            times.append(at)
        else:
            assert at - asked > wait
    for index, time in enumerate(times):
        assert bisect_right(times, time + per - CLOSE) - index <= rate


class BreakerModel:
    """The words of the guide, as a machine."""

    def __init__(self, policy: Breaker) -> None:
        self.policy = policy
        self.phase = "closed"
        self.turned = 0
        self.until = 0.0
        self.bad = self.good = 0
        self.trials: set[str] = set()

    def ask(self, now: float, call: str) -> bool:
        if self.phase == "open" and now >= self.until:
            self.phase, self.good, self.trials = "half_open", 0, set()
        if self.phase == "half_open" and len(self.trials) < self.policy.half_open_calls:
            self.trials.add(call)
            return True
        return self.phase == "closed"

    def told(self, now: float, call: str, result: str) -> None:
        if self.phase == "closed":
            self.bad = {"bad": self.bad + 1, "good": 0, "neutral": self.bad}[result]
            if self.bad >= self.policy.failures:
                self._turn("open", now)
        else:
            self.trials.remove(call)
            self.good += result == "good"
            if result == "bad":
                self._turn("open", now)
            elif self.good >= self.policy.successes:
                self._turn("closed", now)

    def _turn(self, phase: str, now: float) -> None:
        self.phase, self.until, self.bad = phase, now + self.policy.open_for, 0
        self.turned += 1


@given(
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(1, 3),
    st.lists(
        st.tuples(
            st.floats(0, 6, allow_nan=False),
            st.sampled_from(["ask", "ask", "good", "bad", "neutral"]),
            st.integers(0, 9),
        ),
        max_size=150,
    ),
)
def test_a_breaker_is_what_its_model_is(
    failures: int, at_a_time: int, successes: int, moves: list[tuple[float, Any, int]]
) -> None:
    policy = Breaker(
        failures=failures, open_for=5.0, half_open_calls=at_a_time, successes=successes
    )
    state, model, now = breaker.State(), BreakerModel(policy), START
    under_way: deque[tuple[str, breaker.Admission, int]] = deque()
    for number, (gap, move, pick) in enumerate(moves):
        now += gap
        if move == "ask":
            call = f"c{number}"
            state, admission = breaker.admit(policy, state, now, call, 1e9)
            assert (admission.refused_until is None) == model.ask(now, call)
            if admission.refused_until is None:
                under_way.append((call, admission, model.turned))
            else:
                assert admission.refused_until > now
        elif under_way:
            under_way.rotate(pick)
            call, admission, turned = under_way.pop()
            state = breaker.record(policy, state, now, call, admission, move)
            if turned == model.turned:  # else it was let through before the breaker turned
                model.told(now, call, move)
        assert state.is_open == (model.phase != "closed")


@pytest.mark.parametrize("result", ["good", "bad"])
@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_a_result_from_an_earlier_round_does_not_count(rounds: int, result: breaker.Result) -> None:
    """A slow call ends when the breaker has opened, closed again, or opened once more."""
    policy = Breaker(failures=1, open_for=1.0)
    state, late = breaker.admit(policy, breaker.State(), START, "late", 10)
    now = START
    for number in range(rounds):
        state, admitted = breaker.admit(policy, state, now, f"c{number}", 10)
        turning: breaker.Result = "bad" if number % 2 == 0 else "good"
        state = breaker.record(policy, state, now, f"c{number}", admitted, turning)
        assert state.is_open == (number % 2 == 0)
        now += 1.0  # an open one is half open by now
    assert breaker.record(policy, state, now, "late", late, result) == state
    # Nor does it take the trial of another call away, or count as one.
    state, admitted = breaker.admit(policy, state, now, "trial", 10)
    assert admitted.refused_until is None
    assert breaker.record(policy, state, now, "late", late, result) == state


def test_a_trial_that_ends_after_the_breaker_turned_does_not_count() -> None:
    policy = Breaker(failures=2, open_for=1.0, half_open_calls=2)
    state = breaker.State()
    for call in ("a", "b"):
        state, admitted = breaker.admit(policy, state, START, call, 10)
        state = breaker.record(policy, state, START, call, admitted, "bad")
    state, first = breaker.admit(policy, state, START + 1, "first", 10)
    state, second = breaker.admit(policy, state, START + 1, "second", 10)
    closed = breaker.record(policy, state, START + 1, "first", first, "good")
    assert not closed.is_open
    assert breaker.record(policy, closed, START + 2, "second", second, "bad") == closed
    opened = breaker.record(policy, state, START + 1, "first", first, "bad")
    assert breaker.phase(opened, START + 2) == "half_open"
    assert breaker.record(policy, opened, START + 2, "second", second, "good") == opened


def test_a_trial_that_says_nothing_makes_room_for_another() -> None:
    policy = Breaker(failures=1, open_for=1.0)
    state, first = breaker.admit(policy, breaker.State(), START, "a", 10)
    state = breaker.record(policy, state, START, "a", first, "bad")
    assert breaker.phase(state, START) == "open"
    assert breaker.phase(state, START + 1) == "half_open"
    state, admission = breaker.admit(policy, state, START + 1, "b", 10)
    assert admission.refused_until is None
    assert breaker.admit(policy, state, START + 2, "b", 10)[1].refused_until is None
    assert breaker.admit(policy, state, START + 2, "c", 10)[1].refused_until is not None
    assert breaker.admit(policy, state, START + 11.5, "c", 10)[1].refused_until is None


@given(
    st.integers(1, 4),
    st.lists(
        st.tuples(
            st.floats(0, 4, allow_nan=False),
            st.sampled_from(["enter", "enter", "stay", "leave"]),
            st.integers(0, 7),
        ),
        max_size=200,
    ),
)
def test_slots_are_never_more_and_go_to_who_waited_longest(
    limit: int, moves: list[tuple[float, str, int]]
) -> None:
    state, now = slots.State(), START
    since: dict[str, float] = {}
    said: dict[str, float] = {}
    inside: dict[str, float] = {}
    for gap, move, number in moves:
        now, who = now + gap, f"w{number}"
        inside = {one: until for one, until in inside.items() if until > now}
        if move == "enter":
            since.setdefault(who, now)
            state, before = slots.enter(
                state, limit, now, who, since=since[who], kept=10, patience=6
            )
            if before is None:
                if who not in inside:
                    older = [o for o, at in since.items() if at < since[who]]
                    present = [o for o in older if now - said.get(o, -99) < 3 and o not in inside]
                    assert len(inside) + len(present) < limit
                inside[who] = now + 10
            elif who not in inside:
                said[who] = now
                assert len(inside) + before >= limit
        elif move == "stay":
            state, held = slots.stay(state, now, who, 10)
            if held:  # also one that had run out, if nobody has taken it since
                inside[who] = now + 10
        else:
            state = slots.leave(state, who)
            for known in (inside, since, said):
                known.pop(who, None)
        assert len(inside) <= limit


def test_one_executes_and_all_others_get_its_result() -> None:
    state, is_mine = once.claim(once.State(), START, "a", 15)
    assert is_mine is True
    assert once.claim(state, START + 1, "b", 15)[1] is False
    assert once.claim(state, START + 1, "a", 15)[1] is True
    kept = once.Kept(START + 100, outputs={"output": 1})
    done = once.settle(state, "a", kept)
    assert once.claim(done, START + 2, "b", 15)[1] == kept
    assert once.look(done, START + 2)[1] == kept
    assert once.claim(done, START + 101, "b", 15)[1] is True
    assert once.look(done, START + 101)[1] is None


def test_who_failed_or_died_makes_room_for_another() -> None:
    state, _ = once.claim(once.State(), START, "a", 15)
    assert once.claim(once.settle(state, "a", None), START + 1, "b", 15)[1] is True
    taken, is_mine = once.claim(state, START + 16, "b", 15)
    assert is_mine is True
    assert once.stay(taken, START + 17, "a", 15) == (taken, False)
    assert once.settle(taken, "a", None) == taken
    # The late result of who counted as dead is a result all the same.
    kept = once.Kept(START + 100)
    assert once.settle(taken, "a", kept).kept == kept
