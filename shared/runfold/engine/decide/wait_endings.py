"""What an answer, the event that came, or the time that came makes of the node that waited."""

from __future__ import annotations

from runfold.contracts import events as e
from runfold.engine.accept.replies import Reply, checked_reply, shown_answer
from runfold.engine.decide.effects import Append, Effect
from runfold.engine.decide.event_writer import Writer
from runfold.engine.decide.extraction import extraction
from runfold.engine.decide.node_context import Fields, Ready
from runfold.engine.decide.waits import due_of, token_of
from runfold.engine.evolve.extraction import extracts
from runfold.engine.state.run import NodeState, RunState
from runfold.engine.state.scopes import lookup_in_scope
from runfold.errors import InvalidRequest, NodeFailed, RunfoldError
from runfold.graph.definition import OUT
from runfold.graph.kinds.asking import ANSWERED, TIMEOUT
from runfold.graph.kinds.human_review import APPROVED
from runfold.graph.kinds.question import DEFAULT, INCOMPLETE, SELECTED
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import address_of
from runfold.values.templates import render


def decide_answered(
    plan: Plan, state: RunState, writer: Writer, scope: str, planned: PlanNode, node: NodeState
) -> Effect:
    """What follows an answer: the node's end, or the task that reads what was said."""
    if node.status == "extracted":
        return _decide_extracted(plan, state, writer, scope, planned, node)
    waiting, answer = node.waiting, node.answer
    if waiting is None or waiting.waiting_for == "timer":
        outputs: Fields = {"output": None, "due": waiting.due if waiting else None}
        return Append(
            writer.node(e.NodeRunSucceeded, scope, planned.id, node.attempt, outputs=outputs)
        )
    try:
        if answer is None:
            outputs, port = _timed_out(planned, waiting)
        elif waiting.waiting_for == "event":
            came = answer.values.get("event")
            subject = answer.values.get("subject", "")
            outputs = {"event": came, "subject": subject, "due": waiting.due, "output": came}
            port = OUT
        else:
            reply = checked_reply(waiting, answer.action, answer.values, answer.feedback)
            if extracts(node) and reply.action == ANSWERED:
                return extraction(plan, state, scope, planned, node)
            outputs, port = _concluded(planned, waiting, reply)
    except InvalidRequest as error:
        # The requests refuse it: whoever wrote it into the log did not ask.
        said = "" if answer is None else shown_answer(answer.action, answer.values, answer.feedback)
        message = f"{error.message}; answered was {said}"
        details = {"node": planned.id, "scope": scope, "value": said, **error.details}
        failed = NodeFailed(message, code="answer.invalid", kind="human", details=details)
        return Append(_failed(writer, scope, planned, node, failed))
    except NodeFailed as error:
        return Append(_failed(writer, scope, planned, node, error))
    return Append(
        writer.node(e.NodeRunSucceeded, scope, planned.id, node.attempt, outputs=outputs, port=port)
    )


def _decide_extracted(
    plan: Plan, state: RunState, writer: Writer, scope: str, planned: PlanNode, node: NodeState
) -> Append:
    """All that was asked for is there, or it is asked for again, or that was often enough."""
    missing = list(node.outputs.get("missing", ()))
    waiting, answer = node.waiting, node.answer
    asked = waiting.follow_ups if waiting else 0
    fields = dict(node.outputs.get("fields", {}))
    said = answer.feedback if answer else ""
    outputs = {"answer": said, "option_id": "", "output": said, "fields": fields}
    outputs |= {"missing": missing, **fields}
    if not missing:
        port = DEFAULT if DEFAULT in planned.ports else OUT
        return Append(_succeeded(writer, scope, planned, node, outputs, port))
    if waiting is not None and asked < planned.config["extract"].get("max_follow_ups", 3):
        again = Ready(plan, state, scope, planned, node, lookup_in_scope(plan, state, scope))
        try:
            return Append(_follow_up(writer, again, waiting, missing))
        except RunfoldError as error:
            failed = NodeFailed(error.message, code=error.code, kind=error.kind)
            return Append(_failed(writer, scope, planned, node, failed))
    if INCOMPLETE in planned.targets:
        return Append(_succeeded(writer, scope, planned, node, outputs, INCOMPLETE))
    address = address_of(scope, planned.id)
    message = (
        f"node {address!r} has asked {asked + 1} times and still lacks {', '.join(missing)}; "
        f"add an edge with port {INCOMPLETE!r} to go on from here"
    )
    details = {"node": planned.id, "scope": scope, "missing": missing, "fields": fields}
    failed = NodeFailed(message, code="question.incomplete", kind="human", details=details)
    return Append(_failed(writer, scope, planned, node, failed))


