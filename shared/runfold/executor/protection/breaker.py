"""A circuit breaker: closed, open, and half open, when trials decide. Pure.

Half open is what an open one becomes by the time alone. Results tell of the round in which their
call was let through: what comes from an earlier one says nothing about the present.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from runfold.contracts.protection import Breaker
from runfold.errors import FailureKind

TELLING: frozenset[FailureKind] = frozenset(("timeout", "network", "server", "rate_limit"))
"""Failures that say something about the other side; all others say that it is not to blame."""

Result = Literal["good", "bad", "neutral"]
Phase = Literal["closed", "open", "half_open"]


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """What all who share a breaker know."""

    round: int = 0
    """How often it opened or closed."""
    is_open: bool = False
    until: float = 0.0
    """Open: from when on trials may be made."""
    failures: int = 0
    """Closed: failures in a row."""
    trials: dict[str, float] = {}
    """Half open: calls that were let through, and when each of them counts as lost."""
    successes: int = 0
    """Half open: trials in a row that went well."""
    workflow_id: str = ""
    """Whose call changed it last, for people who look after it."""
    node: str = ""


class Admission(NamedTuple):
    """Whether a call is let through."""

    round: int
    refused_until: float | None = None
    """Unix seconds at which to ask again; None: it is let through."""


def phase(state: State, now: float) -> Phase:
    """What it is called at a time."""
    if not state.is_open:
        return "closed"
    return "open" if now < state.until else "half_open"


def admit(
    policy: Breaker, state: State, now: float, call: str, patience: float
) -> tuple[State, Admission]:
    """Let a call through or not.

    Args:
        policy: The numbers.
        state: As it is.
        now: Unix seconds.
        call: Its id: asked for again, the same trial is let through again.
        patience: Seconds after which a trial that says nothing counts as lost.
    """
    match phase(state, now):
        case "closed":
            return state, Admission(state.round)
        case "open":
            return state, Admission(state.round, state.until)
        case "half_open":
            running = {one: lost for one, lost in state.trials.items() if lost > now}
            if call not in running and len(running) >= policy.half_open_calls:
                again = min(now + policy.open_for, *running.values())
                return state, Admission(state.round, again)
            trials = {**running, call: now + patience}
            return replace(state, trials=trials), Admission(state.round)


def record(
    policy: Breaker, state: State, now: float, call: str, admitted: Admission, result: Result
) -> State:
    """The state once a call that was let through has come to a result."""
    if admitted.round != state.round:
        return state
    if not state.is_open:
        return _closed(policy, state, now, result)
    trials = {one: lost for one, lost in state.trials.items() if one != call}
    match result:
        case "neutral":
            return replace(state, trials=trials)
        case "bad":
            return _opened(policy, state, now)
        case "good":
            if state.successes + 1 >= policy.successes:
                return State(round=state.round + 1)
            return replace(state, trials=trials, successes=state.successes + 1)


def named(before: State, after: State, workflow_id: str, node: str) -> State:
    """The state after, with the node whose call changed it; what did not change is not written."""
    return after if after == before else replace(after, workflow_id=workflow_id, node=node)


def reset(state: State) -> State:
    """Closed, as if its trials had gone well: results of calls from before count no more."""
    return State(round=state.round + 1, workflow_id=state.workflow_id, node=state.node)


def _closed(policy: Breaker, state: State, now: float, result: Result) -> State:
    match result:
        case "neutral":
            return state
        case "good":
            return replace(state, failures=0) if state.failures else state
        case "bad":
            if state.failures + 1 >= policy.failures:
                return _opened(policy, state, now)
            return replace(state, failures=state.failures + 1)


def _opened(policy: Breaker, state: State, now: float) -> State:
    return State(round=state.round + 1, is_open=True, until=now + policy.open_for)
