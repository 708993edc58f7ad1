"""How a waiting node ends: answered, signalled or timed out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from runfold.contracts import events as e
from runfold.engine.accept.replies import Reply, checked_reply, shown_reply
from runfold.engine.decide.effects import Append, Effect
from runfold.engine.decide.extraction import extraction
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.decide.waits import due_of, token_of
from runfold.engine.evolve.extraction import extracts
from runfold.engine.state.nodes import NodeState
from runfold.errors import FailureKind, InvalidRequest, NodeFailed, RunfoldError
from runfold.graph.definition import OUT
from runfold.graph.kinds.asking import ANSWERED, TIMEOUT
from runfold.graph.kinds.human_review import APPROVED
from runfold.graph.kinds.question import DEFAULT, INCOMPLETE, SELECTED

Ending = tuple[dict[str, Any], str]
"""Outputs and port."""


def decide_answered(ctx: NodeContext) -> Effect:
    """End a node whose wait is over, or have a model read the answer."""
    waiting, answer = ctx.node.waiting, ctx.node.answer
    if waiting is None or waiting.waiting_for == "timer":
        return ctx.succeeded({"output": None, "due": waiting.due if waiting else None})
    try:
        if answer is None:
            return ctx.succeeded(*_TIMED_OUT[ctx.planned.type](ctx, waiting))
        if waiting.waiting_for == "event":
            return ctx.succeeded(_signalled(waiting, answer))
        reply = checked_reply(waiting, answer.action, answer.values, answer.feedback)
        if extracts(ctx.node) and reply.action == ANSWERED:
            return extraction(ctx)
        return ctx.succeeded(*_ANSWERED[ctx.planned.type](ctx, waiting, reply))
    except InvalidRequest as error:
        # Requests with such an answer are refused: it came into the log in some other way.
        shown = "" if answer is None else shown_reply(answer)
        message = f"{error.message}; the answer was {shown}"
        details = {"node": ctx.planned.id, "scope": ctx.scope, "value": shown, **error.details}
        failed = NodeFailed(message, code="answer.invalid", kind="human", details=details)
        return ctx.failed(failed.failure())
    except NodeFailed as error:
        return ctx.failed(error.failure())


def decide_extracted(ctx: NodeContext) -> Effect:
    """End a question whose answer was read, or ask again for what is missing."""
    node, planned = ctx.node, ctx.planned
    waiting, answer = node.waiting, node.answer
    missing = list(node.outputs.get("missing", ()))
    fields = dict(node.outputs.get("fields", {}))
    text = answer.feedback if answer else ""
    outputs = {"answer": text, "option_id": "", "output": text, "fields": fields}
    outputs |= {"missing": missing, **fields}
    if not missing:
        return ctx.succeeded(outputs, DEFAULT if DEFAULT in planned.ports else OUT)
    asked = waiting.follow_ups if waiting else 0
    if waiting is not None and asked < ctx.config["extract"].get("max_follow_ups", 3):
        try:
            return _follow_up(ctx, waiting, missing)
        except RunfoldError as error:
            failed = NodeFailed(error.message, code=error.code, kind=error.kind)
            return ctx.failed(failed.failure())
    if INCOMPLETE in planned.targets:
        return ctx.succeeded(outputs, INCOMPLETE)
    message = (
        f"node {ctx.address!r} has asked {asked + 1} times and still lacks {', '.join(missing)}; "
        f"add an edge with port {INCOMPLETE!r} to go on from here"
    )
    details = {"node": planned.id, "scope": ctx.scope, "missing": missing, "fields": fields}
    failed = NodeFailed(message, code="question.incomplete", kind="human", details=details)
    return ctx.failed(failed.failure())


def _follow_up(ctx: NodeContext, before: e.NodeRunWaiting, missing: list[str]) -> Append:
    """Ask for what is still missing, in words only, as a new attempt."""
    described = ctx.render(ctx.config["extract"]["fields"])
    listed = ", ".join(_described(name, described.get(name)) for name in missing)
    again = replace(ctx, node=NodeState(status="waiting", attempt=ctx.node.attempt + 1))
    return Append(
        again.event(
            e.NodeRunWaiting,
            waiting_for="human",
            token=token_of(again),
            due=due_of(again),
            message=f"{before.message.split(_STILL)[0]}{_STILL}{listed}",
            assignee=before.assignee,
            actions=[ANSWERED],
            allow_text=True,
            extracts=True,
            follow_ups=before.follow_ups + 1,
            missing=missing,
        )
    )


_STILL = "\nStill needed: "


def _described(name: str, field: object) -> str:
    description = field.get("description", "") if isinstance(field, dict) else ""
    return f"{name} ({description})" if description else name


def _signalled(waiting: e.NodeRunWaiting, answer: e.InputReceived) -> dict[str, Any]:
    """Outputs of a wait whose event arrived."""
    event, subject = answer.values.get("event"), answer.values.get("subject", "")
    return {"event": event, "subject": subject, "due": waiting.due, "output": event}


def _values_given(_ctx: NodeContext, _waiting: e.NodeRunWaiting, reply: Reply) -> Ending:
    return {"output": reply.values, "values": reply.values, **reply.values}, OUT


def _chosen(ctx: NodeContext, waiting: e.NodeRunWaiting, reply: Reply) -> Ending:
    ports = ctx.planned.ports
    for option in waiting.options:
        if option.id == reply.action:
            outputs = {"answer": option.text, "option_id": option.id, "output": option.text}
            return outputs, SELECTED if SELECTED in ports else option.id
    text = reply.feedback
    outputs = {"answer": text, "option_id": "", "output": text}
    return outputs, DEFAULT if DEFAULT in ports else OUT


def _reviewed(ctx: NodeContext, _waiting: e.NodeRunWaiting, reply: Reply) -> Ending:
    action, feedback, values = reply.action, reply.feedback, reply.values
    if action != APPROVED:
        suffix = f": {feedback}" if feedback else ""
        what = {"rejected": "was rejected", TIMEOUT: "was not answered in time"}
        _expect_edge(ctx, action, f"{what.get(action, f'was answered {action!r}')}{suffix}")
    outputs: dict[str, Any] = {
        "status": action,
        "action": action,
        "feedback": feedback,
        "values": values,
        "output": values or feedback or action,
    }
    return outputs, action


def _review_timed_out(ctx: NodeContext, waiting: e.NodeRunWaiting) -> Ending:
    return _reviewed(ctx, waiting, Reply(TIMEOUT, {}, ""))


def _input_timed_out(ctx: NodeContext, waiting: e.NodeRunWaiting) -> Ending:
    _expect_edge(ctx, TIMEOUT, "was not answered in time")
    return {"output": None, "due": waiting.due}, TIMEOUT


def _question_timed_out(ctx: NodeContext, waiting: e.NodeRunWaiting) -> Ending:
    outputs, port = _input_timed_out(ctx, waiting)
    return {"answer": "", "option_id": "", **outputs}, port


def _event_timed_out(ctx: NodeContext, waiting: e.NodeRunWaiting) -> Ending:
    what = "waited for an event that did not arrive in time"
    _expect_edge(ctx, TIMEOUT, what, code="wait.timeout", kind="timeout")
    return {"output": None, "due": waiting.due}, TIMEOUT


_ANSWERED: dict[str, Callable[[NodeContext, e.NodeRunWaiting, Reply], Ending]] = {
    "human_review": _reviewed,
    "input": _values_given,
    "question": _chosen,
}
"""Kind → how its node ends when a person has answered."""

_TIMED_OUT: dict[str, Callable[[NodeContext, e.NodeRunWaiting], Ending]] = {
    "human_review": _review_timed_out,
    "input": _input_timed_out,
    "question": _question_timed_out,
    "wait": _event_timed_out,
}
"""Kind → how its node ends when the time is up."""


def _expect_edge(
    ctx: NodeContext, port: str, what: str, *, code: str = "", kind: FailureKind = "human"
) -> None:
    """Refuse an ending whose port has no edge.

    Raises:
        NodeFailed: `human.rejected`, `human.timeout`, `wait.timeout`.
    """
    if port in ctx.planned.targets:
        return
    message = f"node {ctx.planned.id!r} {what}; add an edge with port {port!r} to go on from here"
    details = {"node": ctx.planned.id}
    raise NodeFailed(message, code=code or f"human.{port}", kind=kind, details=details)
