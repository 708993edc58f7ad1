"""The kinds that wait, for a person or for a time: how a wait begins, and what ends it."""

from __future__ import annotations

from runfold.contracts import events as e
from runfold.engine.ready import Fields, Ready, rendered_object, rendered_text
from runfold.engine.state import NodeState
from runfold.engine.writer import Writer
from runfold.errors import NodeFailed
from runfold.graph.durations import parse_duration, parse_instant
from runfold.graph.plan import PlanNode
from runfold.ids import address_of, review_token
from runfold.values.templates import render


def human_review(here: Ready) -> Fields:
    """A person is asked to approve."""
    config, planned = here.planned.config, here.planned
    timeout = config.get("timeout", planned.timeout)
    seconds = None if timeout is None else parse_duration(render(timeout, here.lookup))
    address = address_of(here.scope, planned.id)
    return {
        "waiting_for": "human",
        "token": review_token(here.state.run_id, address, here.node.attempt),
        "due": None if seconds is None else here.state.now + seconds,
        "message": rendered_text(here, "message"),
        "content": render(config.get("review_content"), here.lookup),
        "form": rendered_object(here, "form", config.get("form") or {}),
        "assignee": rendered_text(here, "assignee"),
    }


def wait(here: Ready) -> Fields:
    """A time is waited for."""
    config = here.planned.config
    if "until" in config:
        due = parse_instant(render(config["until"], here.lookup))
    else:
        due = here.state.now + parse_duration(render(config.get("duration", 0), here.lookup))
    return {"waiting_for": "timer", "due": due}


def decide_answered(
    writer: Writer, scope: str, planned: PlanNode, node: NodeState
) -> e.NodeRunSucceeded | e.NodeRunFailed:
    """What a person's answer, or the time that came, makes of the node that waited."""
    if planned.type == "wait":
        outputs: Fields = {"output": None, "due": node.waiting.due if node.waiting else None}
        return writer.node(e.NodeRunSucceeded, scope, planned.id, node.attempt, outputs=outputs)
    answer = node.answer
    action = "timeout" if answer is None else answer.action
    outputs = {
        "status": action,
        "action": action,
        "feedback": answer.feedback if answer else "",
        "values": answer.values if answer else {},
    }
    outputs["output"] = outputs["values"] or outputs["feedback"] or action
    if action != "approved" and action not in planned.targets:
        error = _unhandled(planned.id, action, outputs["feedback"])
        return writer.node(e.NodeRunFailed, scope, planned.id, node.attempt, error=error.failure())
    return writer.node(
        e.NodeRunSucceeded, scope, planned.id, node.attempt, outputs=outputs, port=action
    )


def _unhandled(node_id: str, action: str, feedback: str) -> NodeFailed:
    what = {"rejected": "was rejected", "timeout": "was not answered in time"}
    said = f": {feedback}" if feedback else ""
    message = (
        f"node {node_id!r} {what.get(action, f'was answered {action!r}')}{said}; "
        f"add an edge with port {action!r} to go on from here"
    )
    return NodeFailed(message, code=f"human.{action}", kind="human", details={"node": node_id})
