"""`wait`: goes on after a time, at one, or when an event comes from outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from runfold.graph.definition import OUT
from runfold.graph.external import mixed_operands, subject_problem
from runfold.graph.kinds.asking import TIMEOUT
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register
from runfold.values.conditions import condition_findings
from runfold.values.durations import parse_duration, parse_instant, unreadable
from runfold.values.references import is_computed


class WaitConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `wait` node: one of `duration`, `until` and `event`."""

    duration: Any = msgspec.UNSET
    """`"90s"`, `"1h30m"`, or seconds."""
    until: Any = msgspec.UNSET
    """ISO 8601 text, or Unix seconds."""
    event: str | msgspec.UnsetType = msgspec.UNSET
    """Subject of the event to wait for: `orders.paid`; `*` is any token, `>` all that follow."""
    match: Any = msgspec.UNSET
    """With `event`: a structured condition on it, as `{{event.…}}`; the rest of it is read when
    the wait begins."""
    timeout: Any = None
    """With `event`: how long to wait (`"2h"`, or seconds) before going on at `timeout`."""
    FORM: ClassVar[Forms] = {
        "duration": Form("duration", ("90s", "1h30m", 5)),
        "until": Form("instant", ("2030-01-31T12:00:00Z",)),
        "event": Form("text", ("orders.paid", "orders.*")),
        "match": Form(
            "condition",
            ({"left": "{{event.order}}", "operator": "==", "right": "{{order}}"},),
            group="event",
        ),
        "timeout": Form("duration", ("2h",), group="event"),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    given = [name for name in ("duration", "until", "event") if name in config]
    if not given:
        yield Problem("duration", "wait needs 'duration', 'until' or 'event'", "config.missing")
    elif len(given) > 1:
        listed = " and ".join(repr(name) for name in given)
        yield Problem(given[-1], f"wait takes one of 'duration', 'until' and 'event', not {listed}")
    yield from (Problem(*one) for one in unreadable(config, parse_duration, "duration", "timeout"))
    yield from (Problem(*one) for one in unreadable(config, parse_instant, "until"))
    if "event" in config:
        yield from _event_rules(config)
    else:
        for name in ("match", "timeout"):
            if config.get(name) is not None:
                yield Problem(name, f"{name!r} goes with 'event'")


def _event_rules(config: dict[str, Any]) -> Iterator[Problem]:
    event, match = config["event"], config.get("match")
    if isinstance(event, str) and not is_computed(event):
        problem = subject_problem(event, is_pattern=True)
        if problem:
            yield Problem("event", problem)
    if match is None:
        return
    if isinstance(match, str):
        yield Problem("match", "a structured condition is needed here", "condition.invalid")
        return
    for finding in condition_findings(match):
        yield Problem("match", finding, "condition.invalid")
    for operand in mixed_operands(match):
        message = f"{operand!r} must be one reference to the event, or have none in it"
        yield Problem("match", message, "condition.invalid")


KIND = register(
    Kind(
        type="wait",
        group=INLINE,
        config=WaitConfig,
        summary="Wait for a time, or for an event from outside",
        ports=lambda config: (OUT, TIMEOUT) if "event" in config else (OUT,),
        outputs=("due", "event", "subject"),
        rules=_rules,
        hints=Hints(
            category="flow",
            ports_from=("event",),
            ports_rule="`out`; with `event` also `timeout`.",
            output_types={"output": "any", "due": "number", "event": "any", "subject": "string"},
        ),
    )
)
