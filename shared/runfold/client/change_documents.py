"""The small changes that lists are kept fresh by, as clients read them."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from runfold.engine.state.runs import RunStatus

ChangeKind = Literal["run", "review", "workflow", "dead"]
KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)


class RunChange(msgspec.Struct, frozen=True, tag_field="event", tag="run"):
    """A run began, was admitted, held, let go on, began to compensate, or ended."""

    run_id: str
    workflow_id: str
    version: str
    """A number, or `draft`."""
    status: RunStatus
    started_at: float | None
    """Unix seconds; null where the log no longer has its beginning."""
    ended_at: float | None
    """Unix seconds; null for a run that has not ended."""


class ReviewChange(msgspec.Struct, frozen=True, tag_field="event", tag="review"):
    """A node waits for a person, or a state machine for an event; or it does so no more."""

    review_id: str
    run_id: str
    workflow_id: str
    node: str
    """Address of the node."""
    status: Literal["open", "closed"]


class WorkflowChange(msgspec.Struct, frozen=True, tag_field="event", tag="workflow"):
    """A workflow was changed."""

    workflow_id: str
    version: int | None
    """The newest published version; null for none."""
    change: Literal["draft", "published", "archived", "deleted", "changed"]
    """`changed`: its name, its labels, its schedules, or that it is in the archive no longer."""


class DeadChange(msgspec.Struct, frozen=True, tag_field="event", tag="dead"):
    """A message could not be handled, and was kept."""

    seq: int


class Reset(msgspec.Struct, frozen=True, tag_field="event", tag="reset"):
    """What came after the given id is not held here any more: read the lists anew."""

    reason: str


Change = RunChange | ReviewChange | WorkflowChange | DeadChange
AnyChange = RunChange | ReviewChange | WorkflowChange | DeadChange | Reset
"""The data of one event of the stream, or a line of it."""