def _follow_up(
    writer: Writer, here: Ready, before: e.NodeRunWaiting, missing: list[str]
) -> e.NodeRunWaiting:
    """The wait for what is still missing, in words only, as a new attempt."""
    described = render(here.planned.config["extract"]["fields"], here.lookup)
    listed = ", ".join(_described(name, described.get(name)) for name in missing)
    attempt = here.node.attempt + 1
    next_node = NodeState(status="waiting", attempt=attempt)
    asking = Ready(here.plan, here.state, here.scope, here.planned, next_node, here.lookup)
    return writer.node(
        e.NodeRunWaiting,
        here.scope,
        here.planned.id,
        attempt,
        waiting_for="human",
        token=token_of(asking),
        due=due_of(asking),
        message=f"{before.message.split(_STILL)[0]}{_STILL}{listed}",
        assignee=before.assignee,
        actions=[ANSWERED],
        allow_text=True,
        extracts=True,
        follow_ups=before.follow_ups + 1,
        missing=missing,
    )


_STILL = "\nStill needed: "


def _described(name: str, field: object) -> str:
    description = field.get("description", "") if isinstance(field, dict) else ""
    return f"{name} ({description})" if description else name


def _concluded(planned: PlanNode, waiting: e.NodeRunWaiting, reply: Reply) -> tuple[Fields, str]:
    """Outputs and port of a node that was answered."""
    match planned.type:
        case "question":
            return _chosen(planned, waiting, reply)
        case "input":
            outputs = {"output": reply.values, "values": reply.values, **reply.values}
            return outputs, OUT
        case _:
            return _reviewed(planned, reply.action, reply.feedback, reply.values)


def _chosen(planned: PlanNode, waiting: e.NodeRunWaiting, reply: Reply) -> tuple[Fields, str]:
    for option in waiting.options:
        if option.id == reply.action:
            outputs = {"answer": option.text, "option_id": option.id, "output": option.text}
            return outputs, SELECTED if SELECTED in planned.ports else option.id
    said = reply.feedback
    outputs = {"answer": said, "option_id": "", "output": said}
    return outputs, DEFAULT if DEFAULT in planned.ports else OUT


def _timed_out(planned: PlanNode, waiting: e.NodeRunWaiting) -> tuple[Fields, str]:
    match planned.type:
        case "human_review":
            return _reviewed(planned, TIMEOUT, "", {})
        case _:
            _expect_edge(planned, TIMEOUT, "")
            empty = {"answer": "", "option_id": ""} if planned.type == "question" else {}
            return {"output": None, **empty, "due": waiting.due}, TIMEOUT


def _reviewed(planned: PlanNode, action: str, feedback: str, values: Fields) -> tuple[Fields, str]:
    if action != APPROVED:
        _expect_edge(planned, action, feedback)
    outputs: Fields = {
        "status": action,
        "action": action,
        "feedback": feedback,
        "values": values,
        "output": values or feedback or action,
    }
    return outputs, action


def _expect_edge(planned: PlanNode, action: str, feedback: str) -> None:
    """What goes on nowhere is a failure.

    Raises:
        NodeFailed: `human.rejected`, `human.timeout`.
    """
    if action in planned.targets:
        return
    what = {"rejected": "was rejected", TIMEOUT: "was not answered in time"}
    if planned.type == "wait":
        what[TIMEOUT] = "waited for an event that did not come in time"
    said = f": {feedback}" if feedback else ""
    message = (
        f"node {planned.id!r} {what.get(action, f'was answered {action!r}')}{said}; "
        f"add an edge with port {action!r} to go on from here"
    )
    details = {"node": planned.id}
    if planned.type == "wait":
        raise NodeFailed(message, code="wait.timeout", kind="timeout", details=details)
    raise NodeFailed(message, code=f"human.{action}", kind="human", details=details)


def _succeeded(
    writer: Writer, scope: str, planned: PlanNode, node: NodeState, outputs: Fields, port: str
) -> e.NodeRunSucceeded:
    return writer.node(
        e.NodeRunSucceeded, scope, planned.id, node.attempt, outputs=outputs, port=port
    )


def _failed(
    writer: Writer, scope: str, planned: PlanNode, node: NodeState, error: NodeFailed
) -> e.NodeRunFailed:
    return writer.node(e.NodeRunFailed, scope, planned.id, node.attempt, error=error.failure())
