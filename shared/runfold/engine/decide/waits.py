"""How a wait begins: what a node that asks a person, or waits for a time, writes down for it."""

from __future__ import annotations

from runfold.engine.decide.node_context import Fields, Ready, rendered_object, rendered_text
from runfold.errors import NodeFailed
from runfold.graph.external import bound, rendered_pattern
from runfold.graph.forms import form_schema
from runfold.graph.kinds.asking import ANSWERED
from runfold.graph.kinds.human_review import APPROVED, REJECTED
from runfold.graph.kinds.question import read_options
from runfold.ids import address_of, review_token
from runfold.values.durations import due_at, parse_duration, parse_instant
from runfold.values.json_schema import schema_problem
from runfold.values.templates import render


def token_of(here: Ready) -> str:
    """The token by which this attempt is answered."""
    address = address_of(here.scope, here.planned.id)
    return review_token(here.state.run_id, address, here.node.attempt)


def human_review(here: Ready) -> Fields:
    """A person is asked to approve."""
    form = rendered_object(here, "form", here.planned.config.get("form") or {})
    return {
        **_asked(here, "message"),
        "content": render(here.planned.config.get("review_content"), here.lookup),
        "form": form,
        "answer_schema": _checked_schema(here, "form", form),
        "actions": [APPROVED, REJECTED],
    }


def input_(here: Ready) -> Fields:
    """Values are asked for."""
    schema = rendered_object(here, "schema", here.planned.config.get("schema") or {})
    return {
        **_asked(here, "message"),
        "answer_schema": _checked_schema(here, "schema", schema),
        "actions": [ANSWERED],
    }


def question(here: Ready) -> Fields:
    """A person is asked to choose, or to answer in words."""
    config = here.planned.config
    options = read_options(render(config.get("options", []), here.lookup))
    allow_text = bool(config.get("allow_text", False)) or not config.get("options")
    if not options and not allow_text:
        message = (
            f"node {here.planned.id!r}: there is no option to choose from, and allow_text is off"
        )
        raise NodeFailed(message, code="question.no_options", kind="input")
    return {
        **_asked(here, "question"),
        "actions": [option.id for option in options] + ([ANSWERED] if allow_text else []),
        "options": options,
        "allow_text": allow_text,
        "extracts": config.get("extract") is not None,
    }


def wait(here: Ready) -> Fields:
    """A time is waited for, or an event from outside."""
    config = here.planned.config
    if "event" in config:
        match = config.get("match")
        return {
            "waiting_for": "event",
            "token": token_of(here),
            "due": due_of(here),
            "subject": rendered_pattern(config["event"], here.lookup),
            "match": {} if match is None else bound(match, here.lookup),
        }
    if "until" in config:
        due = parse_instant(render(config["until"], here.lookup))
    else:
        due = here.state.now + parse_duration(render(config.get("duration", 0), here.lookup))
    return {"waiting_for": "timer", "due": due}


def due_of(here: Ready) -> float | None:
    """When waiting is over, by `deadline` or `timeout`; None: never."""
    config = here.planned.config
    if config.get("deadline") is not None:
        return due_at(render(config["deadline"], here.lookup), here.state.now)
    timeout = config.get("timeout", here.planned.timeout)
    seconds = None if timeout is None else parse_duration(render(timeout, here.lookup))
    return None if seconds is None else here.state.now + seconds


def _asked(here: Ready, words: str) -> Fields:
    return {
        "waiting_for": "human",
        "token": token_of(here),
        "due": due_of(here),
        "message": rendered_text(here, words),
        "assignee": rendered_text(here, "assignee"),
    }


def _checked_schema(here: Ready, field: str, form: Fields) -> Fields:
    """The JSON Schema of a form.

    Raises:
        NodeFailed: `form.invalid`, for what came to be none when it was rendered.
    """
    schema = form_schema(form)
    problem = schema_problem(schema) if schema else ""
    if problem:
        message = f"node {here.planned.id!r}: {field} is no form and no JSON Schema: {problem}"
        raise NodeFailed(message, code="form.invalid", kind="input")
    return schema
