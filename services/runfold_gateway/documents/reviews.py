"""Reviews as the API lists them, and what it says to an answer."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.contracts.events import Option
from runfold.engine.views.runs import WaitingNode, WaitingView
from runfold.graph.kinds.human_review import APPROVED, REJECTED
from runfold.ids import run_of_review


class Review(msgspec.Struct, frozen=True):
    """What waits for a person, or a state machine that takes events."""

    review_id: str
    run_id: str
    workflow_id: str
    node: str
    """Address of the waiting node."""
    type: str
    """The node's kind."""
    message: str
    content: Any
    """What there is to look at."""
    form: dict[str, Any]
    """The fields to fill in, by name."""
    schema: dict[str, Any]
    """The JSON Schema of `values`, when one is asked for."""
    actions: list[str]
    """What can be answered; for a state machine the events it takes."""
    options: list[Option]
    allow_text: bool
    """Whether words do for an answer."""
    missing: list[str]
    """What an answer before this left open."""
    assignee: str
    due: float | None
    """Unix seconds at which it is over."""
    state: str
    """The state that a state machine is in."""
    events: list[str]
    waiting_since: float | None
    """Unix seconds."""


class Reviews(msgspec.Struct, frozen=True):
    """A page of what waits, longest waiting first."""

    items: list[Review]
    next_cursor: str | None
    """The cursor of the next page; null on the last."""


class Answered(msgspec.Struct, frozen=True):
    """An answer was taken."""

    review_id: str
    status: str
    """What was answered, once the log says that it counted; `accepted` until then."""


def review(node: WaitingNode, waiting: WaitingView) -> Review:
    """A waiting node as a review."""
    return Review(
        review_id=waiting.token,
        run_id=run_of_review(waiting.token),
        workflow_id=node.workflow_id,
        node=node.address,
        type=node.type,
        message=waiting.message,
        content=waiting.content,
        form=waiting.form,
        schema=waiting.answer_schema,
        actions=_offered(waiting),
        options=waiting.options,
        allow_text=waiting.allow_text,
        missing=waiting.missing,
        assignee=waiting.assignee,
        due=waiting.due,
        state=waiting.state,
        events=list(waiting.events),
        waiting_since=node.started_at,
    )


def _offered(waiting: WaitingView) -> list[str]:
    if waiting.waiting_for == "state_machine":
        return list(waiting.events)
    return waiting.actions or [APPROVED, REJECTED]
