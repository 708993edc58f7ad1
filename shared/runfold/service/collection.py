"""Cyclic garbage collection, set for processes of many short-lived objects and few cycles."""

from __future__ import annotations

import gc

YOUNG = 50_000
"""Objects more made than freed after which the youngest are looked through."""


def collect_rarely() -> None:
    """Leave what exists by now out of every collection, and collect less often.

    States and events are freed by their reference counts; looking through all runs in progress for
    cycles every few thousand events costs a tenth of a busy scheduler's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
