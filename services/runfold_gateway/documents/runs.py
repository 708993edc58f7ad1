"""Answers about runs that only the HTTP API has; a run itself is in `engine/views/documents.py`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from runfold.engine.views.documents import RunSummary


class RunPage(msgspec.Struct, frozen=True):
    """A page of runs, newest first."""

    items: tuple[RunSummary, ...]
    next_cursor: Annotated[
        str | None,
        msgspec.Meta(description="Where the next page begins, for any filters; null at the end"),
    ]
    counts: Annotated[
        dict[str, int] | None,
        msgspec.Meta(
            description="With `counts=true`: how many runs of each status fit all other filters"
        ),
    ] = None


class RunAsked(msgspec.Struct, frozen=True):
    """Something was asked of a run; the log says when it is done."""

    run_id: str
    status: Literal["cancelling", "pausing", "resuming"]


class RunBegun(msgspec.Struct, frozen=True):
    """A new run was asked for that goes on from another."""

    run_id: str
    origin: Annotated[str, msgspec.Meta(description="The run it goes on from")]
    status: Literal["queued"] = "queued"
