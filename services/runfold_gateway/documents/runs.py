"""Answers about runs that only the HTTP API has; a run itself is in `engine/views/documents.py`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec


class RunAsked(msgspec.Struct, frozen=True):
    """Something was asked of a run; the log says when it is done."""

    run_id: str
    status: Literal["cancelling", "pausing", "resuming"]


class RunBegun(msgspec.Struct, frozen=True):
    """A new run was asked for that goes on from another."""

    run_id: str
    origin: Annotated[str, msgspec.Meta(description="The run it goes on from")]
    status: Literal["queued"]
