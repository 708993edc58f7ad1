"""Validates a reply against the open wait.

The gateway, the client and the scheduler's intake refuse a reply that does not fit. A reply that
came into the log in some other way fails its node, with the same message.
"""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.contracts.events import InputReceived, NodeRunWaiting
from runfold.engine.evolve.compensation import counts
from runfold.engine.state.nodes import NodeState
from runfold.engine.state.runs import RunState
from runfold.errors import Conflict, InvalidRequest, NotFound, RunfoldError
from runfold.graph.forms import defaults_of
from runfold.graph.kinds.asking import ANSWERED
from runfold.graph.kinds.human_review import APPROVED, REJECTED
from runfold.ids import address_of, review_token
from runfold.values.json_schema import mismatches
from runfold.values.json_text import text_of

_SHOWN = 5
"""Most problems listed in a message; its details have all."""
_EXCERPT = 200
"""Most characters of a reply that a message shows."""


class Reply(msgspec.Struct, frozen=True):
    """A reply that fits."""

    action: str
    values: dict[str, Any]
    feedback: str


def open_wait(state: RunState, token: str) -> NodeRunWaiting:
    """The open wait that has a token.

    Raises:
        Conflict: `review.closed`, when the wait is over.
        InvalidRequest: `review.action`, when it is a wait for an event.
        NotFound: `review.not_found`, when no node of the run ever had the token.
    """
    for address, node in state.nodes.items():
        waiting = node.waiting
        if waiting is None or waiting.token != token:
            if not _had(state, address, node, token):
                continue
        elif waiting.waiting_for != "human":
            message = f"node {address!r} waits for an event, not for an answer: send a signal"
            raise InvalidRequest(message, code="review.action", details={"node": address})
        elif _may_answer(state, address, node):
            return waiting
        raise _closed(state, address, node)
    message = f"nothing in run {state.run_id!r} waits with the token {token!r}"
    raise NotFound(message, code="review.not_found")


def _may_answer(state: RunState, address: str, node: NodeState) -> bool:
    """Whether an answer still leads to something: past its deadline, a paused run only ends."""
    is_over = state.ended or (state.deadline_passed and state.saga is None)
    return node.status == "waiting" and not is_over and counts(state, address)


def _had(state: RunState, address: str, node: NodeState, token: str) -> bool:
    """Whether the token was that of an attempt of the node."""
    attempts = range(1, node.attempt + 1)
    return any(review_token(state.run_id, address, attempt) == token for attempt in attempts)


def _closed(state: RunState, address: str, node: NodeState) -> Conflict:
    over = f"it is {node.status}"
    if state.ended:
        over = f"run {state.run_id!r} is {state.status}"
    elif state.deadline_passed and state.saga is None:
        over = f"the deadline of run {state.run_id!r} has passed"
    message = f"node {address!r} takes no answer by this token any more: {over}"
    details = {"node": address, "run_status": state.status}
    return Conflict(message, code="review.closed", details=details)


def offered(waiting: NodeRunWaiting) -> list[str]:
    """The actions that a reply to a waiting node may take."""
    return waiting.actions or [APPROVED, REJECTED]


def checked_reply(
    waiting: NodeRunWaiting, action: str, values: dict[str, Any], feedback: str
) -> Reply:
    """A reply to a waiting node, completed by what can be inferred.

    Text that equals an option's id or text chooses that option. Without an action, the reply takes
    the only one that is offered, or answers in words.

    Raises:
        InvalidRequest: `review.action` for an action that is not offered, naming those that are;
            `review.values` for values that do not fit, with every problem; `review.text` when words
            are asked for and there are none.
    """
    action = _chosen(waiting, action, feedback)
    if action not in offered(waiting):
        raise _not_offered(waiting, action or feedback)
    if action == ANSWERED and waiting.allow_text and not feedback.strip():
        message = f"{_where(waiting)} asks for an answer in words, and there are none"
        raise InvalidRequest(message, code="review.text", details=_details(waiting))
    return Reply(action, _checked_values(waiting, action, values), feedback)


def _chosen(waiting: NodeRunWaiting, action: str, feedback: str) -> str:
    actions = offered(waiting)
    if action in actions and (action != ANSWERED or not waiting.options):
        return action
    text = _plain(feedback if action in ("", ANSWERED) else action)
    for option in waiting.options:
        if text in (_plain(option.id), _plain(option.text)):
            return option.id
    # Text that names none of the options does not answer a question that has only options.
    is_only = len(actions) == 1 and not (waiting.options and text)
    if action == "" and (is_only or (waiting.options and ANSWERED in actions)):
        return ANSWERED if ANSWERED in actions else actions[0]
    return action


def _plain(text: str) -> str:
    return text.strip().casefold()


def _not_offered(waiting: NodeRunWaiting, text: str) -> InvalidRequest:
    if waiting.options:
        listed = ", ".join(
            option.id if option.text == option.id else f"{option.id} ({option.text})"
            for option in waiting.options
        )
        what = "option"
    else:
        listed, what = ", ".join(offered(waiting)), "action"
    message = f"{what} {text[:_EXCERPT]!r} is not offered at {_where(waiting)}: {listed}"
    details = _details(waiting) | {"offered": offered(waiting), "value": text[:_EXCERPT]}
    return InvalidRequest(message, code="review.action", details=details)


def _checked_values(waiting: NodeRunWaiting, action: str, values: dict[str, Any]) -> dict[str, Any]:
    schema = waiting.answer_schema
    if not schema:
        return values
    if action == REJECTED:
        # A rejection need not fill in the form, but values that it has must fit.
        schema = {name: part for name, part in schema.items() if name != "required"}
    filled = values if action == REJECTED else {**defaults_of(schema), **values}
    try:
        found = mismatches(filled, schema)
    except RunfoldError as error:
        message = f"{_where(waiting)}: {error.message}"
        raise InvalidRequest(message, code="review.values", details=_details(waiting)) from error
    if not found:
        return filled
    listed = "; ".join(f"{one.path}: {one.message}" for one in found[:_SHOWN])
    message = f"the values do not fit what {_where(waiting)} asks for: {listed}"
    details = _details(waiting) | {"errors": msgspec.to_builtins(found)}
    raise InvalidRequest(message, code="review.values", details=details)


def _where(waiting: NodeRunWaiting) -> str:
    return f"node {address_of(waiting.scope, waiting.node_id)!r}"


def _details(waiting: NodeRunWaiting) -> dict[str, Any]:
    return {"node": address_of(waiting.scope, waiting.node_id), "scope": waiting.scope}


def shown_reply(reply: InputReceived) -> str:
    """A reply as a message shows it, cut short."""
    parts = {"action": reply.action, "values": reply.values, "feedback": reply.feedback}
    return text_of({name: value for name, value in parts.items() if value})[:_EXCERPT]
