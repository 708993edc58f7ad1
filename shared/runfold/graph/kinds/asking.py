"""What all kinds that ask a person have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from runfold.graph.kinds.hints import Form, Forms
from runfold.graph.kinds.registry import Problem
from runfold.values.durations import due_at, parse_duration, unreadable

ANSWERED = "answered"
"""The action of an answer that is neither an approval nor a choice."""
TIMEOUT = "timeout"
"""The port at which a node goes on that was not answered in time."""


class AskingConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration that every kind has that asks a person."""

    assignee: str = ""
    """Who is asked: passed on to the client that shows the question."""
    timeout: Any = None
    """How long to wait (`"2h"`, or seconds) before going on at `timeout`; absent: for ever."""
    deadline: Any = None
    """Until when to wait, instead: an instant (ISO 8601, Unix seconds), or text of a duration."""
    FORM: ClassVar[Forms] = {
        "assignee": Form("text", ("legal",), group="people"),
        "timeout": Form("duration", ("2h", 90), group="limits"),
        "deadline": Form("instant", ("2030-01-31T12:00:00Z",), group="limits"),
    }


def asking_rules(config: dict[str, Any]) -> Iterator[Problem]:
    """What is wrong with how long a person is waited for."""
    yield from (Problem(*one) for one in unreadable(config, parse_duration, "timeout"))
    yield from (Problem(*one) for one in unreadable(config, _readable_deadline, "deadline"))
    if config.get("timeout") is not None and config.get("deadline") is not None:
        yield Problem("deadline", "give 'timeout' or 'deadline', not both")


def _readable_deadline(value: Any) -> float:
    return due_at(value, 0.0)
