"""One execution for each idempotency key: who is at it, and what came of it. Pure."""

from __future__ import annotations

from typing import Any

import msgspec


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """A result that is kept for others."""

    until: float
    """Unix seconds at which it is worth nothing more."""
    port: str = "out"
    outputs: dict[str, Any] = {}
    blob: str = ""
    """Where the outputs are when they are large: a digest of the object store."""


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """What all who have the same key know."""

    owner: str = ""
    """Who is at it; empty: none."""
    until: float = 0.0
    """When its owner counts as dead unless it says that it is not."""
    kept: Kept | None = None


def claim(state: State, now: float, who: str, lease: float) -> tuple[State, Kept | bool]:
    """Ask to execute: what is kept; or whether it is on this one to execute, or to wait."""
    if state.kept is not None and state.kept.until > now:
        return state, state.kept
    if state.owner and state.owner != who and state.until > now:
        return state, False
    return State(who, now + lease), True


def stay(state: State, now: float, who: str, lease: float) -> tuple[State, bool]:
    """Say that its owner is still at it; whether it was still the owner."""
    if state.owner != who:
        return state, False
    return State(who, now + lease), True


def settle(state: State, who: str, kept: Kept | None) -> State:
    """The owner has come to a result, or to none: then another may try."""
    if state.kept is not None or (state.owner != who and kept is None):
        return state
    return State(kept=kept)


def look(state: State, now: float) -> tuple[State, Kept | None]:
    """What is kept, if anything is."""
    return state, state.kept if state.kept is not None and state.kept.until > now else None
