"""The result of folding one event: the next state, and where a decision may be due."""

from __future__ import annotations

from runfold.engine.state.runs import RunState

Step = tuple[RunState, tuple[str, ...]]
"""The next state, and the addresses at which a decision may be due.

`""` is the run itself, and a scope (`each[3]`) one of a composite's that has ended.
"""

UNTOUCHED: tuple[str, ...] = ()
"""Addresses touched by an event that changed nothing."""
RUN = ("",)
"""Addresses touched when only the run as a whole may have something to decide."""
