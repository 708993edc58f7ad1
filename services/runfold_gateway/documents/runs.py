"""Answers about runs that only the HTTP API has; a run itself is in `engine/views/documents.py`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from runfold.contracts.queries import FailureGroup, FamilyRun
from runfold_gateway.documents.problems import Problem


class RunAsked(msgspec.Struct, frozen=True):
    """Something was asked of a run; the log says when it is done."""

    run_id: str
    status: Literal["cancelling", "pausing", "resuming"]


class RunBegun(msgspec.Struct, frozen=True):
    """A new run was asked for that goes on from another."""

    run_id: str
    origin: Annotated[str, msgspec.Meta(description="The run it goes on from")]
    status: Literal["queued"]


class CancelRuns(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Which runs are to be ended."""

    run_ids: list[str]
    reason: str = ""
    """Why, for people to read."""


class RetryRuns(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Which ended runs are to be run again, each from the node that failed it."""

    run_ids: list[str]
    version: str = ""
    """Empty: the definition each pinned. Else `newest`, a number, or `draft`."""


class RunDone(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one run."""

    run_id: str
    status: Literal["cancelling", "queued", "failed"]
    """`queued`: the new run is; `failed`: nothing was done."""
    new_run_id: str = ""
    problem: Problem | None = None
    """Why nothing was done."""


class RunsDone(msgspec.Struct, frozen=True):
    """What became of each run, in the order asked."""

    items: list[RunDone]


class FamilyPage(msgspec.Struct, frozen=True):
    """A run's family, the oldest first."""

    items: list[FamilyRun]
    next_cursor: str | None
    """The cursor of the next page; null on the last."""


class FailurePage(msgspec.Struct, frozen=True):
    """Groups of failed runs, the largest first."""

    items: list[FailureGroup]
    next_cursor: str | None
    """The cursor of the next page; null on the last."""
