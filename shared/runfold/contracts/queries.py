"""What a projection is asked on `runfold.query.<verb>`, and what it answers."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

GET_RUN = "get_run"
LIST_RUNS = "list_runs"
GET_WAITING = "get_waiting"

MAX_LIMIT = 200

T = TypeVar("T")


class GetRun(msgspec.Struct, frozen=True, omit_defaults=True):
    """One run, with its nodes."""

    run_id: str


class ListRuns(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of runs, newest first, without their nodes."""

    workflow_id: str = ""
    status: str = ""
    cursor: str = ""
    limit: int = 50


class GetWaiting(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of nodes that wait for a person, the one with a token or all; oldest first."""

    token: str = ""
    limit: int = 50
    cursor: str = ""


class Answer(msgspec.Struct, Generic[T], frozen=True, omit_defaults=True):
    """A projection's answer."""

    item: T | None = None
    """For get_run: the run, or null when it is not known."""
    items: list[T] = []
    next_cursor: str = ""
    too_large: bool = False
    """What was asked for does not fit one message: fold the log instead.

    A list has its one item then without what is long in it.
    """
