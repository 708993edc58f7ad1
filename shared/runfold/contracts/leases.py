"""What processes write into buckets about themselves, and others read: leases, and who is where."""

from __future__ import annotations

import msgspec

SCHEDULERS = "scheduler."
"""Begins the keys of schedulers' leases."""
EXECUTORS = "executor."
"""Begins the keys of executors' leases."""


class SchedulerLease(msgspec.Struct, frozen=True, omit_defaults=True):
    """A scheduler's lease as it is stored."""

    id: str
    host: str
    pid: int
    eligible: tuple[int, ...]
    """Partitions it was told it may own."""
    held: tuple[int, ...] = ()


class ExecutorLease(msgspec.Struct, frozen=True):
    """What an executor process says of itself every few seconds. No decision hangs on it."""

    id: str
    """As in its `node_run_started` events."""
    group: str
    version: str
    host: str
    pid: int
    slots: int
    """Attempts it works on at a time."""
    busy: int
    """Attempts it has in hand."""


class ConcurrencyBoard(msgspec.Struct, omit_defaults=True):
    """Runs of one concurrency key: who is in and who waits, the oldest first."""

    holding: list[str] = []
    waiting: list[str] = []
    entering: list[str] = []
    """Of those that are in, who may not have been told."""
