"""What one event comes to: the next state, and where a decision may be due now."""

from __future__ import annotations

from runfold.engine.state.run import RunState

Step = tuple[RunState, tuple[str, ...]]
"""The next state, and the addresses at which a decision may be due now."""

UNTOUCHED: tuple[str, ...] = ()
RUN = ("",)
"""Touched when the run as a whole may have something to decide."""
