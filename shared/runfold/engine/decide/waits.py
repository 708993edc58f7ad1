"""How a wait begins: what a node that asks a person, or waits for a time or an event, records."""

from __future__ import annotations

from typing import Any

from runfold.contracts import events as e
from runfold.engine.decide.effects import Append, Effect, Listen
from runfold.engine.decide.node_context import NodeContext
from runfold.errors import NodeFailed
from runfold.graph.external import bound, rendered_pattern
from runfold.graph.forms import form_schema
from runfold.graph.kinds.asking import ANSWERED
from runfold.graph.kinds.human_review import APPROVED, REJECTED
from runfold.graph.kinds.question import read_options
from runfold.ids import review_token
from runfold.values.durations import due_at, parse_duration, parse_instant
from runfold.values.json_schema import schema_problem


def token_of(ctx: NodeContext) -> str:
    """The token by which this attempt is answered."""
    return review_token(ctx.state.run_id, ctx.address, ctx.node.attempt)


def human_review(ctx: NodeContext) -> Append:
    """Ask a person to approve or reject.

    Raises:
        NodeFailed: A setting does not fit once it is rendered.
    """
    form = ctx.object("form", ctx.config.get("form") or {})
    return _asks(
        ctx,
        "message",
        content=ctx.render(ctx.config.get("review_content")),
        form=form,
        answer_schema=_checked_schema(ctx, "form", form),
        actions=[APPROVED, REJECTED],
    )


def input_(ctx: NodeContext) -> Append:
    """Ask for values.

    Raises:
        NodeFailed: A setting does not fit once it is rendered.
    """
    schema = ctx.object("schema", ctx.config.get("schema") or {})
    checked = _checked_schema(ctx, "schema", schema)
    return _asks(ctx, "message", answer_schema=checked, actions=[ANSWERED])


def question(ctx: NodeContext) -> Append:
    """Ask a person to choose an option, or to answer in words.

    Raises:
        NodeFailed: `question.no_options`, or a setting does not fit once it is rendered.
    """
    config = ctx.config
    options = read_options(ctx.render(config.get("options", [])))
    allow_text = bool(config.get("allow_text", False)) or not config.get("options")
    if not options and not allow_text:
        message = (
            f"node {ctx.planned.id!r}: there are no options to choose from, and allow_text is off"
        )
        raise NodeFailed(message, code="question.no_options", kind="input")
    return _asks(
        ctx,
        "question",
        actions=[option.id for option in options] + ([ANSWERED] if allow_text else []),
        options=options,
        allow_text=allow_text,
        extracts=config.get("extract") is not None,
    )


def wait(ctx: NodeContext) -> Effect:
    """Wait for a time, or for an event from outside."""
    config = ctx.config
    if "event" in config:
        match = config.get("match")
        return Listen(
            ctx.event(
                e.NodeRunWaiting,
                waiting_for="event",
                token=token_of(ctx),
                due=due_of(ctx),
                subject=rendered_pattern(config["event"], ctx.lookup),
                match={} if match is None else bound(match, ctx.lookup),
            )
        )
    if "until" in config:
        due = parse_instant(ctx.render(config["until"]))
    else:
        due = ctx.state.now + parse_duration(ctx.render(config.get("duration", 0)))
    return Append(ctx.event(e.NodeRunWaiting, waiting_for="timer", due=due))


def due_of(ctx: NodeContext) -> float | None:
    """When the wait is over, by `deadline` or `timeout`; None: never."""
    config = ctx.config
    if config.get("deadline") is not None:
        return due_at(ctx.render(config["deadline"]), ctx.state.now)
    timeout = config.get("timeout", ctx.planned.timeout)
    return None if timeout is None else ctx.state.now + parse_duration(ctx.render(timeout))


def _asks(ctx: NodeContext, words: str, **fields: Any) -> Append:
    """Begin to wait for a person; `words` names the setting that says what is asked."""
    return Append(
        ctx.event(
            e.NodeRunWaiting,
            waiting_for="human",
            token=token_of(ctx),
            due=due_of(ctx),
            message=ctx.text(words),
            assignee=ctx.text("assignee"),
            **fields,
        )
    )


def _checked_schema(ctx: NodeContext, field: str, form: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a form.

    Raises:
        NodeFailed: `form.invalid`, when it is not a form or schema once it is rendered.
    """
    schema = form_schema(form)
    problem = schema_problem(schema) if schema else ""
    if problem:
        message = f"node {ctx.planned.id!r}: {field} is neither a form nor a JSON Schema: {problem}"
        raise NodeFailed(message, code="form.invalid", kind="input")
    return schema
