"""The NATS subjects that a workflow declares: whose messages begin its runs.

What is wrong with one is found in `checks.subjects`. Taking the messages is a scheduler's.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

NAMES = frozenset(("body", "headers", "subject", "sequence"))
"""What `inputs` of a subject can refer to."""
STREAM = re.compile(r"[^\s.*>/\\\x00-\x1f\x7f]{1,255}")
SUBJECT = re.compile(r"[^\s.\x00-\x1f\x7f]+(\.[^\s.\x00-\x1f\x7f]+)*")
LONGEST_SUBJECT = 255
MOST = 50
"""Subjects of one workflow."""


class SubjectTrigger(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One subject: each of its messages begins a run of the newest published version."""

    stream: str
    """The JetStream stream that stores the messages. It is the operator's: runfold makes none."""
    subject: str
    """Tokens between dots; `*` stands for any one, and `>`, at the end, for all that follow."""
    inputs: dict[str, Any] | None = None
    """The run's inputs, with `{{body.…}}`, `{{headers.…}}`, `{{subject}}` and `{{sequence}}`;
    null: the body's fields."""


def overlap(one: str, other: str) -> bool:
    """Whether there is a subject that both patterns match."""
    ours, theirs = one.split("."), other.split(".")
    for mine, yours in zip(ours, theirs, strict=False):
        if ">" in (mine, yours):
            return True
        if mine != yours and "*" not in (mine, yours):
            return False
    return len(ours) == len(theirs)


def matches(pattern: str, subject: str) -> bool:
    """Whether a message's subject is one that a pattern stands for."""
    return overlap(pattern, subject)
