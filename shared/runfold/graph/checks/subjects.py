"""Checks the subjects that begin a workflow: streams, patterns and inputs."""

from __future__ import annotations

from runfold.contracts.subjects import is_own_stream, is_own_subject
from runfold.graph.checks.trigger_inputs import check_trigger_inputs
from runfold.graph.definition import Workflow
from runfold.graph.findings import Findings
from runfold.graph.subjects import (
    LONGEST_SUBJECT,
    MOST,
    NAMES,
    STREAM,
    SUBJECT,
    SubjectTrigger,
    overlap,
)


def check_subjects(workflow: Workflow, found: Findings) -> None:
    """Find what is wrong with the subjects of a workflow."""
    declared = workflow.settings.subjects
    if len(declared) > MOST:
        message = f"a workflow has at most {MOST} subjects, this one {len(declared)}"
        found.error("subject.too_many", "settings.subjects", message)
        return
    for place, one in enumerate(declared):
        where = f"settings.subjects[{place}]"
        _check_stream(one, where, found)
        _check_subject(one, where, found)
        check_trigger_inputs(one.inputs, NAMES, "subject", where, found)
        for other in declared[:place]:
            if other.stream == one.stream and overlap(other.subject, one.subject):
                message = (
                    f"{one.subject!r} and {other.subject!r} have messages in common: one message "
                    "begins one run"
                )
                found.error("subject.overlap", f"{where}.subject", message)


def _check_stream(one: SubjectTrigger, where: str, found: Findings) -> None:
    if not STREAM.fullmatch(one.stream):
        message = f"{one.stream[:80]!r} is not the name of a stream: no spaces, dots, *, > and /"
        found.error("subject.stream", f"{where}.stream", message, "write stream: ORDERS")
    elif is_own_stream(one.stream):
        message = f"{one.stream} is a stream of runfold itself: name one of your own"
        found.error("subject.own", f"{where}.stream", message)


def _check_subject(one: SubjectTrigger, where: str, found: Findings) -> None:
    parts = one.subject.split(".")
    wild = any(
        ("*" in part and part != "*") or (">" in part and (part != ">" or place != len(parts) - 1))
        for place, part in enumerate(parts)
    )
    if len(one.subject) > LONGEST_SUBJECT or not SUBJECT.fullmatch(one.subject) or wild:
        message = (
            f"{one.subject[:80]!r} is not a subject: tokens between dots; * alone for any one, > "
            "at the end for all that follow"
        )
        hint = "write subject: orders.created"
        found.error("subject.invalid", f"{where}.subject", message, hint)
    elif is_own_subject(one.subject):
        message = f"{one.subject!r} is a subject of runfold or of NATS itself"
        hint = "events of runs are for those who subscribe: docs/guides/subscribe.md"
        found.error("subject.own", f"{where}.subject", message, hint)
