"""Events from outside that a node waits for: their subjects, and what one must be like. Pure.

A subject is tokens between dots, as in NATS; a pattern may have `*` for one token and `>` for all
that follow. The condition is bound when the wait begins: what it reads of the run is recorded as
values beside it, so that no text of a run is ever taken for a template, and what it reads of the
event is looked up when one comes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from runfold.errors import InvalidRequest, NodeFailed
from runfold.values.conditions import evaluate
from runfold.values.references import Lookup, Ref, exact_ref, lookup_in, references_in
from runfold.values.templates import render

EVENT = "event"
"""What an operand calls the payload of the event."""
_BOUND = "bound"
LONGEST = 200
"""Characters of a subject."""
_SIGNS = frozenset("_-:@+=~")
"""What a token may have beside letters, marks and digits of any script."""
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_OPERANDS = ("left", "field", "right", "value")
_SHOWN = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def subject_problem(subject: str, *, is_pattern: bool) -> str:
    """Why a text is not a subject of an event; empty when it is one."""
    if not subject or len(subject) > LONGEST:
        return f"a subject has 1 to {LONGEST} characters"
    tokens = subject.split(".")
    if is_pattern and tokens[-1] == ">" and len(tokens) > 1:
        tokens.pop()
    for part in tokens:
        if not (_is_token(part) or (is_pattern and part == "*")):
            wild = "; '*' stands for one token, and '>' at the end for all that follow"
            return (
                f"{part[:_SHOWN]!r} is not a token of a subject: letters and digits of any script "
                f"and {' '.join(sorted(_SIGNS))}{wild if is_pattern else ''}"
            )
    return ""


def _is_token(part: str) -> bool:
    """Whether a part of a subject shows what it is: no control, direction or path signs."""
    return part != "" and all(
        one in _SIGNS or unicodedata.category(one)[0] in "LMN" for one in part
    )


def checked_subject(subject: str) -> str:
    """The subject of an event that is sent.

    Raises:
        InvalidRequest: `signal.subject`.
    """
    problem = subject_problem(subject, is_pattern=False)
    if problem:
        message = f"subject {subject[:_SHOWN]!r}: {problem}"
        raise InvalidRequest(message, code="signal.subject")
    return subject


def checked_event_id(event_id: str) -> str:
    """The id that a client gives an event: it becomes a part of ids on the bus.

    Raises:
        InvalidRequest: `signal.id`.
    """
    if len(event_id) > LONGEST or _CONTROL.search(event_id):
        message = (
            f"id {event_id[:_SHOWN]!r} of an event: at most {LONGEST} characters, and no control "
            "characters"
        )
        raise InvalidRequest(message, code="signal.id")
    return event_id


def rendered_pattern(written: str, lookup: Lookup) -> str:
    """The pattern a node waits for; what is put into it can add no token and no wildcard.

    Raises:
        NodeFailed: `wait.subject`.
    """
    rendered = str(render(written, lookup))
    plain = _TEMPLATE.sub("x", written).split(".")
    tokens = rendered.split(".")
    shape = [token if token in ("*", ">") else "" for token in plain]
    if [token if token in ("*", ">") else "" for token in tokens] != shape:
        problem = "what is put into a subject can have no dot and no wildcard"
    else:
        problem = subject_problem(rendered, is_pattern=True)
    if problem:
        message = f"event {written!r} became {rendered[:_SHOWN]!r}: {problem}"
        raise NodeFailed(message, code="wait.subject", kind="input")
    return rendered


def covers(pattern: str, subject: str) -> bool:
    """Whether a subject is one of a pattern's."""
    wanted, tokens = pattern.split("."), subject.split(".")
    if wanted[-1] == ">":
        wanted = wanted[:-1]
        if len(tokens) <= len(wanted):
            return False
        tokens = tokens[: len(wanted)]
    return len(wanted) == len(tokens) and all(
        one in ("*", token) for one, token in zip(wanted, tokens, strict=True)
    )


def bound(condition: Any, lookup: Lookup) -> dict[str, Any]:
    """A condition with what it reads of the run beside it, as values.

    Raises:
        ReferenceMissing: What it reads of the run is not there.
    """
    values: list[Any] = []
    return {"condition": _bound(condition, lookup, values), _BOUND: values}


def holds(match: dict[str, Any], payload: Any) -> bool:
    """Whether an event is as a bound condition says; without one every event is."""
    if not match:
        return True
    roots = {EVENT: payload, _BOUND: match.get(_BOUND, [])}
    return evaluate(match.get("condition"), lookup_in(roots))


def operands_of_run(condition: Any) -> list[Any]:
    """The operands of a condition that read something else than the event."""
    return [operand for operand in _operands(condition) if not _is_of_event(operand)]


def mixed_operands(condition: Any) -> Iterator[str]:
    """Operands that are neither one reference to the event nor free of it."""
    for operand in operands_of_run(condition):
        if any(ref.root == EVENT for ref in references_in(operand)):
            yield str(operand)


def _bound(condition: Any, lookup: Lookup, values: list[Any]) -> Any:
    if isinstance(condition, list):
        return [_bound(member, lookup, values) for member in condition]
    if not isinstance(condition, dict):
        return condition
    made = {}
    for name, inner in condition.items():
        if name not in _OPERANDS:
            made[name] = _bound(inner, lookup, values)
        elif (ref := _event_ref(inner)) is not None:
            made[name] = {"ref": ref.text}
        else:
            made[name] = {"ref": f"{_BOUND}[{len(values)}]"}
            values.append(render(inner, lookup))
    return made


def _operands(condition: Any) -> Iterator[Any]:
    if isinstance(condition, list):
        for member in condition:
            yield from _operands(member)
    elif isinstance(condition, dict):
        for name, inner in condition.items():
            if name in _OPERANDS:
                yield inner
            else:
                yield from _operands(inner)


def _event_ref(operand: Any) -> Ref | None:
    ref = exact_ref(operand)
    return ref if ref is not None and ref.root == EVENT else None


def _is_of_event(operand: Any) -> bool:
    return _event_ref(operand) is not None
