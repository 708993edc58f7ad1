"""Which node an answer is for, and what of it counts: a node that waits, or a state machine."""

from __future__ import annotations

from typing import NamedTuple

from runfold.contracts.requests import AnswerRequest
from runfold.engine.accept.replies import Reply, checked_reply, open_wait
from runfold.engine.accept.state_machines import check_event, machine_with
from runfold.engine.state.runs import RunState
from runfold.graph.plan.plan import Plan
from runfold.ids import split_address


class Accepted(NamedTuple):
    """An answer as it counts, and the attempt it is for."""

    scope: str
    node_id: str
    attempt: int
    reply: Reply


def accepted(plan: Plan, state: RunState, request: AnswerRequest) -> Accepted:
    """Check an answer against the run as it is.

    Raises:
        NotFound: Nothing in the run ever had the token.
        Conflict: The node no longer waits, or the machine's state does not take the event.
        InvalidRequest: What is answered was not offered, or does not fit what is asked for.
    """
    address = machine_with(state, request.token)
    if address is None:
        waiting = open_wait(state, request.token)
        reply = checked_reply(waiting, request.action, request.values, request.feedback)
        return Accepted(waiting.scope, waiting.node_id, waiting.attempt, reply)
    check_event(plan, state, address, request.action)
    reply = Reply(request.action, request.values, request.feedback)
    return Accepted(*split_address(address), state.nodes[address].attempt, reply)
