"""`human_review`: waits for a person, who approves or rejects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from runfold.graph.durations import parse_duration, unreadable
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register

APPROVED = "approved"
REJECTED = "rejected"
TIMEOUT = "timeout"


class HumanReviewConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `human_review` node."""

    message: str
    """What the person is asked."""
    review_content: Any = None
    """What is to be reviewed: a reference or a template."""
    form: dict[str, Any] = {}
    """Fields the person may fill in, as a JSON Schema's `properties`; come back as `values`."""
    assignee: str = ""
    """Who is asked: passed on to whoever shows the review."""
    timeout: Any = None
    """How long to wait (`"2h"`, or seconds) before going on at `timeout`; None: for ever."""


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from (Problem(*one) for one in unreadable(config, parse_duration, "timeout"))


KIND = register(
    Kind(
        type="human_review",
        group=INLINE,
        config=HumanReviewConfig,
        summary="Wait for a person to approve or reject",
        aliases=("human",),
        ports=lambda _config: (APPROVED, REJECTED, TIMEOUT),
        outputs=("action", "feedback", "values"),
        rules=_rules,
    )
)
